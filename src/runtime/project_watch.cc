#include "runtime/project_watch.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace runtime {

namespace {

constexpr char kProjectFile[] = "signalbox.yaml";

std::string AllOf(const std::vector<yaml::Diagnostic>& diagnostics) {
  std::vector<std::string> lines;
  for (const yaml::Diagnostic& diagnostic : diagnostics)
    lines.push_back(diagnostic.ToString());
  return base::Join(lines, "\n");
}

// Those that were not there before.
void LogNew(base::LogLevel level,
            std::string_view event,
            const std::vector<yaml::Diagnostic>& before,
            const std::vector<yaml::Diagnostic>& now) {
  const std::set<yaml::Diagnostic> known(before.begin(), before.end());
  for (const yaml::Diagnostic& diagnostic : now) {
    if (!known.contains(diagnostic))
      base::Log(level, event, {{"message", diagnostic.ToString()}});
  }
}

}  // namespace

ProjectWatch::ProjectWatch(std::string folder,
                           dagfile::Environment overrides,
                           const schedule::ZoneSet& zones,
                           const AirflowFiles* airflow)
    : folder_(std::move(folder)),
      overrides_(std::move(overrides)),
      zones_(zones),
      airflow_(airflow) {}

std::string ProjectWatch::AirflowFolder() const {
  return airflow_ == nullptr ? "" : airflow::FolderOf(project_, folder_);
}

base::Status ProjectWatch::Read() {
  ASSIGN_OR_RETURN(project::ProjectFiles files,
                   project::ReadProjectFiles(folder_, AirflowFolder()));
  const auto unreadable = std::find_if(files.unreadable.begin(),
                                       files.unreadable.end(),
                                       [](const auto& file) { return file.file == kProjectFile; });
  if (unreadable != files.unreadable.end())
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat(folder_, "/", kProjectFile, ": ", unreadable->message));
  Take(std::move(files));
  if (!project_is_good_)
    return base::Fail(base::ErrorCode::kInvalidArgument, AllOf(errors_));
  return {};
}

ProjectWatch::Seen ProjectWatch::ReadAgainIfChanged(Look look) {
  // Somebody may still be writing: a change is read once two looks in a row agree.
  project::Listing now = project::ListProject(folder_, AirflowFolder());
  const bool at_rest = now == seen_;
  seen_ = std::move(now);
  const bool is_sure = look == Look::kScan && CountScan();
  if (is_sure)
    TakeAccess();
  const Seen otherwise = is_sure ? Seen::kNews : Seen::kNothing;
  if (!at_rest)
    return is_sure ? Seen::kNews : Seen::kUnrest;
  if (seen_ == read_) {
    SetTrouble("");
    return otherwise;
  }
  base::Result<project::ProjectFiles> files = project::ReadProjectFiles(folder_, AirflowFolder());
  if (!files) {
    SetTrouble(base::Cat(files.error().message, ": the DAGs stay as they were last read"));
    return otherwise;
  }
  SetTrouble("");
  if (files->hash == hash_) {
    read_ = std::move(files->listing);
    return otherwise;
  }
  Take(std::move(*files));
  return Seen::kNews;
}

ProjectWatch::Seen ProjectWatch::ReadAgain() {
  base::Result<project::ProjectFiles> files = project::ReadProjectFiles(folder_, AirflowFolder());
  if (!files)
    return Seen::kNothing;  // the next scan tells why
  Take(std::move(*files));
  return Seen::kNews;
}

void ProjectWatch::SetTrouble(std::string trouble) {
  if (!trouble.empty() && trouble != trouble_)
    base::LogError("project_unreadable", {{"message", trouble}});
  trouble_ = std::move(trouble);
}

void ProjectWatch::NoteVanished(const project::Listing& before) {
  for (const auto* stamps : {&before.stamps, &before.airflow})
    for (const project::FileStamp& stamp : *stamps)
      vanishing_.try_emplace(stamp.path, 0);
  for (const auto* stamps : {&read_.stamps, &read_.airflow})
    for (const project::FileStamp& stamp : *stamps)
      vanishing_.erase(stamp.path);
}

