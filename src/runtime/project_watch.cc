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

void LogAll(base::LogLevel level,
            std::string_view event,
            const std::vector<yaml::Diagnostic>& diagnostics) {
  for (const yaml::Diagnostic& diagnostic : diagnostics)
    base::Log(level, event, {{"message", diagnostic.ToString()}});
}

}  // namespace

ProjectWatch::ProjectWatch(std::string folder,
                           dagfile::Environment overrides,
                           const schedule::ZoneSet& zones)
    : folder_(std::move(folder)), overrides_(std::move(overrides)), zones_(zones) {}

base::Status ProjectWatch::Read() {
  ASSIGN_OR_RETURN(project::ProjectFiles files, project::ReadProjectFiles(folder_));
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
  project::Listing now = project::ListProject(folder_);
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
  base::Result<project::ProjectFiles> files = project::ReadProjectFiles(folder_);
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

void ProjectWatch::SetTrouble(std::string trouble) {
  if (!trouble.empty() && trouble != trouble_)
    base::LogError("project_unreadable", {{"message", trouble}});
  trouble_ = std::move(trouble);
}

void ProjectWatch::NoteVanished(const project::Listing& before) {
  for (const project::FileStamp& stamp : before.stamps)
    vanishing_.try_emplace(stamp.path, 0);
  for (const project::FileStamp& stamp : read_.stamps)
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
  dagfile::Loaded loaded = dagfile::LoadProject(std::move(files.files), find_zone, overrides_);
  errors_ = read_.closed;
  errors_.insert(errors_.end(), files.unreadable.begin(), files.unreadable.end());
  errors_.insert(errors_.end(), loaded.errors.begin(), loaded.errors.end());
  project_is_good_ = loaded.project.has_value();
  listing_is_whole_ = read_.closed.empty();
  if (loaded.project)
    project_ = std::move(*loaded.project);
  dags_ = std::move(loaded.dags);
  TakeAccess();
  LogAll(base::LogLevel::kError, "import_error", errors_);
  LogAll(base::LogLevel::kWarning, "import_warning", loaded.warnings);
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
  return std::any_of(read_.stamps.begin(), read_.stamps.end(), [](const auto& stamp) {
    return stamp.path.starts_with("dags/");
  });
}

model::ProjectLoaded ProjectWatch::LoadedEvent(const engine::State& state) const {
  model::ProjectLoaded event{dags_, project_.pools, project_.job_limits, project_.spend_rules};
  auto has = [&](auto matches) { return std::any_of(dags_.begin(), dags_.end(), matches); };
  for (const auto& [id, entry] : state.dags) {
    const std::string& file = entry.row.fileloc;
    const bool is_there = read_.Has(file) || vanishing_.contains(file);
    // A renamed DAG does not wait for a second scan to miss its former file.
    const auto takes_its_place = [&](const auto& dag) {
      return dag->id == id || dag->fileloc == file ||
             (!read_.Has(file) && std::ranges::find(dag->formerly, id) != dag->formerly.end());
    };
    if (!entry.row.is_active || !is_there || has(takes_its_place))
      continue;
    auto last_good = std::make_shared<model::Dag>(*entry.plan->dag);
    last_good->fileloc = file;
    event.dags.push_back(std::move(last_good));
  }
  return event;
}

}  // namespace runtime
