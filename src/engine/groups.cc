#include "engine/groups.h"

#include <algorithm>

#include "base/text.h"
#include "engine/cross_dag.h"
#include "engine/mapping.h"
#include "engine/retry.h"

namespace engine {

namespace {

using base::Cat;
using model::EndNote;

const model::Unit& UnitAt(const Run& run, int unit) {
  return run.plan->units.all[static_cast<size_t>(unit)];
}

GroupTries& TriesOf(Run& run, int unit) {
  return run.groups[static_cast<size_t>(unit)];
}

const GroupTries& TriesOf(const Run& run, int unit) {
  return run.groups[static_cast<size_t>(unit)];
}

int Innermost(const Run& run, const JobInstance& job) {
  return run.plan->units.InnermostOf(job.index);
}

// It has failed, or will with its instances, so that a further try is no use.
bool IsForGood(const Run& run, const JobInstance& job) {
  if (job.state == JobState::kFailed && job.row.end_note == EndNote::kForGood)
    return true;
  const Mapped* mapped = MappedOf(run, job);
  return mapped != nullptr &&
         std::ranges::any_of(mapped->instances, [](const JobInstance& instance) {
           return IsInList(instance) && instance.state == JobState::kFailed &&
                  instance.row.end_note == EndNote::kForGood;
         });
}

bool AnyJob(const Run& run, int unit, auto holds) {
  return std::ranges::any_of(UnitAt(run, unit).jobs,
                             [&](int index) { return holds(InstanceOf(run, index)); });
}

// `used`: failures that count already.
bool MayTryAgain(const Run& run, int unit, int used) {
  return used < GroupOf(run, unit).retries && !run.row.marked &&
         !AnyJob(run, unit, [&](const JobInstance& job) { return IsForGood(run, job); });
}

bool HasFailedJob(const Run& run, int unit) {
  return AnyJob(run, unit, [](const JobInstance& job) { return HasFailed(job.state); });
}

bool HasTryLeft(const Run& run, const JobInstance& job) {
  for (int unit = Innermost(run, job); unit >= 0; unit = UnitAt(run, unit).around) {
    if (MayTryAgain(run, unit, TriesOf(run, unit).row.failures))
      return true;
  }
  return false;
}

void StopWaitingForRetry(Turn& turn, const Run& run, int unit, GroupTries& tries) {
  if (!tries.row.next_try_at)
    return;
  turn.state.group_retries.erase({*tries.row.next_try_at, GroupKeyOf(run, unit)});
  tries.row.next_try_at = std::nullopt;
  turn.recorder.Put(tries.row);
}

void Renew(Turn& turn, const Run& run, int unit, GroupTries& tries) {
  StopWaitingForRetry(turn, run, unit, tries);
  if (tries.row.failures == 0)
    return;
  tries.row.failures = 0;
  turn.recorder.Put(tries.row);
}

// Jobs of it that are not done, and units within it that wait for another try.
int CountUnfinished(const Run& run, int unit) {
  const auto open = std::ranges::count_if(
      UnitAt(run, unit).jobs, [&](int index) { return !IsDone(InstanceOf(run, index).state); });
  const auto waiting = std::ranges::count_if(
      run.plan->units.inner[static_cast<size_t>(unit)],
      [&](int inner) { return TriesOf(run, inner).row.next_try_at.has_value(); });
  return static_cast<int>(open + waiting);
}

void NoteOnRun(Turn& turn, const Run& run, std::string_view cause) {
  const std::string_view now = ToString(run.row.state);
  turn.recorder.History(turn.now, model::SubjectOf(run.row.key), now, now, cause);
}

void BeginWaitingForRetry(Turn& turn, Run& run, int unit) {
  const model::Group& group = GroupOf(run, unit);
  model::GroupTriesRow& row = TriesOf(run, unit).row;
  ++row.failures;
  const Backoff backoff{group.retry_delay, group.retry_exponential_backoff, group.max_retry_delay};
  const std::string entity = Cat(ToString(run.row.key), "/", DisplayName(row.key));
  row.next_try_at =
      turn.now + DelayAfter(backoff, row.failures, SeedOf(turn.state.identity), entity);
  turn.recorder.Put(row);
  turn.state.group_retries.insert({*row.next_try_at, row.key});
  NoteOnRun(turn,
            run,
            Cat(NameOfGroup(run, unit),
                " has failed: try ",
                row.failures + 1,
                " of ",
                group.retries + 1,
                " begins at ",
                base::FormatRfc3339(*row.next_try_at)));
}

// In a run that has ended a mark begins nothing again.
void CloseFailures(Turn& turn, Run& run, int unit, std::string_view cause) {
  for (int index : UnitAt(run, unit).jobs) {
    JobInstance& job = InstanceOf(run, index);
    if (!HasFailed(job.state))
      continue;
    SetJob(turn, job, JobState::kFailed, cause, By::kPerson);
    NoteForGood(turn, run, job);
  }
}

// As the jobs are now, whether the unit is done and waits for another try.
void ReviewUnit(Turn& turn, Run& run, int unit, std::string_view cause, bool ends) {
  GroupTries& tries = TriesOf(run, unit);
  const bool is_done = CountUnfinished(run, unit) == 0;
  const bool waits = tries.row.next_try_at.has_value();
  const int used = tries.row.failures - (waits ? 1 : 0);
  const bool wants = is_done && HasFailedJob(run, unit) && MayTryAgain(run, unit, used) && !ends;
  if (wants && IsTerminal(run.row.state))
    CloseFailures(turn, run, unit, cause);
  else if (wants && !waits)
    BeginWaitingForRetry(turn, run, unit);
  else if (!wants)
    StopWaitingForRetry(turn, run, unit, tries);
}

}  // namespace

model::GroupKey GroupKeyOf(const Run& run, int unit) {
  return {run.row.key, GroupOf(run, unit).path, UnitAt(run, unit).lane};
}

std::string NameOfGroup(const Run& run, int unit) {
  const model::LaneId& lane = UnitAt(run, unit).lane;
  return Cat("the group '",
             GroupOf(run, unit).path,
             "'",
             lane.empty() ? "" : Cat(" in lane ", lane.str()));
}

const model::Group& GroupOf(const Run& run, int unit) {
  return run.plan->dag->groups[static_cast<size_t>(UnitAt(run, unit).group)];
}

bool IsSettled(const Run& run, int unit) {
  const GroupTries& tries = TriesOf(run, unit);
  return tries.open == 0 && !tries.row.next_try_at;
}

int HiddenBy(const Run& run, int job, int seen_by) {
  const int unit = run.plan->units.Between(job, seen_by);
  return unit >= 0 && !IsSettled(run, unit) ? unit : -1;
}

JobState EndSeenBy(const Run& run, int job, int seen_by) {
  const JobState state = InstanceOf(run, job).state;
  if (!IsDone(state) || HiddenBy(run, job, seen_by) >= 0)
    return JobState::kNone;
  return state == JobState::kUpForGroupRetry ? JobState::kFailed : state;
}

JobState EndInGroup(const Run& run, const JobInstance& job, JobState end) {
  return end == JobState::kFailed && job.of == nullptr && HasTryLeft(run, job)
             ? JobState::kUpForGroupRetry
             : end;
}

void NoteForGood(Turn& turn, const Run& run, JobInstance& job) {
  if (Innermost(run, job) < 0 || job.row.end_note == EndNote::kForGood)
    return;
  job.row.end_note = EndNote::kForGood;
  turn.recorder.Put(job.row);
}

void Fail(Turn& turn, const Run& run, JobInstance& job, std::string_view cause, bool for_good) {
  if (!for_good && !run.row.marked) {
    SetJob(turn, job, EndInGroup(run, job, JobState::kFailed), cause);
    return;
  }
  SetJob(turn, job, JobState::kFailed, cause);
  NoteForGood(turn, run, job);
}

bool WantsRetry(const Run& run, int unit) {
  return HasFailedJob(run, unit) && MayTryAgain(run, unit, TriesOf(run, unit).row.failures);
}

bool AwaitsRetry(Turn& turn, Run& run, int unit) {
  if (!WantsRetry(run, unit))
    return false;
  BeginWaitingForRetry(turn, run, unit);
  for (int at = UnitAt(run, unit).around; at >= 0; at = UnitAt(run, at).around)
    ++TriesOf(run, at).open;
  return true;
}

std::vector<JobInstance*> Unretried(Run& run, int unit) {
  std::vector<JobInstance*> jobs;
  if (UnitAt(run, unit).around >= 0)
    return jobs;
  for (int index : UnitAt(run, unit).jobs) {
    JobInstance& job = InstanceOf(run, index);
    if (job.state == JobState::kUpForGroupRetry)
      jobs.push_back(&job);
  }
  return jobs;
}

void RenewGroups(Turn& turn, Run& run, const JobInstance& job, std::string_view cause) {
  for (int unit = Innermost(run, job); unit >= 0; unit = UnitAt(run, unit).around) {
    if (TriesOf(run, unit).row.failures == 0)
      continue;
    Renew(turn, run, unit, TriesOf(run, unit));
    NoteOnRun(turn, run, Cat(NameOfGroup(run, unit), " has all its tries again: ", cause));
  }
}

void BeginGroupAgain(Turn& turn, Run& run, int unit, std::string_view cause) {
  StopWaitingForRetry(turn, run, unit, TriesOf(run, unit));
  for (int inner : run.plan->units.inner[static_cast<size_t>(unit)])
    Renew(turn, run, inner, TriesOf(run, inner));
  NoteOnRun(turn, run, cause);
}

std::vector<int> ReviewGroups(Turn& turn, Run& run, std::string_view cause, bool ends) {
  std::vector<int> settled;
  const auto& units = run.plan->units.all;
  std::vector<bool> was_settled;
  for (int unit = 0; unit < std::ssize(units); ++unit)
    was_settled.push_back(IsSettled(run, unit));
  for (int unit = static_cast<int>(std::ssize(units)) - 1; unit >= 0; --unit)
    ReviewUnit(turn, run, unit, cause, ends);
  // What had failed without a try left may have one now.
  for (JobInstance& job : run.jobs) {
    if (job.state == JobState::kFailed && !ends)
      SetJob(turn, job, EndInGroup(run, job, JobState::kFailed), cause, By::kPerson);
  }
  CountGroups(run);
  for (int unit = static_cast<int>(std::ssize(units)) - 1; unit >= 0; --unit) {
    const bool is_settled = IsSettled(run, unit);
    if (is_settled) {
      for (JobInstance* job : Unretried(run, unit))
        SetJob(turn, *job, JobState::kFailed, cause, By::kPerson);
    }
    if (is_settled && !was_settled[static_cast<size_t>(unit)])
      settled.push_back(unit);
    if (is_settled || !was_settled[static_cast<size_t>(unit)])
      continue;
    for (int index : UnitAt(run, unit).jobs)
      ForgetEnd(turn.state, run, InstanceOf(run, index));
  }
  return settled;
}

void RenewGroups(Turn& turn, Run& run) {
  for (int unit = 0; unit < std::ssize(run.groups); ++unit)
    Renew(turn, run, unit, TriesOf(run, unit));
}

void MakeGroups(Run& run) {
  run.groups.resize(run.plan->units.all.size());
  for (int unit = 0; unit < std::ssize(run.groups); ++unit)
    TriesOf(run, unit).row.key = GroupKeyOf(run, unit);
}

void CountGroups(Run& run) {
  for (int unit = 0; unit < std::ssize(run.groups); ++unit)
    TriesOf(run, unit).open = OpenInGroup(run, unit);
}

int OpenInGroup(const Run& run, int unit) {
  return CountUnfinished(run, unit);
}

}  // namespace engine