bool ProjectWatch::CountScan() {
  constexpr int kScans = 2;
  const size_t before = vanishing_.size();
  for (auto it = vanishing_.begin(); it != vanishing_.end();) {
    const bool is_gone = !seen_.Has(it->first) && ++it->second >= kScans;
    it = is_gone ? vanishing_.erase(it) : std::next(it);
  }
  return vanishing_.size() < before;
}

void ProjectWatch::Take(project::ProjectFiles files) {
  const project::Listing before = std::exchange(read_, std::move(files.listing));
  seen_ = read_;
  hash_ = std::move(files.hash);
  NoteVanished(before);
  auto find_zone = [this](std::string_view name) { return zones_.Find(name); };
  auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  if (!AirflowFolder().empty())
    append(files.files, airflow_->Files());
  dagfile::Loaded loaded = dagfile::LoadProject(std::move(files.files), find_zone, overrides_);
  // Only signalbox.yaml says where DAG files of Airflow are.
  const std::string airflow_folder = AirflowFolder();
  if (loaded.project)
    project_ = std::move(*loaded.project);
  if (AirflowFolder() != airflow_folder) {
    if (auto again = project::ReadProjectFiles(folder_, AirflowFolder()))
      return Take(std::move(*again));
  }
  const std::vector<yaml::Diagnostic> former = std::exchange(errors_, read_.closed);
  append(errors_, files.unreadable);
  append(errors_, loaded.errors);
  if (airflow_ != nullptr) {
    append(errors_, airflow_->Errors());
    append(loaded.warnings, airflow_->Warnings());
  }
  project_is_good_ = loaded.project.has_value();
  listing_is_whole_ = read_.closed.empty();
  dags_ = std::move(loaded.dags);
  TakeAccess();
  LogNew(base::LogLevel::kError, "import_error", former, errors_);
  LogNew(base::LogLevel::kWarning, "import_warning", warnings_, loaded.warnings);
  warnings_ = std::move(loaded.warnings);
}

void ProjectWatch::TakeAccess() {
  std::map<model::DagId, Access> now;
  std::set<std::string_view> good;
  for (const auto& dag : dags_) {
    now[dag->id] = {dag->fileloc, dag->access};
    good.insert(dag->fileloc);
  }
  for (auto& [id, before] : access_) {
    const bool is_there =
        read_.Has(before.file) || vanishing_.contains(before.file) || !listing_is_whole_;
    if (is_there && !good.contains(before.file))
      now.try_emplace(id, std::move(before));
  }
  access_ = std::move(now);
}

const std::vector<std::string>& ProjectWatch::AccessTo(const model::DagId& dag) const {
  static const std::vector<std::string> kNone;
  const auto found = access_.find(dag);
  return found == access_.end() ? kNone : found->second.names;
}

bool ProjectWatch::HasDagFiles() const {
  return !read_.airflow.empty() || std::ranges::any_of(read_.stamps, [](const auto& stamp) {
    return stamp.path.starts_with("dags/");
  });
}

// A file of YAML is its one DAG; one of Python may have had another DAG than it has now.
bool ProjectWatch::MayHave(const std::string& file, const model::DagId& dag) const {
  if (!file.ends_with(".py"))
    return std::ranges::none_of(dags_, [&](const auto& each) { return each->fileloc == file; });
  return !read_.Has(file) || airflow_ == nullptr || airflow_->MayHave(file, dag);
}

model::ProjectLoaded ProjectWatch::LoadedEvent(const engine::State& state) const {
  model::ProjectLoaded event{dags_, project_.pools, project_.job_limits, project_.spend_rules};
  auto has = [&](auto matches) { return std::any_of(dags_.begin(), dags_.end(), matches); };
  for (const auto& [id, entry] : state.dags) {
    const std::string& file = entry.row.fileloc;
    const bool is_there = read_.Has(file) || vanishing_.contains(file);
    // A renamed DAG does not wait for a second scan to miss its former file.
    const auto takes_its_place = [&](const auto& dag) {
      return dag->id == id ||
             (!read_.Has(file) && std::ranges::find(dag->formerly, id) != dag->formerly.end());
    };
    if (!entry.row.is_active || !is_there || has(takes_its_place) || !MayHave(file, id))
      continue;
    auto last_good = std::make_shared<model::Dag>(*entry.plan->dag);
    last_good->fileloc = file;
    event.dags.push_back(std::move(last_good));
  }
  return event;
}

}  // namespace runtime
