#pragma once

// What every handler of one event gets: the state, the recorder, the time and the settings; and the
// only two functions that change a job's or a run's state.

#include <list>
#include <string_view>

#include "engine/engine.h"
#include "engine/kind.h"
#include "engine/recorder.h"
#include "engine/state.h"

namespace engine {

struct Turn {
  State& state;
  const Options& options;
  const schedule::ZoneSet& zones;
  const Kinds& kinds;
  Recorder recorder;
  Time now;
  std::set<model::DagId> gaps = {};  // DAGs that have new holes
  std::set<model::DagId> room = {};  // DAGs whose queued runs may start now
  std::set<std::pair<model::DagId, model::JobId>> ends = {};  // that edges with a rule may wait for
  std::vector<model::JobKey> begun = {};       // at once: their kinds are still to start them
  std::vector<model::RunKey> ended_runs = {};  // to be reported to kinds
  std::set<model::DagId> updated = {};         // DAGs whose condition on assets may hold now
  std::list<model::AssetEventRow> asset_events = {};
  // Rows that have no home in the state (versions of DAGs, attempts before the latest) live here
  // until they are recorded.
  std::list<model::AttemptRow> closed_attempts = {};
  std::list<model::DagVersionRow> versions = {};
  // What a run had before it took another version: its rows have to be recorded.
  struct Retired {
    std::shared_ptr<const Plan> plan;
    std::vector<JobInstance> jobs;
    std::map<int, Mapped> mapped;
    std::vector<GroupTries> groups;
  };
  std::list<Retired> retired = {};
  // Rows that were recorded before their run was deleted.
  std::vector<std::map<model::RunKey, Run>::node_type> deleted = {};
};

// Whose move it is: a person may end or reset a job in any state, and a group that is tried again
// resets its jobs, which are done.
enum class By { kEngine, kPerson, kGroup };

// Moves the job, and its tasks with it. REQUIRES: IsLegal (job_state.h), or a person's or a group's
// move. What was noted of its end is gone.
void SetJob(Turn& turn, JobInstance& job, JobState to, std::string_view cause, By by = By::kEngine);
void SetRun(Turn& turn, Run& run, model::RunState to, std::string_view cause, By by = By::kEngine);

// The run in memory, or null.
Run* FindRun(State& state, const model::RunKey& key);
JobInstance* FindJob(State& state, const model::JobKey& key);
const JobInstance* FindJob(const State& state, const model::JobKey& key);

}  // namespace engine
