#include "engine/rerun.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "engine/attempts.h"
#include "engine/conf.h"
#include "engine/cross_dag.h"
#include "engine/deadlines.h"
#include "engine/groups.h"
#include "engine/mapping.h"
#include "engine/past_runs.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/runs.h"

namespace engine {

namespace {

using base::Cat;

base::Status Refuse(std::string message) {
  return base::Fail(base::ErrorCode::kConflict, std::move(message));
}

base::Status CheckIdle(const Run& run) {
  const JobInstance* at_work = nullptr;
  ForEachJob(run, [&](const JobInstance& job) {
    if (at_work == nullptr && (job.live > 0 || HasOpenAttempt(job)))
      at_work = &job;
  });
  if (at_work == nullptr)
    return {};
  return Refuse(Cat("'",
                    model::DisplayName(at_work->row.key),
                    "' still works, or its cluster has not ended: a run takes another version once "
                    "nothing of it is live; wait for that, or end it first"));
}

base::Status CheckJobs(const Run& run, const Plan& newest) {
  for (const auto& [name, place] : newest.index) {
    const model::Job& wanted = newest.dag->jobs[static_cast<size_t>(place)];
    const std::string shown = model::DisplayName(name.first, name.second);
    if (run.removed.contains(name))
      return Refuse(
          Cat("an earlier rerun took '",
              shown,
              "' out of the run, and the newest version has it again: trigger a new run"));
    const auto own = run.plan->index.find(name);
    if (own != run.plan->index.end() &&
        InstanceOf(run, own->second).def->work.index() != wanted.work.index())
      return Refuse(
          Cat("'", shown, "' is another kind of work in the newest version: trigger a new run"));
  }
  return {};
}

// It leaves every index that finds it by its address or by its definition.
void LeaveIndices(State& state, JobInstance& job) {
  StopWaiting(state, job);
  if (job.state == JobState::kQueued)
    TakeFromQueue(state, job);
  if (job.row.next_try_at)
    state.retries.erase({*job.row.next_try_at, job.row.key});
}

void ForgetRetries(Turn& turn, JobInstance& job) {
  if (!job.row.next_try_at && job.row.application_failures == 0 &&
      job.row.infrastructure_failures == 0)
    return;
  job.row.next_try_at = std::nullopt;
  job.row.application_failures = 0;
  job.row.infrastructure_failures = 0;
  turn.recorder.Put(job.row);
}

void RemoveInstances(Turn& turn, Mapped& mapped, std::string_view cause) {
  for (JobInstance& instance : mapped.instances)
    ForgetRetries(turn, instance);
  ForgetList(turn, mapped, cause, By::kPerson);
}

// What it waits for by edges that are the same stays decided.
std::vector<model::UpstreamWait> WaitsNow(const Turn& turn,
                                          const Run& run,
                                          const JobInstance& job,
                                          const model::Job& before) {
  std::vector<model::UpstreamWait> waits = job.row.waits_for;
  if (job.def->cross != before.cross)
    waits = ResolveWaits(turn.state, run.row.key.dag, *job.def, run.row.data_interval);
  else
    std::erase_if(waits, [](const model::UpstreamWait& wait) { return !wait.run.empty(); });
  for (model::UpstreamWait& wait : WaitsForPast(turn, run, job))
    waits.push_back(std::move(wait));
  return waits;
}

// A job that both versions have, in its new place.
void Keep(
    Turn& turn, Run& run, JobInstance& job, const model::Job& before, std::string_view cause) {
  auto waits = WaitsNow(turn, run, job, before);
  if (waits != job.row.waits_for) {
    job.row.waits_for = std::move(waits);
    turn.recorder.Put(job.row);
  }
  if (IsEnded(job.state))
    return;
  ForgetRetries(turn, job);
  if (job.state == JobState::kMapped)
    RemoveInstances(turn, *MappedOf(run, job), cause);
  SetJob(turn, job, JobState::kNone, cause, By::kPerson);
  WaitAnew(turn, job);
}

void Remove(Turn& turn, Run& run, JobInstance& job, Mapped* mapped, std::string_view cause) {
  if (IsEnded(job.state))
    ForgetEnd(turn.state, run, job);
  WithdrawDeadlines(turn, job.row.key, cause);
  ForgetRetries(turn, job);
  if (mapped != nullptr)
    RemoveInstances(turn, *mapped, cause);
  SetJob(turn, job, JobState::kRemoved, cause, By::kPerson);
  run.removed.insert({job.row.key.job, job.row.key.lane});
}

// The list and its instances stay where they are.
void MoveMapped(Turn::Retired& old, int from, Run& run, int to) {
  auto node = old.mapped.extract(from);
  if (node.empty())
    return;
  node.key() = to;
  Mapped& mapped = run.mapped.insert(std::move(node)).position->second;
  mapped.job = &InstanceOf(run, to);
  for (JobInstance& instance : mapped.instances) {
    instance.def = mapped.job->def;
    instance.index = to;
  }
}

// The jobs in the order of the new plan.
void MoveJobs(Turn& turn, Run& run, Turn::Retired& old, std::string_view cause) {
  const size_t count = run.plan->dag->jobs.size();
  run.jobs.resize(count);
  std::vector<int> fresh;
  std::vector<std::pair<int, const model::Job*>> kept;  // and what it was
  for (size_t i = 0; i < count; ++i) {
    const model::Job& def = run.plan->dag->jobs[i];
    const auto place = static_cast<int>(i);
    const auto before = old.plan->index.find({def.id, def.lane});
    if (before == old.plan->index.end()) {
      fresh.push_back(place);
      continue;
    }
    JobInstance& job = run.jobs[i];
    job = std::move(old.jobs[static_cast<size_t>(before->second)]);
    kept.emplace_back(place, job.def);
    job.def = &def;
    job.index = place;
    MoveMapped(old, before->second, run, place);
  }
  // What they wait for goes by the states of all.
  for (const int place : fresh)
    AddJob(turn, run, static_cast<size_t>(place));
  for (const auto& [place, was] : kept)
    Keep(turn, run, InstanceOf(run, place), *was, cause);
  Recount(run);
}

}  // namespace

base::Result<bool> TakeNewestVersion(Turn& turn, Run& run, std::string_view by) {
  const DagEntry& entry = turn.state.dags.at(run.row.key.dag);
  if (entry.row.version == run.row.version)
    return false;
  RETURN_IF_ERROR(CheckIdle(run));
  RETURN_IF_ERROR(CheckJobs(run, *entry.plan));
  if (const base::Status fits = CheckConf(*entry.plan->dag, ConfOf(run.row)); !fits)
    return base::Fail(
        Refuse(Cat("the run's conf is not one for the newest version: ", fits.error().message))
            .error());
  const std::string cause = Cat("taken to the newest version ", by);
  ForEachJob(run, [&](JobInstance& job) { LeaveIndices(turn.state, job); });
  RenewGroups(turn, run);
  Turn::Retired& old = turn.retired.emplace_back();
  old.plan = std::exchange(run.plan, entry.plan);
  old.jobs = std::move(run.jobs);
  old.mapped = std::move(run.mapped);
  old.groups = std::move(run.groups);
  run.jobs.clear();
  run.mapped.clear();
  run.groups.clear();
  MakeGroups(run);
  turn.recorder.History(turn.now,
                        model::SubjectOf(run.row.key),
                        run.row.version.str(),
                        entry.row.version.str(),
                        cause);
  run.row.version = entry.row.version;
  turn.recorder.Put(run.row);
  MoveJobs(turn, run, old, cause);
  for (const auto& [name, place] : old.plan->index) {
    if (run.plan->index.contains(name))
      continue;
    const auto mapped = old.mapped.find(place);
    Remove(turn,
           run,
           old.jobs[static_cast<size_t>(place)],
           mapped == old.mapped.end() ? nullptr : &mapped->second,
           cause);
  }
  return true;
}

}  // namespace engine
