#include "runtime/project_watch.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace runtime {

namespace {

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
  Take(std::move(files));
  if (!project_is_good_)
    return base::Fail(base::ErrorCode::kInvalidArgument, AllOf(errors_));
  return {};
}

bool ProjectWatch::ReadAgainIfChanged() {
  // Somebody may still be writing: a change is read once two looks in a row agree.
  std::vector<project::FileStamp> now = project::ListProject(folder_);
  bool at_rest = now == seen_;
  seen_ = std::move(now);
  if (!at_rest || (seen_ == read_ && !hash_.empty()))
    return false;
  base::Result<project::ProjectFiles> files = project::ReadProjectFiles(folder_);
  if (!files)
    return false;
  if (files->hash == hash_) {
    read_ = std::move(files->stamps);
    return false;
  }
  Take(std::move(*files));
  return true;
}

void ProjectWatch::Take(project::ProjectFiles files) {
  read_ = seen_ = std::move(files.stamps);
  hash_ = std::move(files.hash);
  auto find_zone = [this](std::string_view name) { return zones_.Find(name); };
  dagfile::Loaded loaded = dagfile::LoadProject(std::move(files.files), find_zone, overrides_);
  errors_ = std::move(files.unreadable);
  errors_.insert(errors_.end(), loaded.errors.begin(), loaded.errors.end());
  project_is_good_ = loaded.project.has_value();
  if (loaded.project)
    project_ = std::move(*loaded.project);
  dags_ = std::move(loaded.dags);
  LogAll(base::LogLevel::kError, "import_error", errors_);
  LogAll(base::LogLevel::kWarning, "import_warning", loaded.warnings);
}

bool ProjectWatch::HasFile(const std::string& path) const {
  return std::any_of(read_.begin(), read_.end(), [&](const project::FileStamp& stamp) {
    return stamp.path == path;
  });
}

model::ProjectLoaded ProjectWatch::LoadedEvent(const engine::State& state) const {
  model::ProjectLoaded event{dags_, project_.pools};
  auto has = [&](auto matches) { return std::any_of(dags_.begin(), dags_.end(), matches); };
  for (const auto& [id, entry] : state.dags) {
    const std::string& file = entry.row.fileloc;
    if (!entry.row.is_active || !HasFile(file) ||
        has([&](const auto& dag) { return dag->id == id || dag->fileloc == file; }))
      continue;
    auto last_good = std::make_shared<model::Dag>(*entry.plan->dag);
    last_good->fileloc = file;
    event.dags.push_back(std::move(last_good));
  }
  return event;
}

}  // namespace runtime
