#include "engine/turn.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "engine/deadlines.h"

namespace engine {

namespace {

using model::TaskState;

bool IsReset(JobState to) {
  return to == JobState::kNone || to == JobState::kRestarting;
}

bool IsLegalFor(By by, JobState from, JobState to) {
  switch (by) {
    case By::kEngine:
      return IsLegal(from, to);
    case By::kPerson:
      return IsLegal(from, to) || IsEnded(to) || IsReset(to) || to == JobState::kMapped ||
             to == JobState::kUpForGroupRetry;
    case By::kGroup:
      return IsDone(from) && (IsReset(to) || to == JobState::kRemoved);
  }
  return false;
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
    case TaskState::kScheduled:
    case TaskState::kRunning:
    case TaskState::kDeferred:
      row.start_date = now;
      row.end_date = to == TaskState::kScheduled ? std::nullopt : row.end_date;
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
    case TaskState::kRemoved:
      return;
  }
}

void SetTask(
    Turn& turn, const JobInstance& job, model::TaskRow& row, TaskState to, std::string_view cause) {
  if (row.state == to)
    return;
  turn.recorder.History(turn.now,
                        model::SubjectOf(row.job, TaskDisplayId(*job.def, row.task, row.job.index)),
                        ToString(row.state),
                        ToString(to),
                        cause);
  row.state = to;
  row.try_number = job.row.try_number;
  SetDates(row, to, turn.now);
  turn.recorder.Put(row);
}

}  // namespace

void SetJob(Turn& turn, JobInstance& job, JobState to, std::string_view cause, By by) {
  if (job.state == to)
    return;
  CHECK(IsLegalFor(by, job.state, to));
  if (std::exchange(job.row.end_note, model::EndNote::kNone) != model::EndNote::kNone)
    turn.recorder.Put(job.row);
  if (job.of != nullptr)
    job.of->open += (IsEnded(to) ? 0 : 1) - (IsEnded(job.state) ? 0 : 1);
  job.state = to;
  const size_t count = job.tasks.size();
  const bool has_started = job.tasks.front().state == TaskState::kSuccess;
  const std::string start_failed =
      to == JobState::kFailed ? base::Cat(model::TaskIds(*job.def).front(), " failed") : "";
  // A new try: what is reset comes before what begins.
  const bool last_first = to == JobState::kQueued;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = last_first ? count - 1 - i : i;
    const TaskState task = TaskOf(to, place, count, has_started);
    const bool is_dragged_along = to == JobState::kFailed && task == TaskState::kUpstreamFailed;
    SetTask(turn, job, job.tasks[place], task, is_dragged_along ? start_failed : cause);
  }
  if (IsEnded(to))
    CloseDeadlines(
        turn, job.row.key.run, &job, to == JobState::kSuccess || to == JobState::kSkipped);
}

void SetRun(Turn& turn, Run& run, model::RunState to, std::string_view cause, By by) {
  if (run.row.state == to)
    return;
  CHECK(!IsTerminal(run.row.state) || by == By::kPerson);
  turn.recorder.History(
      turn.now, model::SubjectOf(run.row.key), ToString(run.row.state), ToString(to), cause);
  run.row.state = to;
  if (to == model::RunState::kRunning)
    run.row.start_date = turn.now;
  run.row.end_date = IsTerminal(to) ? std::optional<Time>(turn.now) : std::nullopt;
  turn.recorder.Put(run.row);
  if (IsTerminal(to))
    CloseDeadlines(turn, run.row.key, nullptr, to == model::RunState::kSuccess);
}

Run* FindRun(State& state, const model::RunKey& key) {
  auto found = state.runs.find(key);
  return found == state.runs.end() ? nullptr : &found->second;
}

const JobInstance* FindJob(const State& state, const model::JobKey& key) {
  const auto run = state.runs.find(key.run);
  if (run == state.runs.end())
    return nullptr;
  const auto index = run->second.plan->index.find({key.job, key.lane});
  if (index == run->second.plan->index.end())
    return nullptr;
  if (key.index < 0)
    return &InstanceOf(run->second, index->second);
  const auto mapped = run->second.mapped.find(index->second);
  const auto place = static_cast<size_t>(key.index);
  const bool is_there =
      mapped != run->second.mapped.end() && place < mapped->second.instances.size();
  return is_there ? &mapped->second.instances[place] : nullptr;
}

JobInstance* FindJob(State& state, const model::JobKey& key) {
  return const_cast<JobInstance*>(FindJob(std::as_const(state), key));
}

}  // namespace engine
