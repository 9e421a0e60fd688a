#include "dagfile/load.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "base/text.h"
#include "dagfile/caps.h"
#include "dagfile/commands.h"
#include "dagfile/draft.h"
#include "dagfile/former_names.h"
#include "dagfile/notifications.h"
#include "dagfile/reach.h"
#include "dagfile/request_draft.h"
#include "dagfile/triggers.h"
#include "model/dag_json.h"
#include "schedule/rule.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr std::string_view kProjectFile = "signalbox.yaml";
constexpr std::string_view kTemplateFolder = "clusters/";
constexpr std::string_view kDagFolder = "dags/";
constexpr int kDefaultPoolSlots = 128;  // as the engine makes it
constexpr std::string_view kCalendarFolder = "calendars/";
constexpr std::string_view kListFolder = "lists/";
constexpr std::string_view kAssetFolder = "assets/";

// "clusters/spot.yaml" in "clusters/" → "spot"; nothing for any other file.
std::optional<std::string> NameIn(std::string_view folder, std::string_view path) {
  if (!path.starts_with(folder))
    return std::nullopt;
  for (std::string_view extension : {".yaml", ".yml"})
    if (path.ends_with(extension))
      return std::string(
          path.substr(folder.size(), path.size() - folder.size() - extension.size()));
  return std::nullopt;
}

bool IsDag(const SourceFile& file) {
  return file.made_at || NameIn(kDagFolder, file.path);
}

bool IsList(std::string_view path) {
  return NameIn(kListFolder, path) || (path.starts_with(kListFolder) && path.ends_with(".json"));
}

// Of a DAG that was made of another file: where that file makes it.
std::vector<yaml::Diagnostic> PlacesOf(const SourceFile& file, std::vector<yaml::Diagnostic> all) {
  for (yaml::Diagnostic& diagnostic : all) {
    if (file.made_at)
      diagnostic.mark = {*file.made_at, 1};
  }
  return all;
}

class Loader {
 public:
  Loader(const ZoneLookup& zones, const Environment& environment, std::optional<base::Time> now)
      : zones_(zones), environment_(environment), now_(now) {}

  Loaded Run(std::vector<SourceFile> files);

 private:
  struct File {
    SourceFile source;
    FileReport report;
    std::optional<yaml::Node> root;  // nothing where the YAML cannot be read to its end
    explicit File(SourceFile from) : source(std::move(from)), report(source.path) {}
  };

  void ParseAll(std::vector<SourceFile> files);
  void LoadProjectFile();
  void CheckSharedZones(const yaml::Node& root, yaml::Diagnostics* errors) const;
  void TakePools(const yaml::Node& root);
  void LoadTemplates();
  void LoadCalendars();
  void LoadLists();
  void LoadDags();
  void CheckPools();
  void CheckNotifications();
  void CheckPoolSlots();
  void CheckReach();
  void CheckDates();
  void DropDuplicates();
  void LoadAssets();
  void DefineAssets();
  Loaded Collect();

  const ZoneLookup& zones_;
  const Environment& environment_;
  const std::optional<base::Time> now_;
  std::vector<std::unique_ptr<File>> files_;  // by path; reports are pointed to
  FileReport environment_report_{"environment"};
  std::optional<Project> project_;
  std::vector<std::string> pools_;
  std::map<model::PoolId, int> slots_{{model::PoolId("default_pool"), kDefaultPoolSlots}};
  bool pools_known_ = false;
  std::optional<NotifierNames> notifiers_;  // none: signalbox.yaml cannot be read
  ClusterTemplates templates_;
  Calendars calendars_;
  Lists lists_;
  AssetBook assets_;
  std::vector<DagDraft> drafts_;
  bool all_readable_ = true;
  bool project_file_missing_ = false;
  std::vector<std::string> python_files_;
};

Loaded Loader::Run(std::vector<SourceFile> files) {
  ParseAll(std::move(files));
  LoadProjectFile();
  LoadTemplates();
  LoadCalendars();
  LoadLists();
  LoadDags();
  LoadAssets();
  DropDuplicates();
  CheckFormerDags(drafts_);
  CheckPools();
  CheckPoolSlots();
  CheckNotifications();
  for (DagDraft& draft : drafts_)
    ResolveLists(draft, lists_);
  RefuseHuge(drafts_, project_ ? project_->limits : Limits());
  for (DagDraft& draft : drafts_)
    Instantiate(&draft);
  ResolveReferences(drafts_, {.all_readable = all_readable_});
  for (DagDraft& draft : drafts_)
    CheckGroups(draft);
  CheckTriggers(drafts_, {.all_readable = all_readable_});
  CheckCommands(drafts_);
  CheckWindows(drafts_, zones_);
  ReportCycles(drafts_);
  SizeBudget budget;
  for (DagDraft& draft : drafts_)
    BuildRequests(&draft, templates_, budget);
  for (DagDraft& draft : drafts_)
    CheckDeadlines(draft, zones_);
  CheckReach();
  CheckDates();
  CheckUnusedTemplates(templates_);
  CheckCaps(drafts_, project_ ? &*project_ : nullptr);
  DefineAssets();
  return Collect();
}

