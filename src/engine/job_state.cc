#include "engine/job_state.h"

#include <algorithm>

namespace engine {

using model::TaskState;

bool IsLegal(JobState from, JobState to) {
  switch (from) {
    case JobState::kNone:
      return to == JobState::kQueued || to == JobState::kStarting || to == JobState::kMapped ||
             IsEnded(to);
    case JobState::kQueued:
      return to == JobState::kStarting || to == JobState::kFailed;
    case JobState::kStarting:
      return to == JobState::kQueued || to == JobState::kWorking || HasFailed(to) ||
             to == JobState::kUpForRetry || to == JobState::kSkipped || to == JobState::kSuccess;
    case JobState::kWorking:
      return to == JobState::kSuccess || HasFailed(to) || to == JobState::kUpForRetry;
    case JobState::kMapped:
      return to == JobState::kSuccess || HasFailed(to) || to == JobState::kSkipped;
    case JobState::kUpForRetry:
      return to == JobState::kQueued || to == JobState::kStarting;
    case JobState::kUpForGroupRetry:
      return to == JobState::kFailed;
    case JobState::kRestarting:
      return to == JobState::kNone || to == JobState::kRemoved;
    case JobState::kRemoved:
      return to == JobState::kNone || to == JobState::kRestarting;
    case JobState::kSuccess:
    case JobState::kFailed:
    case JobState::kUpstreamFailed:
    case JobState::kSkipped:
      return false;
  }
  return false;
}

TaskState TaskOf(JobState state, size_t place, size_t tasks, bool has_started) {
  const bool is_first = place == 0;
  const bool is_last = place + 1 == tasks;
  switch (state) {
    case JobState::kNone:
      return TaskState::kNone;
    case JobState::kQueued:
      return is_first ? TaskState::kQueued : TaskState::kNone;
    case JobState::kStarting:
      return is_first ? TaskState::kRunning : TaskState::kNone;
    case JobState::kWorking:
      return is_last ? TaskState::kDeferred : TaskState::kSuccess;
    case JobState::kMapped:
      return TaskState::kScheduled;
    case JobState::kUpForRetry:
      return TaskState::kUpForRetry;
    case JobState::kRestarting:
      return TaskState::kRestarting;
    case JobState::kSuccess:
      return TaskState::kSuccess;
    case JobState::kUpForGroupRetry:  // keeps which task has failed, if that counts after all
      return has_started && !is_last ? TaskState::kSuccess : TaskState::kUpForRetry;
    case JobState::kFailed:
      if (has_started || tasks == 1)
        return is_last ? TaskState::kFailed : TaskState::kSuccess;
      return is_first ? TaskState::kFailed : TaskState::kUpstreamFailed;
    case JobState::kUpstreamFailed:
      return TaskState::kUpstreamFailed;
    case JobState::kSkipped:
      return TaskState::kSkipped;
    case JobState::kRemoved:
      return TaskState::kRemoved;
  }
  return TaskState::kNone;
}

std::optional<JobState> StateOf(const std::vector<model::TaskRow>& tasks, bool has_next_try) {
  const auto fits = [&](JobState state, bool has_started) {
    return std::all_of(tasks.begin(), tasks.end(), [&](const model::TaskRow& task) {
      const auto place = static_cast<size_t>(&task - tasks.data());
      return task.state == TaskOf(state, place, tasks.size(), has_started);
    });
  };
  for (int i = 0; i <= static_cast<int>(JobState::kRemoved); ++i) {
    const auto state = static_cast<JobState>(i);
    // They may look the same.
    if (state == (has_next_try ? JobState::kUpForGroupRetry : JobState::kUpForRetry))
      continue;
    if (fits(state, false) || fits(state, true))
      return state;
  }
  return std::nullopt;
}

}  // namespace engine
