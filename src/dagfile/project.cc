#include "dagfile/project.h"

#include <algorithm>
#include <array>
#include <variant>

#include "base/text.h"
#include "dagfile/ids.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

// A key with one value, and where it goes.
using TextSlot = std::string& (*)(Project&);
using DurationSlot = base::Duration& (*)(Project&);
using SwitchSlot = bool& (*)(Project&);
struct CountSlot {
  int& (*slot)(Project&);
  int min;
  int max;
};
enum class Bound { kFromOne, kPositive, kFraction };  // ≥ 1, > 0, 0 < x ≤ 1
struct NumberSlot {
  double& (*slot)(Project&);
  Bound bound;
};
struct ScalarKey {
  std::string_view section;
  std::string_view key;
  std::variant<TextSlot, DurationSlot, SwitchSlot, CountSlot, NumberSlot> slot;
};

constexpr std::string_view kBudget = "emr.budget";

constexpr std::array kScalars = {
    ScalarKey{"", "deployment", [](Project& p) -> auto& { return p.deployment; }},
    ScalarKey{"", "database", [](Project& p) -> auto& { return p.database; }},
    ScalarKey{"emr", "region", [](Project& p) -> auto& { return p.region; }},
    ScalarKey{"emr", "endpoint", [](Project& p) -> auto& { return p.emr_endpoint; }},
    ScalarKey{"emr", "profile", [](Project& p) -> auto& { return p.emr_profile; }},
    ScalarKey{"emr", "poll_interval", [](Project& p) -> auto& { return p.poll_interval; }},
    ScalarKey{"emr", "launch_settle", [](Project& p) -> auto& { return p.launch_settle; }},
    ScalarKey{"emr", "list_lag_max", [](Project& p) -> auto& { return p.list_lag_max; }},
    ScalarKey{"emr", "fleet_grace", [](Project& p) -> auto& { return p.fleet_grace; }},
    ScalarKey{"emr", "fleet_interval", [](Project& p) -> auto& { return p.fleet_interval; }},
    ScalarKey{"emr", "idle_timeout", [](Project& p) -> auto& { return p.idle_timeout; }},
    ScalarKey{"emr",
              "overdue_factor",
              NumberSlot{[](Project& p) -> auto& { return p.overdue_factor; }, Bound::kFromOne}},
    ScalarKey{kBudget,
              "share",
              NumberSlot{[](Project& p) -> auto& { return p.budget_share; }, Bound::kFraction}},
    ScalarKey{"reaper", "armed", [](Project& p) -> auto& { return p.reaper.armed; }},
    ScalarKey{"reaper", "grace", [](Project& p) -> auto& { return p.reaper.grace; }},
    ScalarKey{"reaper", "interval", [](Project& p) -> auto& { return p.reaper.interval; }},
    ScalarKey{"reaper",
              "max_per_pass",
              CountSlot{[](Project& p) -> auto& { return p.reaper.max_per_pass; }, 1, 1000}},
    ScalarKey{"reaper",
              "max_ratio",
              NumberSlot{[](Project& p) -> auto& { return p.reaper.max_ratio; }, Bound::kFraction}},
};

// Whose quota a budget may name: what Signalbox calls, and the account's sum.
constexpr std::array kBudgetNames = {"account",
                                     "RunJobFlow",
                                     "TerminateJobFlows",
                                     "SetTerminationProtection",
                                     "DescribeCluster",
                                     "ListClusters",
                                     "ListInstanceFleets",
                                     "ListInstanceGroups",
                                     "ListSteps"};

// "'share': expected …" told at the value; nothing where it is out of bounds.
std::optional<double> ReadNumber(const yaml::Node& value,
                                 std::string_view key,
                                 Bound bound,
                                 yaml::Diagnostics* errors) {
  auto number = yaml::Read<double>(value, Cat("'", key, "'"), errors);
  if (!number)
    return std::nullopt;
  std::string_view wanted;
  switch (bound) {
    case Bound::kFromOne:
      wanted = *number >= 1 ? "" : "at least 1";
      break;
    case Bound::kPositive:
      wanted = *number > 0 ? "" : "more than 0";
      break;
    case Bound::kFraction:
      wanted = *number > 0 && *number <= 1 ? "" : "more than 0 and at most 1";
      break;
  }
  if (wanted.empty())
    return number;
  errors->Add(value.mark(), Cat("'", key, "' must be ", wanted, ", found ", value.raw()));
  return std::nullopt;
}