void Loader::ParseAll(std::vector<SourceFile> files) {
  std::ranges::sort(files, {}, [](const SourceFile& file) {
    return std::tie(file.path, file.made_at, file.text);
  });
  for (SourceFile& source : files) {
    if (source.is_unread) {
      all_readable_ = false;
      continue;
    }
    if (!IsDag(source) && source.path.starts_with(kDagFolder) && source.path.ends_with(".py"))
      python_files_.push_back(source.path);
    if (source.path != kProjectFile && !NameIn(kTemplateFolder, source.path) && !IsDag(source) &&
        !NameIn(kCalendarFolder, source.path) && !IsList(source.path) &&
        !NameIn(kAssetFolder, source.path))
      continue;
    auto file = std::make_unique<File>(std::move(source));
    yaml::Parsed parsed = yaml::Parse(file->source.path, file->source.text);
    for (yaml::Diagnostic& diagnostic : parsed.diagnostics)
      file->report.errors.Add(diagnostic.mark, std::move(diagnostic.message));
    file->root = std::move(parsed.root);
    files_.push_back(std::move(file));
  }
}

void Loader::LoadProjectFile() {
  for (auto& file : files_) {
    if (file->source.path != kProjectFile)
      continue;
    if (!file->root)
      return;
    project_ = ReadProject(*file->root,
                           environment_,
                           &file->report.errors,
                           &environment_report_.errors,
                           &file->report.warnings);
    CheckSharedZones(*file->root, &file->report.errors);
    TakePools(*file->root);
    notifiers_ = NotifierNamesOf(*file->root);
    return;
  }
  project_file_missing_ = true;
}

// A deadline in a zone that the system does not have would never be due.
void Loader::CheckSharedZones(const yaml::Node& root, yaml::Diagnostics* errors) const {
  const yaml::Node* deadlines = root.Find("deadlines");
  for (const yaml::Member& deadline :
       deadlines == nullptr ? std::vector<yaml::Member>() : deadlines->members()) {
    const yaml::Node* zone = deadline.value.Find("timezone");
    if (zone != nullptr && schedule::IsSafeZoneName(zone->raw()) && zones_(zone->raw()) == nullptr)
      errors->Add(zone->mark(),
                  Cat("the deadline '",
                      deadline.key,
                      "': the system has no time zone '",
                      zone->raw(),
                      "'; IANA's names are such as Europe/Istanbul"));
  }
}

void Loader::LoadTemplates() {
  for (auto& file : files_) {
    auto name = NameIn(kTemplateFolder, file->source.path);
    if (!name)
      continue;
    ClusterTemplate cluster{.report = &file->report};
    yaml::Diagnostics& errors = file->report.errors;
    cluster.root = file->root.value_or(yaml::Node());
    if (file->root && !cluster.root.is_map())
      errors.Add(cluster.root.mark(),
                 Cat("a cluster template is a map (a RunJobFlow request), found ",
                     yaml::Describe(cluster.root.kind())));
    if (const yaml::Node* allow = cluster.root.Find(kAllowUnknown))
      cluster.allow_unknown =
          yaml::Read<bool>(*allow, Cat("'", kAllowUnknown, "'"), &errors).value_or(false);
    cluster.broken = !errors.empty() || !cluster.root.is_map();
    if (!templates_.emplace(*name, cluster).second)
      errors.Add({}, Cat("there is another cluster template '", *name, "'"));
  }
}

void Loader::LoadCalendars() {
  for (auto& file : files_) {
    const auto name = NameIn(kCalendarFolder, file->source.path);
    if (!name)
      continue;
    yaml::Diagnostics& errors = file->report.errors;
    Calendar calendar;
    if (file->root)
      calendar.days = ReadCalendar(*file->root, &errors);
    calendar.broken = !errors.empty();
    if (!calendars_.emplace(*name, std::move(calendar)).second)
      errors.Add({}, Cat("there is another calendar '", *name, "'"));
  }
}

