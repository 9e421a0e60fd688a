#include "dagfile/project.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dagfile/ids.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

struct TextKey {
  std::string_view key;
  std::string Project::* member;
};
struct DurationKey {
  std::string_view key;
  base::Duration Project::* member;
};

// Outside a section.
constexpr std::array kTopTexts = {
    TextKey{"deployment", &Project::deployment},
    TextKey{"database", &Project::database},
};
// In the section `emr`.
constexpr std::array kEmrTexts = {
    TextKey{"region", &Project::region},
    TextKey{"endpoint", &Project::emr_endpoint},
};
constexpr std::array kEmrDurations = {
    DurationKey{"poll_interval", &Project::poll_interval},
    DurationKey{"launch_settle", &Project::launch_settle},
    DurationKey{"list_lag_max", &Project::list_lag_max},
    DurationKey{"fleet_grace", &Project::fleet_grace},
    DurationKey{"fleet_interval", &Project::fleet_interval},
};

class ProjectReader {
 public:
  explicit ProjectReader(yaml::Diagnostics* warnings) : warnings_(*warnings) {}

  Project& project() { return project_; }
  void ReadFile(const yaml::Node& root, yaml::Diagnostics* errors);
  // False if there is no such key.
  bool Set(std::string_view section,
           std::string_view key,
           const yaml::Node& value,
           yaml::Diagnostics* errors);
  bool has_deployment() const { return has_deployment_; }

 private:
  void SetText(const TextKey& key, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetDuration(const DurationKey& key, const yaml::Node& value, yaml::Diagnostics* errors);
  void SetPool(std::string_view name, const yaml::Node& value, yaml::Diagnostics* errors);

  Project project_;
  bool has_deployment_ = false;  // or a mistake in it has been told
  yaml::Diagnostics& warnings_;
};

void ProjectReader::SetText(const TextKey& key,
                            const yaml::Node& value,
                            yaml::Diagnostics* errors) {
  if (key.key == "deployment")
    has_deployment_ = true;
  auto text = yaml::Read<std::string>(value, Cat("'", key.key, "'"), errors);
  if (!text)
    return;
  if (key.key == "deployment" && !IsDeploymentId(*text))
    errors->Add(value.mark(),
                Cat("the deployment '", *text, "' is not 2 to 20 lower-case letters and digits"));
  project_.*key.member = std::move(*text);
}

void ProjectReader::SetDuration(const DurationKey& key,
                                const yaml::Node& value,
                                yaml::Diagnostics* errors) {
  auto duration = yaml::Read<base::Duration>(value, Cat("'", key.key, "'"), errors);
  if (!duration)
    return;
  base::Duration& slot = project_.*key.member;
  if (*duration <= base::Duration(0))
    errors->Add(value.mark(), Cat("'", key.key, "' must be more than 0s"));
  bool bounds_launches = key.key == "launch_settle" || key.key == "list_lag_max";
  if (bounds_launches && *duration < Project().*key.member)
    warnings_.Add(value.mark(),
                  Cat("'",
                      key.key,
                      "' is below ",
                      base::FormatDuration(Project().*key.member),
                      ": a launch that AWS accepts or lists later than this would run twice"));
  slot = *duration;
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
  auto set_text = [&](const TextKey& each) {
    if (each.key == key)
      SetText(each, value, errors);
    return each.key == key;
  };
  if (section.empty())
    return std::any_of(kTopTexts.begin(), kTopTexts.end(), set_text);
  if (section != "emr")
    return false;
  return std::any_of(kEmrTexts.begin(), kEmrTexts.end(), set_text) ||
         std::any_of(kEmrDurations.begin(), kEmrDurations.end(), [&](const DurationKey& each) {
           if (each.key == key)
             SetDuration(each, value, errors);
           return each.key == key;
         });
}

void ProjectReader::ReadFile(const yaml::Node& root, yaml::Diagnostics* errors) {
  yaml::MapReader top(root, "signalbox.yaml", errors);
  auto read = [&](yaml::MapReader& reader, std::string_view section, std::string_view key) {
    if (const yaml::Node* value = reader.Take(key))
      Set(section, key, *value, errors);
  };
  for (const TextKey& each : kTopTexts)
    read(top, "", each.key);
  if (const yaml::Node* emr = top.Take("emr")) {
    yaml::MapReader reader(*emr, "'emr'", errors);
    for (const TextKey& each : kEmrTexts)
      read(reader, "emr", each.key);
    for (const DurationKey& each : kEmrDurations)
      read(reader, "emr", each.key);
    reader.Later({"budget", "quotas", "policy", "profile", "role_arn", "account"});
    reader.Finish();
  }
  if (const yaml::Node* pools = top.Take("pools")) {
    yaml::MapReader reader(*pools, "'pools'", errors);
    for (const yaml::Member& pool : pools->members())
      read(reader, "pools", pool.key);
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

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (const TextKey& each : kTopTexts)
    keys.push_back(Cat("SIGNALBOX__", base::ToUpper(each.key)));
  for (const TextKey& each : kEmrTexts)
    keys.push_back(Cat("SIGNALBOX__EMR__", base::ToUpper(each.key)));
  for (const DurationKey& each : kEmrDurations)
    keys.push_back(Cat("SIGNALBOX__EMR__", base::ToUpper(each.key)));
  return keys;
}

void ReadEnvironment(const Environment& environment,
                     ProjectReader& reader,
                     yaml::Diagnostics* errors) {
  constexpr std::string_view kPrefix = "SIGNALBOX__";
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(kPrefix))
      continue;
    std::string path = base::ToLower(std::string_view(name).substr(kPrefix.size()));
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
      auto near = base::DidYouMean(name, AllKeys());
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
  if (!errors->empty() || !environment_errors->empty())
    return std::nullopt;
  return std::move(reader.project());
}

}  // namespace dagfile