class ProjectReader {
 public:
  explicit ProjectReader(yaml::Diagnostics* warnings) : warnings_(*warnings) {}

  void ReadFile(const yaml::Node& root, yaml::Diagnostics* errors);
  // False if there is no such key.
  bool Set(std::string_view section,
           std::string_view key,
           const yaml::Node& value,
           yaml::Diagnostics* errors);
  bool has_deployment() const { return has_deployment_; }
  // What depends on several keys. Call it last.
  Project Finish();

 private:
  void ReadSection(yaml::MapReader& reader, std::string_view section, yaml::Diagnostics* errors);
  void SetScalar(const ScalarKey& key, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetText(const ScalarKey& key,
               TextSlot slot,
               const yaml::Node& value,
               yaml::Diagnostics* errors);
  void SetDuration(const ScalarKey& key,
                   DurationSlot slot,
                   const yaml::Node& value,
                   yaml::Diagnostics* errors);
  void SetCount(const ScalarKey& key,
                const CountSlot& slot,
                const yaml::Node& value,
                yaml::Diagnostics* errors);
  void SetBudget(const yaml::Node& value, yaml::Diagnostics* errors);
  void SetPool(std::string_view name, const yaml::Node& value, yaml::Diagnostics* errors);

  Project project_;
  bool has_deployment_ = false;  // or a mistake in it has been told
  std::optional<yaml::Mark> grace_mark_;
  yaml::Diagnostics& warnings_;
};

void ProjectReader::SetScalar(const ScalarKey& key,
                              const yaml::Node& value,
                              yaml::Diagnostics* errors) {
  if (const auto* text = std::get_if<TextSlot>(&key.slot)) {
    SetText(key, *text, value, errors);
  } else if (const auto* duration = std::get_if<DurationSlot>(&key.slot)) {
    SetDuration(key, *duration, value, errors);
  } else if (const auto* count = std::get_if<CountSlot>(&key.slot)) {
    SetCount(key, *count, value, errors);
  } else if (const auto* number = std::get_if<NumberSlot>(&key.slot)) {
    if (auto read = ReadNumber(value, key.key, number->bound, errors))
      number->slot(project_) = *read;
  } else if (auto on = yaml::Read<bool>(value, Cat("'", key.key, "'"), errors)) {
    std::get<SwitchSlot>(key.slot)(project_) = *on;
  }
}

void ProjectReader::SetText(const ScalarKey& key,
                            TextSlot slot,
                            const yaml::Node& value,
                            yaml::Diagnostics* errors) {
  bool is_deployment = key.key == "deployment";
  has_deployment_ = has_deployment_ || is_deployment;
  auto text = yaml::Read<std::string>(value, Cat("'", key.key, "'"), errors);
  if (!text)
    return;
  if (is_deployment && !IsDeploymentId(*text))
    errors->Add(value.mark(),
                Cat("the deployment '", *text, "' is not 2 to 20 lower-case letters and digits"));
  slot(project_) = std::move(*text);
}

void ProjectReader::SetDuration(const ScalarKey& key,
                                DurationSlot slot,
                                const yaml::Node& value,
                                yaml::Diagnostics* errors) {
  auto duration = yaml::Read<base::Duration>(value, Cat("'", key.key, "'"), errors);
  if (!duration)
    return;
  if (*duration <= base::Duration(0))
    errors->Add(value.mark(), Cat("'", key.key, "' must be more than 0s"));
  Project fresh;
  bool bounds_launches = key.key == "launch_settle" || key.key == "list_lag_max";
  if (bounds_launches && *duration < slot(fresh))
    warnings_.Add(value.mark(),
                  Cat("'",
                      key.key,
                      "' is below ",
                      base::FormatDuration(slot(fresh)),
                      ": a launch that AWS accepts or lists later than this would run twice"));
  if (key.section == "reaper" && key.key == "grace")
    grace_mark_ = value.mark();
  slot(project_) = *duration;
}

void ProjectReader::SetCount(const ScalarKey& key,
                             const CountSlot& slot,
                             const yaml::Node& value,
                             yaml::Diagnostics* errors) {
  auto count = yaml::Read<int64_t>(value, Cat("'", key.key, "'"), errors);
  if (!count)
    return;
  if (*count < slot.min || *count > slot.max)
    errors->Add(
        value.mark(),
        Cat("'", key.key, "' must be from ", slot.min, " to ", slot.max, ", found ", *count));
  else
    slot.slot(project_) = static_cast<int>(*count);
}

void ProjectReader::SetBudget(const yaml::Node& value, yaml::Diagnostics* errors) {
  yaml::MapReader reader(value, "'budget'", errors);
  ReadSection(reader, kBudget, errors);
  for (const char* name : kBudgetNames) {
    const yaml::Node* node = reader.Take(name);
    if (node == nullptr)
      continue;
    yaml::MapReader quota(*node, Cat("the budget of ", name), errors);
    auto number = [&](std::string_view key) {
      auto read = quota.Required<yaml::Node>(key);
      return read ? ReadNumber(*read, key, Bound::kPositive, errors) : std::nullopt;
    };
    auto burst = number("burst");
    auto per_second = number("per_second");
    quota.Finish();
    if (burst && per_second)
      project_.budget[name] = {*burst, *per_second};
  }
  reader.Finish();
}

void ProjectReader::SetPool(std::string_view name,
                            const yaml::Node& value,
                            yaml::Diagnostics* errors) {
  model::PoolRow pool{.id = model::PoolId(std::string(name)), .slots = 0, .description = ""};
  std::optional<int64_t> slots;
  yaml::Mark mark = value.mark();
  if (value.is_map()) {
    yaml::MapReader reader(value, Cat("the pool '", name, "'"), errors);
    slots = reader.Required<int64_t>("slots");
    mark = reader.MarkOf("slots");
    pool.description = reader.Optional<std::string>("description").value_or("");
    reader.Later({"include_deferred"});
    reader.Finish();
  } else {
    slots = yaml::Read<int64_t>(value, Cat("the pool '", name, "'"), errors);
  }
  if (slots && (*slots < 0 || *slots > 1'000'000))
    errors->Add(mark, Cat("a pool has 0 to 1000000 slots, found ", *slots));
  pool.slots = static_cast<int>(slots.value_or(0));
  std::erase_if(project_.pools, [&](const model::PoolRow& other) { return other.id == pool.id; });
  project_.pools.push_back(std::move(pool));
}

bool ProjectReader::Set(std::string_view section,
                        std::string_view key,
                        const yaml::Node& value,
                        yaml::Diagnostics* errors) {
  if (section == "pools") {
    SetPool(key, value, errors);
    return true;
  }
  if (section == "emr" && key == "budget") {
    SetBudget(value, errors);
    return true;
  }
  for (const ScalarKey& each : kScalars)
    if (each.section == section && each.key == key) {
      SetScalar(each, value, errors);
      return true;
    }
  return false;
}

void ProjectReader::ReadSection(yaml::MapReader& reader,
                                std::string_view section,
                                yaml::Diagnostics* errors) {
  for (const ScalarKey& each : kScalars)
    if (each.section == section)
      if (const yaml::Node* value = reader.Take(each.key))
        SetScalar(each, *value, errors);
}

void ProjectReader::ReadFile(const yaml::Node& root, yaml::Diagnostics* errors) {
  yaml::MapReader top(root, "signalbox.yaml", errors);
  ReadSection(top, "", errors);
  if (const yaml::Node* emr = top.Take("emr")) {
    yaml::MapReader reader(*emr, "'emr'", errors);
    ReadSection(reader, "emr", errors);
    if (const yaml::Node* budget = reader.Take("budget"))
      SetBudget(*budget, errors);
    reader.Later({"quotas", "policy", "role_arn", "account"});
    reader.Finish();
  }
  if (const yaml::Node* reaper = top.Take("reaper")) {
    yaml::MapReader reader(*reaper, "'reaper'", errors);
    ReadSection(reader, "reaper", errors);
    reader.Finish();
  }
  if (const yaml::Node* pools = top.Take("pools")) {
    yaml::MapReader reader(*pools, "'pools'", errors);
    for (const yaml::Member& pool : pools->members())
      SetPool(pool.key, pool.value, errors);
  }
  top.Later({"sources",
             "state_sources",
             "budget",
             "budgets",
             "auth",
             "users",
             "notifications",
             "server",
             "api",
             "log",
             "limits",
             "calendars",
             "variables",
             "connections",
             "forwarder"});
  top.Finish();
}

Project ProjectReader::Finish() {
  base::Duration least = project_.launch_settle + project_.list_lag_max;
  base::Duration& grace = project_.reaper.grace;
  if (!grace_mark_)
    grace = std::max(grace, least);
  else if (grace < least)
    warnings_.Add(*grace_mark_,
                  Cat("'grace' is below ",
                      base::FormatDuration(least),
                      " (launch_settle and list_lag_max together): a cluster whose launch is still "
                      "being looked up could be taken for a stray"));
  return std::move(project_);
}

std::string VariableOf(const ScalarKey& key) {
  std::string section = base::ReplaceAll(key.section, ".", "__");
  return base::ToUpper(Cat("SIGNALBOX__", section, section.empty() ? "" : "__", key.key));
}

std::vector<std::string> AllVariables() {
  std::vector<std::string> names;
  for (const ScalarKey& each : kScalars)
    names.push_back(VariableOf(each));
  return names;
}

void ReadEnvironment(const Environment& environment,
                     ProjectReader& reader,
                     yaml::Diagnostics* errors) {
  constexpr std::string_view kPrefix = "SIGNALBOX__";
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(kPrefix))
      continue;
    std::string path = base::ToLower(std::string_view(name).substr(kPrefix.size()));
    if (path.starts_with("emr__budget__"))
      path.replace(0, std::string_view("emr__budget").size(), kBudget);
    size_t split = path.find("__");
    std::string section = split == std::string::npos ? "" : path.substr(0, split);
    std::string key = split == std::string::npos ? path : path.substr(split + 2);
    yaml::Parsed parsed = yaml::Parse(name, text);
    yaml::Diagnostics found(name);
    if (!parsed.diagnostics.empty() || !parsed.root) {
      errors->Add({}, Cat(name, ": '", text, "' cannot be read as a YAML value"));
      continue;
    }
    if (!reader.Set(section, key, *parsed.root, &found)) {
      auto near = base::DidYouMean(name, AllVariables());
      errors->Add(
          {}, Cat(name, " overrides no setting", near ? Cat("; did you mean ", *near, "?") : ""));
    }
    for (const yaml::Diagnostic& diagnostic : found.Take())
      errors->Add({}, Cat(name, ": ", diagnostic.message));
  }
}

}  // namespace

std::optional<Project> ReadProject(const yaml::Node& root,
                                   const Environment& environment,
                                   yaml::Diagnostics* errors,
                                   yaml::Diagnostics* environment_errors,
                                   yaml::Diagnostics* warnings) {
  ProjectReader reader(warnings);
  reader.ReadFile(root, errors);
  ReadEnvironment(environment, reader, environment_errors);
  if (root.is_map() && !reader.has_deployment())
    errors->Add(root.mark(),
                "signalbox.yaml needs the key 'deployment', a short name for this installation");
  Project project = reader.Finish();
  if (!errors->empty() || !environment_errors->empty())
    return std::nullopt;
  return project;
}

}  // namespace dagfile
