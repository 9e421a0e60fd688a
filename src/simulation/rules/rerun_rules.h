#pragma once

// What people leave on runs. I15's exception: a run that takes another version has that one's jobs
// and no others; what it had before is `removed`, and stays so. Notes: the latest one that was
// promised is there, and no write of anything else loses it. Templates: a run that follows assets
// is launched with the very events that it has taken.
//
// Called with each commit, with what people ask and how they are answered, and at the end.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/dag.h"
#include "simulation/people.h"
#include "simulation/rules/checks.h"

namespace simulation {

class RerunRules : public Witness {
 public:
  explicit RerunRules(Checks& checks) : checks_(checks) {}

  void OnAsked(const People::Granted& asked);
  void OnAnswered(const People::Granted& asked, bool accepted);
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  // `has_loss`: promises of notes may be lost.
  void AtEnd(base::Time now, bool has_loss);

 private:
  using Lane = std::pair<model::JobId, model::LaneId>;
  using Place = std::pair<model::JobKey, int>;  // a task; without a job the run
  struct Run {
    model::RunRow row;
    std::map<Lane, std::map<int, model::TaskState>> jobs;  // by task; not of instances
  };

  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnRun(base::Time now, const model::RunRow& row, bool judges);
  void OnTask(base::Time now, const model::TaskRow& row, bool judges);
  void OnNote(base::Time now, const Place& place, const std::string& note, bool judges);
  void OnLaunch(base::Time now, const model::LaunchRow& row);
  void JudgeJobs(base::Time now, const Run& run);
  const model::Dag* DagOf(const model::RunKey& run) const;
  static Place PlaceOf(const People::Granted& asked);

  Checks& checks_;
  std::map<model::RunKey, Run> runs_;
  std::map<int64_t, model::AssetEventRow> events_;
  std::map<int64_t, std::string> assets_;  // names
  std::set<std::string> launches_;
  std::map<Place, std::string> notes_;               // as they are stored
  std::map<Place, std::vector<std::string>> asked_;  // in this order
  std::map<Place, std::string> promised_;            // the latest that was granted
};

}  // namespace simulation
