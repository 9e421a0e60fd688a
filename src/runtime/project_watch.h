#pragma once

// What the project says now, across edits: reads the folder when it has changed and come to rest,
// and keeps what was good where an edit is not.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dagfile/load.h"
#include "engine/state.h"
#include "project/folder.h"
#include "schedule/time_zone.h"

namespace runtime {

class ProjectWatch {
 public:
  ProjectWatch(std::string folder, dagfile::Environment overrides, const schedule::ZoneSet& zones);

  // The first read. kInvalidArgument with every diagnostic where signalbox.yaml is not good.
  base::Status Read();
  // Looks at the folder's listing; true where other texts were read.
  bool ReadAgainIfChanged();
  // The next ReadAgainIfChanged() reads whatever the listing says.
  void Forget() { hash_.clear(); }

  // As last read with a good signalbox.yaml.
  const dagfile::Project& project() const { return project_; }
  // The event for the engine: the good DAGs, and those of `state` whose file is still there but no
  // longer good.
  model::ProjectLoaded LoadedEvent(const engine::State& state) const;
  // False where signalbox.yaml has errors: then there is nothing to tell the engine.
  bool project_is_good() const { return project_is_good_; }
  const std::vector<yaml::Diagnostic>& errors() const { return errors_; }

 private:
  void Take(project::ProjectFiles files);
  bool HasFile(const std::string& path) const;

  const std::string folder_;
  const dagfile::Environment overrides_;
  const schedule::ZoneSet& zones_;
  std::vector<project::FileStamp> seen_;  // at the latest look
  std::vector<project::FileStamp> read_;  // of the texts that were read
  std::string hash_;
  dagfile::Project project_;
  bool project_is_good_ = false;
  std::vector<std::shared_ptr<const model::Dag>> dags_;
  std::vector<yaml::Diagnostic> errors_;
};

}  // namespace runtime