void Loader::LoadLists() {
  for (auto& file : files_) {
    if (!IsList(file->source.path))
      continue;
    ListFile list;
    if (file->root)
      list = ReadList(*file->root, &file->report.errors);
    list.broken = !file->report.errors.empty();
    lists_.emplace(file->source.path, std::move(list));
  }
}

void Loader::LoadDags() {
  for (auto& file : files_) {
    if (!IsDag(file->source))
      continue;
    if (!file->root) {
      all_readable_ = false;
      continue;
    }
    DagDraft draft = ReadDag(*file->root, &file->report, zones_, calendars_);
    draft.dag.fileloc = file->source.path;
    all_readable_ = all_readable_ && !draft.dag.id.empty();
    drafts_.push_back(std::move(draft));
  }
}

// What is said of an asset counts in the whole project, wherever it stands.
void Loader::LoadAssets() {
  for (auto& file : files_) {
    if (!file->root)
      continue;
    const yaml::Node* declared = file->source.path == kProjectFile ? file->root->Find("assets")
                                 : NameIn(kAssetFolder, file->source.path) ? &*file->root
                                                                           : nullptr;
    if (declared == nullptr || declared->kind() == yaml::Kind::kNull)
      continue;
    for (const NamedAsset& asset : ReadDeclarations(*declared, &file->report.errors))
      assets_.Add(asset, file->source.path, &file->report.errors);
  }
  for (const DagDraft& draft : drafts_) {
    for (const NamedAsset& asset : draft.assets)
      assets_.Add(asset, draft.dag.fileloc, &draft.report->errors);
    for (const JobDraft& job : draft.jobs) {
      for (const NamedAsset& asset : job.assets)
        assets_.Add(asset, draft.dag.fileloc, &draft.report->errors);
    }
  }
}

void Loader::DefineAssets() {
  for (DagDraft& draft : drafts_) {
    std::set<std::string> names;
    for (const NamedAsset& asset : draft.assets)
      names.insert(asset.name);
    for (const JobDraft& job : draft.jobs) {
      for (const NamedAsset& asset : job.assets)
        names.insert(asset.name);
    }
    for (const std::string& name : names)
      draft.dag.asset_definitions.push_back(assets_.Find(name));
  }
}

// Also where the file has mistakes elsewhere: those of the DAG files are told all the same.
void Loader::TakePools(const yaml::Node& root) {
  const yaml::Node* pools = root.Find("pools");
  pools_known_ = project_ || pools == nullptr || pools->is_map();
  if (project_)
    for (const model::PoolRow& pool : project_->pools) {
      pools_.push_back(pool.id.str());
      slots_[pool.id] = pool.slots;
    }
  else if (pools != nullptr)
    for (const yaml::Member& pool : pools->members())
      pools_.push_back(pool.key);
}

// The first file, by path, keeps the dag_id.
void Loader::DropDuplicates() {
  std::map<std::string, const DagDraft*> seen;
  for (DagDraft& draft : drafts_) {
    if (draft.dag.id.empty())
      continue;
    auto [first, is_new] = seen.emplace(draft.dag.id.str(), &draft);
    if (!is_new)
      draft.report->errors.Add(draft.mark,
                               Cat("the dag_id '",
                                   draft.dag.id.str(),
                                   "' is taken by ",
                                   first->second->dag.fileloc,
                                   ":",
                                   first->second->mark.line));
  }
}

void Loader::CheckPools() {
  if (!pools_known_)
    return;
  std::vector<std::string> names{"default_pool"};
  for (const std::string& pool : pools_)
    names.push_back(pool);
  for (DagDraft& draft : drafts_)
    for (const JobDraft& job : draft.jobs) {
      const std::string& pool = job.settings.pool.str();
      if (std::find(names.begin(), names.end(), pool) != names.end())
        continue;
      auto near = base::DidYouMean(pool, names);
      draft.report->errors.Add(job.pool_mark,
                               Cat("there is no pool '",
                                   pool,
                                   "' in signalbox.yaml",
                                   near ? Cat("; did you mean '", *near, "'?")
                                        : Cat("; there are ", base::Join(names, ", "))));
    }
}

