#include "emulator/fault_plan.h"

#include <optional>

#include "base/text.h"
#include "emulator/request_shape.h"
#include "yaml/reader.h"
#include "yaml/yaml.h"

namespace emulator {

namespace {

struct KindName {
  FaultKind kind;
  std::string_view name;
};

constexpr KindName kKindNames[] = {{FaultKind::kLoseFleet, "lose_fleet"},
                                   {FaultKind::kFailStep, "fail_step"},
                                   {FaultKind::kHangStep, "hang_step"},
                                   {FaultKind::kFailBootstrap, "fail_bootstrap"},
                                   {FaultKind::kFailProvisioning, "fail_provisioning"},
                                   {FaultKind::kHangProvisioning, "hang_provisioning"},
                                   {FaultKind::kListLag, "list_lag"},
                                   {FaultKind::kPurge, "purge"},
                                   {FaultKind::kThrottle, "throttle"},
                                   {FaultKind::kHttp500, "http_500"},
                                   {FaultKind::kDropReply, "drop_reply"},
                                   {FaultKind::kDelayReply, "delay_reply"},
                                   {FaultKind::kAcceptLate, "accept_late"},
                                   {FaultKind::kIgnore, "ignore"},
                                   {FaultKind::kDeny, "deny"}};

template <typename T>
struct Choice {
  std::string_view name;
  T value;
};

constexpr Choice<Fault::Phase> kPhases[] = {{"STARTING", Fault::Phase::kStarting},
                                            {"BOOTSTRAPPING", Fault::Phase::kBootstrapping},
                                            {"RUNNING", Fault::Phase::kRunning},
                                            {"WAITING", Fault::Phase::kWaiting}};
constexpr Choice<FleetType> kFleets[] = {
    {"MASTER", FleetType::kMaster}, {"CORE", FleetType::kCore}, {"TASK", FleetType::kTask}};
constexpr Choice<Fault::Outcome> kOutcomes[] = {{"RUNNING", Fault::Outcome::kRunning},
                                                {"WAITING", Fault::Outcome::kWaiting},
                                                {"DIES", Fault::Outcome::kDies}};

// The value among `choices` that the key names; `otherwise` where the key is absent or wrong.
template <typename T, size_t N>
T ReadChoice(yaml::MapReader& reader,
             std::string_view key,
             const Choice<T> (&choices)[N],
             T otherwise) {
  std::optional<std::string> text = reader.Optional<std::string>(key);
  if (!text)
    return otherwise;
  std::vector<std::string> names;
  for (const Choice<T>& choice : choices) {
    if (choice.name == *text)
      return choice.value;
    names.emplace_back(choice.name);
  }
  reader.Error(
      key, base::Cat("'", key, "' is '", *text, "'; expected one of ", base::Join(names, ", ")));
  return otherwise;
}

std::optional<FaultKind> ReadKind(yaml::MapReader& reader) {
  std::optional<std::string> text = reader.Required<std::string>("do");
  if (!text)
    return std::nullopt;
  std::vector<std::string> names;
  for (const KindName& known : kKindNames) {
    if (known.name == *text)
      return known.kind;
    names.emplace_back(known.name);
  }
  std::optional<std::string> meant = base::DidYouMean(*text, names);
  reader.Error("do",
               base::Cat("unknown fault '",
                         *text,
                         "'",
                         meant ? base::Cat("; did you mean '", *meant, "'?")
                               : base::Cat("; expected one of ", base::Join(names, ", "))));
  return std::nullopt;
}

int64_t ReadOrdinal(yaml::MapReader& reader, std::string_view key, int64_t otherwise) {
  std::optional<int64_t> value = reader.Optional<int64_t>(key);
  if (value && *value < 1)
    reader.Error(key, base::Cat("'", key, "' is ", *value, "; expected a number from 1 up"));
  return value.value_or(otherwise);
}

std::optional<base::Time> ReadTime(yaml::MapReader& reader, std::string_view key) {
  const auto text = reader.Optional<std::string>(key);
  const auto time = text ? base::ParseTime(*text) : base::Result<base::Time>(base::Time());
  if (!time)
    reader.Error(key, base::Cat("'", key, "': ", time.error().message));
  return text && time ? std::optional(*time) : std::nullopt;
}

void ReadAction(yaml::MapReader& reader, Fault* fault) {
  fault->action = reader.Required<std::string>("action").value_or("");
  if (!fault->action.empty() && !IsOperation(fault->action))
    reader.Error(
        "action",
        base::Cat("'", fault->action, "' is no operation of the emulator, e.g. RunJobFlow"));
}

// The keys that only faults of this kind have.
void ReadDetails(yaml::MapReader& reader, Fault* fault) {
  switch (fault->kind) {
    case FaultKind::kLoseFleet:
      fault->on = ReadChoice(reader, "on", kPhases, fault->on);
      fault->after = reader.Optional<base::Duration>("after").value_or(fault->after);
      fault->fleet = ReadChoice(reader, "fleet", kFleets, fault->fleet);
      fault->outcome = ReadChoice(reader, "cluster", kOutcomes, fault->outcome);
      fault->instances = ReadOrdinal(reader, "instances", fault->instances);
      fault->replace = reader.Optional<bool>("replace").value_or(fault->replace);
      return;
    case FaultKind::kFailStep:
    case FaultKind::kHangStep:
      fault->step = ReadOrdinal(reader, "step", 1);
      return;
    case FaultKind::kHttp500:
      fault->executed = reader.Optional<bool>("executed").value_or(false);
      return;
    case FaultKind::kDropReply:
      fault->span = reader.Optional<base::Duration>("for").value_or(fault->span);
      return;
    case FaultKind::kDelayReply:
    case FaultKind::kAcceptLate:
    case FaultKind::kListLag:
    case FaultKind::kPurge:
      fault->span = reader.Required<base::Duration>("for").value_or(fault->span);
      return;
    case FaultKind::kFailProvisioning:
      fault->code = reader.Optional<std::string>("reason").value_or("");
      fault->message = reader.Optional<std::string>("message").value_or("");
      return;
    case FaultKind::kFailBootstrap:
    case FaultKind::kHangProvisioning:
    case FaultKind::kThrottle:
    case FaultKind::kIgnore:
    case FaultKind::kDeny:
      return;
  }
}

std::optional<Fault> ReadFault(const yaml::Node& node, yaml::Diagnostics* diagnostics) {
  yaml::MapReader reader(node, "this fault", diagnostics);
  if (!reader.is_map())
    return std::nullopt;
  std::optional<FaultKind> kind = ReadKind(reader);
  if (!kind)
    return std::nullopt;  // which keys belong here is not known
  Fault fault{.kind = *kind};
  if (fault.OnCall())
    ReadAction(reader, &fault);
  fault.name = reader.Optional<std::string>("name").value_or("*");
  fault.nth = ReadOrdinal(reader, "nth", 0);
  fault.count = ReadOrdinal(reader, "count", 1);
  if (fault.nth == 0 && node.Find("count") != nullptr)
    fault.nth = 1;
  fault.from = ReadTime(reader, "from");
  fault.until = ReadTime(reader, "until");
  ReadDetails(reader, &fault);
  reader.Finish();
  return fault;
}

Timing ReadTiming(const yaml::Node& node, yaml::Diagnostics* diagnostics) {
  Timing timing;
  yaml::MapReader reader(node, "'timing'", diagnostics);
  timing.provisioning =
      reader.Optional<base::Duration>("provisioning").value_or(timing.provisioning);
  timing.bootstrap = reader.Optional<base::Duration>("bootstrap").value_or(timing.bootstrap);
  timing.step = reader.Optional<base::Duration>("step").value_or(timing.step);
  timing.shutdown = reader.Optional<base::Duration>("shutdown").value_or(timing.shutdown);
  timing.replacement = reader.Optional<base::Duration>("replacement").value_or(timing.replacement);
  timing.jitter = reader.Optional<double>("jitter").value_or(timing.jitter);
  if (timing.jitter < 0 || timing.jitter > 1)
    reader.Error("jitter", "'jitter' must lie between 0 and 1");
  if (const yaml::Node* steps = reader.Take("steps")) {
    if (!steps->is_map())
      reader.Error("steps", "'steps' must be a map from globs over names to spans");
    for (const yaml::Member& member : steps->members()) {
      auto span =
          yaml::Read<base::Duration>(member.value, base::Cat("'", member.key, "'"), diagnostics);
      timing.steps.emplace_back(member.key, span.value_or(base::Duration(0)));
    }
  }
  reader.Finish();
  return timing;
}

FaultPlan ReadPlan(const yaml::Node& root, yaml::Diagnostics* diagnostics) {
  FaultPlan plan;
  yaml::MapReader reader(root, "a faults file", diagnostics);
  constexpr Choice<bool> kSwitch[] = {{"on", true}, {"off", false}};
  plan.quotas = ReadChoice(reader, "quotas", kSwitch, true);
  if (const yaml::Node* timing = reader.Take("timing"))
    plan.timing = ReadTiming(*timing, diagnostics);
  for (const yaml::Node& node :
       reader.Optional<std::vector<yaml::Node>>("faults").value_or(std::vector<yaml::Node>{}))
    if (std::optional<Fault> fault = ReadFault(node, diagnostics))
      plan.faults.push_back(std::move(*fault));
  reader.Finish();
  return plan;
}

}  // namespace

std::string_view Text(FaultKind kind) {
  for (const KindName& known : kKindNames)
    if (known.kind == kind)
      return known.name;
  return "";
}

base::Result<FaultPlan> ParseFaultPlan(std::string_view text, std::string_view file) {
  yaml::Parsed parsed = yaml::Parse(std::string(file), text);
  yaml::Diagnostics diagnostics{std::string(file)};
  FaultPlan plan;
  bool empty = parsed.root && parsed.root->kind() == yaml::Kind::kNull;  // no faults: as good
  if (parsed.root && !empty)
    plan = ReadPlan(*parsed.root, &diagnostics);
  std::vector<yaml::Diagnostic> all = std::move(parsed.diagnostics);
  for (yaml::Diagnostic& diagnostic : diagnostics.Take())
    all.push_back(std::move(diagnostic));
  if (all.empty())
    return plan;
  std::vector<std::string> lines;
  for (const yaml::Diagnostic& diagnostic : all)
    lines.push_back(diagnostic.ToString());
  return base::Fail(base::ErrorCode::kInvalidArgument, base::Join(lines, "\n"));
}

}  // namespace emulator
