#pragma once

// A project's files, read and understood without a server: for validate, show, next-execution and
// the demo's view.

#include <memory>
#include <string>

#include "airflow/shelf.h"
#include "cli/failure.h"
#include "dagfile/load.h"
#include "schedule/time_zone.h"

namespace cli {

struct Project {
  std::string folder;
  schedule::ZoneSet zones;
  dagfile::Loaded loaded;
  std::unique_ptr<airflow::Shelf> airflow;  // null: signalbox.yaml names no Python
};

// `start`: the project's folder, or any folder or file below it. Diagnostics are in the result;
// the failure is that of a folder that can't be read.
Outcome<Project> LoadProject(const std::string& start);

// The DAG, or a failure that names those there are.
Outcome<std::shared_ptr<const model::Dag>> FindDag(const Project& project, const std::string& id);

}  // namespace cli
