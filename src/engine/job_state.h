#pragma once

// The state of a job, and the one place that says which of Airflow's task states its tasks then
// have. A kind of work may show a job as several tasks (a TaskGroup); the engine decides by the
// job's state alone, and the store keeps the tasks.

#include <optional>
#include <string_view>
#include <vector>

#include "model/rows.h"

namespace engine {

enum class JobState {
  kNone,             // waits for its upstream
  kQueued,           // waits for a pool slot and a turn
  kStarting,         // its turn has come: the kind makes what the attempt needs, or works already
  kWorking,          // that is there, and works
  kMapped,           // of a mapped job: its instances work
  kUpForRetry,       // the attempt failed; JobRow::next_try_at says when the next one may start
  kUpForGroupRetry,  // it has failed, and its group has a try left (groups.h)
  kRestarting,       // cleared while something of it lives
  kSuccess,
  kFailed,
  kUpstreamFailed,
  kSkipped,
  kRemoved,  // of an instance: the mapped job's list has no item for it, or is to be decided again
};

inline bool IsEnded(JobState state) {
  return state >= JobState::kSuccess;
}
// Nothing follows by itself, unless its group is tried again.
inline bool IsDone(JobState state) {
  return IsEnded(state) || state == JobState::kUpForGroupRetry;
}
// By itself.
inline bool HasFailed(JobState state) {
  return state == JobState::kFailed || state == JobState::kUpForGroupRetry;
}

// Whether the engine may move a job so by itself. A person may end or reset a job in any state.
bool IsLegal(JobState from, JobState to);

// The state of the task at this place of so many, in the order in which they begin. `has_started`:
// the first of several had succeeded before the job failed.
model::TaskState TaskOf(JobState state, size_t place, size_t tasks, bool has_started);

// What the tasks' states say of the job; nothing where they contradict each other. `has_next_try`:
// the job has a try of its own to come.
std::optional<JobState> StateOf(const std::vector<model::TaskRow>& tasks, bool has_next_try);

}  // namespace engine
