#include "engine/turn.h"

#include "base/check.h"
#include "base/text.h"

namespace engine {

namespace {

using model::TaskState;

// The legal moves of a task; everything else is a bug of ours.
bool IsLegal(TaskState from, TaskState to) {
  switch (from) {
    case TaskState::kNone:
      return to == TaskState::kQueued || to == TaskState::kDeferred || to == TaskState::kSuccess ||
             to == TaskState::kUpstreamFailed || to == TaskState::kUpForRetry;
    case TaskState::kScheduled:
      return to == TaskState::kQueued;
    case TaskState::kQueued:
      return to == TaskState::kRunning || to == TaskState::kFailed;
    case TaskState::kRunning:
      return to == TaskState::kQueued || to == TaskState::kSuccess || to == TaskState::kFailed ||
             to == TaskState::kUpForRetry;
    case TaskState::kDeferred:
      return to == TaskState::kSuccess || to == TaskState::kFailed || to == TaskState::kUpForRetry;
    case TaskState::kUpForRetry:
      return to == TaskState::kQueued || to == TaskState::kNone;
    // `start` succeeded, then the attempt failed in `wait`: the job is retried as one.
    case TaskState::kSuccess:
      return to == TaskState::kUpForRetry;
    case TaskState::kRestarting:
      return to == TaskState::kNone;
    case TaskState::kFailed:
    case TaskState::kUpstreamFailed:
    case TaskState::kSkipped:
      return false;
  }
  return false;
}

bool IsLegalForPerson(TaskState to) {
  return IsTerminal(to) || to == TaskState::kNone || to == TaskState::kRestarting;
}

void SetDates(model::TaskRow& row, TaskState to, Time now) {
  switch (to) {
    case TaskState::kNone:
      row.queued_at = row.start_date = row.end_date = std::nullopt;
      return;
    case TaskState::kQueued:
      row.queued_at = now;
      row.start_date = row.end_date = std::nullopt;
      return;
    case TaskState::kRunning:
    case TaskState::kDeferred:
      row.start_date = now;
      return;
    case TaskState::kRestarting:
      row.end_date = std::nullopt;
      return;
    case TaskState::kSuccess:
    case TaskState::kFailed:
    case TaskState::kUpForRetry:
      if (!row.start_date)
        row.start_date = now;
      // A `start` that is dragged along by its `wait` keeps its own end.
      if (!row.end_date)
        row.end_date = now;
      return;
    case TaskState::kUpstreamFailed:
    case TaskState::kSkipped:
    case TaskState::kScheduled:
      return;
  }
}

}  // namespace

void SetTask(Turn& turn, JobInstance& job, int task, TaskState to, std::string_view cause, By by) {
  model::TaskRow& row = job.tasks[static_cast<size_t>(task)];
  if (row.state == to)
    return;
  CHECK(IsLegal(row.state, to) || (by == By::kPerson && IsLegalForPerson(to)));
  turn.recorder.History(
      turn.now,
      base::Cat("task ", ToString(row.job.run), "/", TaskDisplayId(*job.def, task)),
      ToString(row.state),
      ToString(to),
      cause);
  row.state = to;
  row.try_number = job.row.try_number;
  SetDates(row, to, turn.now);
  turn.recorder.Put(row);
}

void SetRun(Turn& turn, Run& run, model::RunState to, std::string_view cause, By by) {
  if (run.row.state == to)
    return;
  CHECK(!IsTerminal(run.row.state) || by == By::kPerson);
  turn.recorder.History(turn.now,
                        base::Cat("run ", ToString(run.row.key)),
                        ToString(run.row.state),
                        ToString(to),
                        cause);
  run.row.state = to;
  if (to == model::RunState::kRunning)
    run.row.start_date = turn.now;
  run.row.end_date = IsTerminal(to) ? std::optional<Time>(turn.now) : std::nullopt;
  turn.recorder.Put(run.row);
}

Run* FindRun(State& state, const model::RunKey& key) {
  auto found = state.runs.find(key);
  return found == state.runs.end() ? nullptr : &found->second;
}

JobInstance* FindJob(State& state, const model::JobKey& key) {
  Run* run = FindRun(state, key.run);
  if (run == nullptr)
    return nullptr;
  auto index = run->plan->index.find({key.job, key.lane});
  return index == run->plan->index.end() ? nullptr : &run->jobs[static_cast<size_t>(index->second)];
}

}  // namespace engine
