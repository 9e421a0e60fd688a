#include "cli/project.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/output.h"
#include "project/folder.h"
#include "project/zones.h"
#include "runtime/environment.h"

namespace cli {

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
  project.loaded = dagfile::LoadProject(
      std::move(files->files),
      [&](std::string_view name) { return project.zones.Find(name); },
      runtime::Overrides(environment),
      clock ? std::optional(clock->World()) : std::nullopt);
  auto& errors = project.loaded.errors;
  errors.insert(errors.end(), files->unreadable.begin(), files->unreadable.end());
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
