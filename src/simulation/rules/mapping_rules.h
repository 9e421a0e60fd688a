#pragma once

// I3, of mapped jobs: an instance for each item of the list that is in force, and none for another;
// each works on its own item; the job ends when all of them have, and as they have. The lists are
// those of the workload, and what a state means is read from the tasks: nothing of the engine is
// asked.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/dag.h"
#include "simulation/rules/checks.h"

namespace simulation {

class MappingRules : public Witness {
 public:
  explicit MappingRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  // At rest: no instance of a run that has ended is open.
  void AtEnd(base::Time now);

 private:
  using Tasks = std::vector<model::TaskState>;
  struct Mapped {
    model::MappingRow row;
    json::array items;  // of the list in force; none: empty
    int lists = 0;      // that were decided: its tries
    Tasks own;
    std::map<int, Tasks> instances;
  };
  struct Run {
    model::VersionId version;
    model::RunState state = model::RunState::kQueued;
    std::map<std::pair<model::JobId, model::LaneId>, Mapped> jobs;
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnList(base::Time now, const model::MappingRow& row);
  void OnTask(const model::TaskRow& row);
  void OnAttempt(base::Time now, const model::AttemptRow& row);
  void OnLaunch(base::Time now, const model::LaunchRow& row);
  void Judge(base::Time now, const model::JobKey& key, const Mapped& mapped);
  const model::Job* DefOf(const model::JobKey& key) const;
  Mapped* Find(const model::JobKey& key);

  Checks& checks_;
  std::map<model::RunKey, Run> runs_;
  std::set<model::JobKey> changed_;  // of the batch: mapped jobs
  std::set<model::AttemptKey> attempts_;
  std::set<std::string> launches_;
};

}  // namespace simulation
