#include "dagfile/project.h"

#include <algorithm>
#include <set>
#include <variant>

#include "base/text.h"
#include "dagfile/capacity.h"
#include "dagfile/caps.h"
#include "dagfile/deadline_reader.h"
#include "dagfile/ids.h"
#include "dagfile/notifications.h"
#include "dagfile/notifiers.h"
#include "dagfile/oidc.h"
#include "dagfile/project_keys.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

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
    case Bound::kShare:
      wanted = *number >= 0 && *number <= 1 ? "" : "from 0 to 1";
      break;
  }
  if (wanted.empty())
    return number;
  errors->Add(value.mark(), Cat("'", key, "' must be ", wanted, ", found ", value.raw()));
  return std::nullopt;
}

bool IsVariableName(std::string_view text) {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return (text.empty() || !is_digit(text[0])) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c); });
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
  Project Finish(yaml::Diagnostics* errors);

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
  void SetPolicy(PolicySlot slot, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetList(const ScalarKey& key,
               const ListSlot& slot,
               const yaml::Node& value,
               yaml::Diagnostics* errors);
  void SetBudget(const yaml::Node& value, yaml::Diagnostics* errors);
  void ReadSources(const yaml::Node& value, yaml::Diagnostics* errors);
  void ReadOidc(const yaml::Node& value, yaml::Diagnostics* errors);
  void SetTableNames(const yaml::Node& value, yaml::Diagnostics* errors);
  void ReadTraces(const yaml::Node& value, yaml::Diagnostics* errors);
  void CheckSources(yaml::Mark mark, yaml::Diagnostics* errors) const;
  void SetPool(std::string_view name, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetJobLimits(const yaml::Node& list, yaml::Diagnostics* errors);
  void SetSharedDeadline(std::string_view name, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetNotifier(std::string_view name, const yaml::Node& value, yaml::Diagnostics* errors);

  Project project_;
  bool has_deployment_ = false;  // or a mistake in it has been told
  std::vector<NotifierUse> notifier_uses_;
  std::optional<yaml::Mark> grace_mark_;
  yaml::Mark sources_mark_, server_mark_, lineage_mark_, oidc_mark_;
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
  } else if (const auto* policy = std::get_if<PolicySlot>(&key.slot)) {
    SetPolicy(*policy, value, errors);
  } else if (const auto* list = std::get_if<ListSlot>(&key.slot)) {
    SetList(key, *list, value, errors);
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
  for (std::string_view name : BudgetNames()) {
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
      project_.budget[std::string(name)] = {*burst, *per_second};
  }
  reader.Finish();
}

void ProjectReader::SetPolicy(PolicySlot slot, const yaml::Node& value, yaml::Diagnostics* errors) {
  auto text = yaml::Read<std::string>(value, "'policy'", errors);
  if (!text)
    return;
  if (*text == "adaptive")
    slot(project_) = WatchPolicy::kAdaptive;
  else if (*text == "sampled")
    slot(project_) = WatchPolicy::kSampled;
  else
    errors->Add(value.mark(), Cat("'policy' is '", *text, "'; expected one of adaptive, sampled"));
}

void ProjectReader::SetList(const ScalarKey& key,
                            const ListSlot& slot,
                            const yaml::Node& value,
                            yaml::Diagnostics* errors) {
  const std::string name = Cat("'", key.key, "'");
  std::vector<std::string> texts;
  if (!value.is_sequence()) {
    auto one = yaml::Read<std::string>(value, name, errors);
    if (!one)
      return;
    texts.push_back(*std::move(one));
  } else if (auto all = yaml::Read<std::vector<std::string>>(value, name, errors)) {
    texts = *std::move(all);
  } else {
    return;
  }
  for (const std::string& text : texts) {
    if (const std::string mistake = slot.mistake(text); !mistake.empty())
      errors->Add(value.mark(), Cat(name, ": '", text, "' ", mistake));
  }
  slot.slot(project_) = std::move(texts);
}

void ProjectReader::ReadSources(const yaml::Node& value, yaml::Diagnostics* errors) {
  yaml::MapReader reader(value, "'sources'", errors);
  ReadSection(reader, kSources, errors);
  for (std::string_view name : {"dynamodb", "sqs", "webhook", "emr"}) {
    const yaml::Node* node = reader.Take(name);
    if (node == nullptr)
      continue;
    yaml::MapReader source(*node, Cat("'", name, "'"), errors);
    ReadSection(source, Cat(kSources, ".", name), errors);
    if (const yaml::Node* names = name == "dynamodb" ? source.Take("names") : nullptr)
      SetTableNames(*names, errors);
    source.Finish();
  }
  reader.Finish();
  sources_mark_ = value.mark();
}

void ProjectReader::ReadOidc(const yaml::Node& value, yaml::Diagnostics* errors) {
  yaml::MapReader reader(value, "'oidc'", errors);
  ReadSection(reader, kOidc, errors);
  if (const yaml::Node* roles = reader.Take("roles"))
    project_.server.oidc.roles = ReadGroupRules(*roles, errors);
  reader.Finish();
  oidc_mark_ = value.mark();
}

void ProjectReader::SetTableNames(const yaml::Node& value, yaml::Diagnostics* errors) {
  yaml::MapReader reader(value, "'names'", errors);
  // Every usual name is taken, for people who read the table by hand.
  std::set<std::string, std::less<>> taken(TableAttributes().begin(), TableAttributes().end());
  for (std::string_view attribute : TableAttributes()) {
    auto name = reader.Optional<std::string>(attribute);
    if (!name)
      continue;
    if (*name != attribute && (name->empty() || !taken.insert(*name).second))
      reader.Error(attribute,
                   Cat("'",
                       attribute,
                       "' cannot be called '",
                       *name,
                       "'",
                       name->empty() ? "" : ": another attribute is"));
    project_.sources.table_names[std::string(attribute)] = std::move(*name);
  }
  reader.Finish();
}

void ProjectReader::ReadTraces(const yaml::Node& value, yaml::Diagnostics* errors) {
  yaml::MapReader reader(value, "'traces'", errors);
  ReadSection(reader, "traces", errors);
  if (const yaml::Node* headers = reader.Take("headers")) {
    yaml::MapReader names(*headers, "'headers'", errors);
    for (const yaml::Member& header : headers->members()) {
      if (auto text = yaml::Read<std::string>(header.value, Cat("'", header.key, "'"), errors))
        project_.traces.headers[header.key] = *std::move(text);
    }
  }
  reader.Finish();
  CheckTraces(project_.traces, value.mark(), errors);
}

// What depends on several keys of `sources`.
void ProjectReader::CheckSources(yaml::Mark mark, yaml::Diagnostics* errors) const {
  const Sources& sources = project_.sources;
  if (!sources.queue_url.empty() && !base::ToLower(sources.queue_url).starts_with("http"))
    errors->Add(mark,
                "'queue_url' is no URL such as https://sqs.REGION.amazonaws.com/ACCOUNT/NAME");
  // Its value is not told: somebody may have put the token itself there.
  if (!IsVariableName(sources.webhook_token_env))
    errors->Add(mark,
                "'token_env' must be the name of an environment variable, which holds the token");
  if (sources.policy != WatchPolicy::kSampled)
    return;
  if (sources.table.empty())
    errors->Add(mark,
                "the policy 'sampled' needs a table to look at: set 'sources.dynamodb.table'");
  if (sources.table_weight + sources.emr_weight <= 0)
    errors->Add(mark, "the weights of 'dynamodb' and 'emr' are both 0: one of them must be more");
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

void ProjectReader::SetJobLimits(const yaml::Node& list, yaml::Diagnostics* errors) {
  project_.job_limits.clear();
  project_.limit_marks.clear();
  for (model::JobLimit& limit : ReadLimits(list, &project_.limit_marks, errors))
    project_.job_limits.push_back({std::move(limit)});
}

void ProjectReader::SetSharedDeadline(std::string_view name,
                                      const yaml::Node& value,
                                      yaml::Diagnostics* errors) {
  std::erase_if(project_.deadlines,
                [&](const model::SharedDeadline& other) { return other.name == name; });
  if (auto deadline = ReadSharedDeadline(name, value, &notifier_uses_, errors))
    project_.deadlines.push_back(std::move(*deadline));
}

void ProjectReader::SetNotifier(std::string_view name,
                                const yaml::Node& value,
                                yaml::Diagnostics* errors) {
  std::erase_if(project_.notifiers,
                [&](const notify::Notifier& other) { return other.name == name; });
  if (auto notifier = ReadNotifier(name, value, errors, &warnings_))
    project_.notifiers.push_back(std::move(*notifier));
}

bool ProjectReader::Set(std::string_view section,
                        std::string_view key,
                        const yaml::Node& value,
                        yaml::Diagnostics* errors) {
  if (section == "pools") {
    SetPool(key, value, errors);
    return true;
  }
  if (section == "limits" && key == "active") {
    SetJobLimits(value, errors);
    return true;
  }
  if (section == "spend_cap" && key == "per_day") {
    project_.spend_rules.cap_per_day = ReadUsd(value, key, errors);
    return true;
  }
  if (section == "deadlines") {
    SetSharedDeadline(key, value, errors);
    return true;
  }
  if (section == "notifiers") {
    SetNotifier(key, value, errors);
    return true;
  }
  if (section == "emr" && key == "budget") {
    SetBudget(value, errors);
    return true;
  }
  if (section == kOidc && key == "roles") {
    project_.server.oidc.roles = ReadGroupRules(value, errors);
    return true;
  }
  if (section == "sources.dynamodb" && key == "names") {
    SetTableNames(value, errors);
    return true;
  }
  for (const ScalarKey& each : ScalarKeys())
    if (each.section == section && each.key == key) {
      SetScalar(each, value, errors);
      return true;
    }
  return false;
}

void ProjectReader::ReadSection(yaml::MapReader& reader,
                                std::string_view section,
                                yaml::Diagnostics* errors) {
  for (const ScalarKey& each : ScalarKeys())
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
  for (std::string_view section : {"reaper", "limits", "server", "openlineage", "airflow"}) {
    if (const yaml::Node* node = top.Take(section)) {
      if (section == "server")
        server_mark_ = node->mark();
      if (section == "openlineage")
        lineage_mark_ = node->mark();
      yaml::MapReader reader(*node, Cat("'", section, "'"), errors);
      ReadSection(reader, section, errors);
      if (const yaml::Node* active = section == "limits" ? reader.Take("active") : nullptr)
        SetJobLimits(*active, errors);
      if (const yaml::Node* provider = section == "server" ? reader.Take("oidc") : nullptr)
        ReadOidc(*provider, errors);
      reader.Finish();
    }
  }
  if (const yaml::Node* traces = top.Take("traces"))
    ReadTraces(*traces, errors);
  if (const yaml::Node* cap = top.Take("spend_cap")) {
    yaml::MapReader reader(*cap, "'spend_cap'", errors);
    if (const yaml::Node* per_day = reader.Take("per_day"))
      project_.spend_rules.cap_per_day = ReadUsd(*per_day, "per_day", errors);
    else if (reader.is_map())
      reader.Error("per_day", "'spend_cap' needs the key 'per_day', in USD");
    reader.Finish();
  }
  if (const yaml::Node* prices = top.Take("prices"))
    project_.spend_rules.prices = ReadPrices(*prices, errors);
  if (const yaml::Node* sources = top.Take("sources"))
    ReadSources(*sources, errors);
  if (const yaml::Node* deadlines = top.Take("deadlines")) {
    yaml::MapReader reader(*deadlines, "'deadlines'", errors);
    for (const yaml::Member& deadline : deadlines->members())
      SetSharedDeadline(deadline.key, deadline.value, errors);
  }
  if (const yaml::Node* notifiers = top.Take("notifiers")) {
    yaml::MapReader reader(*notifiers, "'notifiers'", errors);
    for (const yaml::Member& notifier : notifiers->members())
      SetNotifier(notifier.key, notifier.value, errors);
  }
  if (const yaml::Node* pools = top.Take("pools")) {
    yaml::MapReader reader(*pools, "'pools'", errors);
    for (const yaml::Member& pool : pools->members())
      SetPool(pool.key, pool.value, errors);
  }
  if (auto rules = ReadNotifications(top, RulePlace::kProject, &notifier_uses_, errors))
    project_.notifications = *std::move(rules);
  CheckNotifierUses(notifier_uses_, NotifierNamesOf(root), errors, &warnings_);
  top.Take("assets");  // assets.h
  top.Later({"state_sources",
             "budget",
             "budgets",
             "auth",
             "users",
             "api",
             "log",
             "calendars",
             "variables",
             "connections",
             "forwarder"});
  top.Finish();
}

Project ProjectReader::Finish(yaml::Diagnostics* errors) {
  CheckSources(sources_mark_, errors);
  CheckServer(project_.server, server_mark_, errors);
  CheckOpenLineage(project_.openlineage, lineage_mark_, errors);
  CheckOidc(project_.server.oidc, oidc_mark_, errors);
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
  for (const ScalarKey& each : ScalarKeys())
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
    // A pool's name may hold the sign that parts the levels elsewhere.
    size_t split = path.starts_with("pools__") ? path.find("__") : path.rfind("__");
    std::string section =
        split == std::string::npos ? "" : base::ReplaceAll(path.substr(0, split), "__", ".");
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
  Project project = reader.Finish(errors);
  if (!errors->empty() || !environment_errors->empty())
    return std::nullopt;
  return project;
}

}  // namespace dagfile
