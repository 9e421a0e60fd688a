#include "cli/project.h"

#include <atomic>
#include <filesystem>
#include <utility>
#include <vector>

#include "airflow/reader.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/output.h"
#include "project/folder.h"
#include "project/zones.h"
#include "runtime/environment.h"

namespace cli {

namespace {

// All DAG files of Airflow, read now. What is wrong with Python is an error of signalbox.yaml.
std::unique_ptr<airflow::Shelf> ReadAirflowFiles(const std::string& folder,
                                                 const dagfile::Project& project,
                                                 std::vector<yaml::Diagnostic>* errors) {
  const airflow::Settings settings = airflow::SettingsOf(project, folder);
  auto shelf = std::make_unique<airflow::Shelf>(folder, settings);
  const std::atomic<bool> stop = false;
  const auto read = [&]() -> base::Status {
    ASSIGN_OR_RETURN(airflow::Reader reader,
                     airflow::Reader::Start(settings, runtime::ReadEnvironment(), stop));
    ASSIGN_OR_RETURN(const std::vector<std::string> files, reader.List());
    shelf->OnListed(files);
    return reader.Read(
        files, {}, [&](airflow::Answer answer) { shelf->Put(std::move(answer), {}); });
  };
  if (const base::Status done = read(); !done)
    errors->push_back({kProjectFile, {}, airflow::UnreadableByPython(done.error().message)});
  return shelf;
}

}  // namespace

Outcome<Project> LoadProject(const std::string& start) {
  std::error_code ignored;
  if (!start.empty() && !std::filesystem::exists(start, ignored))
    return Fail(Exit::kUsage, base::Cat("there is no file or folder ", start));
  auto folder = FindProject(start);
  if (!folder) {
    return Fail(Exit::kInvalidProject,
                base::Cat("there is no ",
                          kProjectFile,
                          " in ",
                          start.empty() ? "." : start,
                          " or above it: name the project's folder with --project DIR"));
  }
  const runtime::Environment environment = runtime::ReadEnvironment();
  auto zones = project::LoadZones(runtime::ZoneDirectory(environment));
  if (!zones)
    return FailEnvironment(zones.error());
  auto files = project::ReadProjectFiles(*folder);
  if (!files)
    return FailEnvironment(files.error());
  const auto clock = base::Clock::FromEnvironment();
  Project project{.folder = *folder, .zones = *std::move(zones)};
  const auto load = [&] {
    project.loaded = dagfile::LoadProject(
        files->files,
        [&](std::string_view name) { return project.zones.Find(name); },
        runtime::Overrides(environment),
        clock ? std::optional(clock->World()) : std::nullopt);
  };
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  load();
  if (project.loaded.project && !project.loaded.project->python.empty()) {
    const dagfile::Project settings = *project.loaded.project;
    files = project::ReadProjectFiles(*folder, airflow::FolderOf(settings, *folder));
    if (!files)
      return FailEnvironment(files.error());
    std::vector<yaml::Diagnostic> errors;
    project.airflow = ReadAirflowFiles(*folder, settings, &errors);
    append(files->files, project.airflow->Files());
    load();
    append(project.loaded.errors, errors);
    append(project.loaded.errors, project.airflow->Errors());
    append(project.loaded.warnings, project.airflow->Warnings());
  }
  append(project.loaded.errors, files->listing.closed);
  append(project.loaded.errors, files->unreadable);
  return project;
}

Outcome<std::shared_ptr<const model::Dag>> FindDag(const Project& project, const std::string& id) {
  std::vector<std::string> names;
  for (const auto& dag : project.loaded.dags) {
    if (dag->id.str() == id)
      return dag;
    names.push_back(dag->id.str());
  }
  auto near = base::DidYouMean(id, names);
  std::string advice = near ? base::Cat("; did you mean '", *near, "'?")
                            : base::Cat("; there are: ", base::Join(names, ", "));
  if (!project.loaded.errors.empty())
    advice += base::Cat(" (",
                        Count(static_cast<int64_t>(project.loaded.errors.size()), "error"),
                        " in the files: see `signalbox dags validate ",
                        project.folder,
                        "`)");
  return Fail(Exit::kFailed, base::Cat("there is no DAG '", id, "' in ", project.folder, advice));
}

}  // namespace cli