// A DAG without rules of its own has the project's.
void Loader::CheckNotifications() {
  for (DagDraft& draft : drafts_) {
    if (!draft.has_notifications && project_)
      draft.dag.notifications = project_->notifications;
    if (!notifiers_)
      continue;
    const auto check = [&](const std::vector<NotifierUse>& uses) {
      CheckNotifierUses(uses, *notifiers_, &draft.report->errors, &draft.report->warnings);
    };
    check(draft.notifier_uses);
    for (const JobDraft& job : draft.jobs)
      check(job.notifier_uses);
  }
}

// Dates that are over make runs only for a DAG that catches up.
void Loader::CheckDates() {
  for (DagDraft& draft : drafts_) {
    const auto rule = schedule::ParseRule(draft.dag.schedule.cron);
    const auto* dates = rule ? std::get_if<schedule::Dates>(&rule->ticks) : nullptr;
    if (now_ && dates != nullptr && dates->dates.back() < *now_ && !draft.dag.catchup)
      draft.report->warnings.Add(
          draft.schedule_mark,
          Cat("all dates of 'schedule' are over (the last one is ",
              base::FormatRfc3339(dates->dates.back()),
              "): the DAG makes no run by itself; add later ones, or set 'catchup'"));
  }
}

// What limits and deadlines concern is known where every DAG is.
void Loader::CheckReach() {
  const bool is_known = all_readable_ && std::ranges::all_of(drafts_, [](const DagDraft& draft) {
                          return !draft.broken && draft.report->errors.empty();
                        });
  const auto file =
      std::ranges::find(files_, kProjectFile, [](const auto& each) { return each->source.path; });
  if (!is_known || !project_ || file == files_.end())
    return;
  const yaml::Node& root = *(*file)->root;
  yaml::Diagnostics* warnings = &(*file)->report.warnings;
  CheckLimitReach(drafts_, *project_, warnings);
  CheckClosedPools(drafts_, project_->pools, root, warnings);
  CheckDeadlineReach(drafts_, project_->deadlines, root, warnings);
  CheckSharedDeadlines(drafts_, project_->deadlines, root, zones_, warnings);
}

// A pool of no slots is closed for a while; but a job that is larger than its pool is a mistake.
void Loader::CheckPoolSlots() {
  for (DagDraft& draft : drafts_)
    for (const JobDraft& job : draft.jobs) {
      const int wanted = job.settings.capacity.pool_slots;
      const auto pool = slots_.find(job.settings.pool);
      if (wanted > 1 && pool != slots_.end() && wanted > pool->second)
        draft.report->errors.Add(job.pool_slots_mark,
                                 Cat("'pool_slots' is ",
                                     wanted,
                                     ", and the pool '",
                                     pool->first.str(),
                                     "' has ",
                                     pool->second,
                                     pool->second == 1 ? " slot" : " slots",
                                     ": the job would never start"));
    }
}

Loaded Loader::Collect() {
  Loaded loaded;
  for (DagDraft& draft : drafts_) {
    if (draft.broken || !draft.report->errors.empty())
      continue;
    draft.dag.version = model::ComputeVersion(draft.dag);
    loaded.dags.push_back(std::make_shared<const model::Dag>(std::move(draft.dag)));
  }
  std::sort(loaded.dags.begin(), loaded.dags.end(), [](const auto& a, const auto& b) {
    return a->id < b->id;
  });
  auto append = [](std::vector<yaml::Diagnostic>& to, std::vector<yaml::Diagnostic> from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  if (project_file_missing_)
    loaded.errors.push_back(
        {"signalbox.yaml",
         {},
         "the project has no signalbox.yaml; it needs at least 'deployment: NAME'"});
  append(loaded.errors, environment_report_.errors.Take());
  for (const std::string& path : python_files_)
    loaded.warnings.push_back(
        {path,
         {},
         "DAG files in Python are read if signalbox.yaml has the key 'python': the interpreter of "
         "an "
         "environment with Airflow in it, such as airflow/bin/python (docs/airflow.md)"});
  for (auto& file : files_) {
    append(loaded.errors, PlacesOf(file->source, file->report.errors.Take()));
    append(loaded.errors, PlacesOf(file->source, file->report.endless.Take()));
    append(loaded.warnings, PlacesOf(file->source, file->report.warnings.Take()));
  }
  std::sort(loaded.errors.begin(), loaded.errors.end());
  std::sort(loaded.warnings.begin(), loaded.warnings.end());
  loaded.project = std::move(project_);
  return loaded;
}

}  // namespace

Loaded LoadProject(std::vector<SourceFile> files,
                   const ZoneLookup& zones,
                   const Environment& environment,
                   std::optional<base::Time> now) {
  return Loader(zones, environment, now).Run(std::move(files));
}

}  // namespace dagfile
