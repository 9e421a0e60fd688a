#include "engine/propagate.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "engine/assets.h"
#include "engine/attempts.h"
#include "engine/branch.h"
#include "engine/condition.h"
#include "engine/cross_dag.h"
#include "engine/groups.h"
#include "engine/mapping.h"
#include "engine/past_runs.h"
#include "engine/queue.h"

namespace engine {

namespace {

bool IsSetup(const Run& run, int index) {
  return run.plan->dag->jobs[static_cast<size_t>(index)].role == model::Role::kSetup;
}

// One of the upstream jobs that had the job end so, for people.
std::string CauseOf(const Run& run, const JobInstance& job, Readiness decision) {
  const bool is_skip = decision == Readiness::kSkipped;
  for (const std::vector<int>* upstream : {&job.def->upstream, &job.def->setups}) {
    for (int index : *upstream) {
      const JobInstance& up = InstanceOf(run, index);
      const JobState end = EndSeenBy(run, index, job.index);
      const bool is_cause = is_skip ? end == JobState::kSkipped
                                    : end == JobState::kFailed || end == JobState::kUpstreamFailed;
      if (is_cause)
        return base::Cat(model::DisplayName(up.def->id, up.def->lane),
                         is_skip ? " was skipped" : " did not succeed");
    }
  }
  return base::Cat("trigger_rule: ", ToString(job.def->trigger_rule));
}

void EndBeforeBegin(Turn& turn,
                    Run& run,
                    JobInstance& job,
                    Readiness decision,
                    const std::string& cause,
                    Worklist& ended) {
  StopWaiting(turn.state, job);
  SetJob(turn,
         job,
         decision == Readiness::kSkipped ? JobState::kSkipped : JobState::kUpstreamFailed,
         cause);
  ended.push_back({&run, job.index});
}

// The edge to another DAG whose rule had the job end so, for people.
std::string EdgeOf(const JobInstance& job, Readiness decision) {
  const model::WaitVerdict verdict = decision == Readiness::kSkipped
                                         ? model::WaitVerdict::kSkipped
                                         : model::WaitVerdict::kUpstreamFailed;
  const auto wait = std::ranges::find(job.row.waits_for, verdict, &model::UpstreamWait::verdict);
  CHECK(wait != job.row.waits_for.end());
  return base::Cat("the ends of ",
                   wait->dag.str(),
                   wait->job.empty() ? "" : "/",
                   wait->job.str(),
                   " are not what the rule ",
                   ToString(wait->rule),
                   " wants");
}

// Its `when` may forbid it, or be a mistake.
bool EndsByCondition(Turn& turn, const Run& run, JobInstance& job) {
  const base::Result<bool> holds = ConditionHolds(turn, run, job);
  if (!holds)
    Fail(turn, run, job, base::Cat("when: ", holds.error().message), /*for_good=*/true);
  else if (!*holds)
    SetJob(turn, job, JobState::kSkipped, base::Cat("when: ", job.def->when));
  return IsEnded(job.state);
}

// False if the job has nothing to do.
bool BeginWork(Turn& turn, Run& run, JobInstance& job) {
  switch (KindOf(turn.kinds, *job.def).begin()) {
    case Kind::Begin::kIsDone:
      return false;
    case Kind::Begin::kAtOnce:
      BeginAtOnce(turn, run, job);
      return true;
    case Kind::Begin::kInTurn:
      Enqueue(turn, job, "nothing holds it back");
      return true;
  }
  return false;
}

void BeginInstance(Turn& turn, Run& run, JobInstance& instance, Worklist& ended) {
  if (BeginWork(turn, run, instance))
    return;
  ++instance.row.try_number;
  SetJob(turn, instance, JobState::kSuccess, model::KindOf(instance.def->work).name);
  if (EndsWithInstance(turn, run, instance))
    ended.push_back({&run, instance.index});
}

void BeginJob(Turn& turn, Run& run, JobInstance& job, Worklist& ended) {
  StopWaiting(turn.state, job);
  if (EndsByCondition(turn, run, job)) {
    ended.push_back({&run, job.index});
    return;
  }
  if (job.def->map_over) {
    if (const std::vector<JobInstance*> made = Expand(turn, run, job); !made.empty()) {
      for (JobInstance* instance : made)
        BeginInstance(turn, run, *instance, ended);
    } else {
      ended.push_back({&run, job.index});
    }
    return;
  }
  if (BeginWork(turn, run, job))
    return;
  ++job.row.try_number;  // its task says so: this needs no row
  SetJob(turn, job, JobState::kSuccess, model::KindOf(job.def->work).name);
  ended.push_back({&run, job.index});
}

// Its end is seen now by those jobs of its run that `unit` kept it from; -1: by those that no unit
// keeps it from.
void PropagateInRun(Turn& turn, Run& run, const JobInstance& job, int unit, Worklist& ended) {
  const auto sees_now = [&](int other) {
    return run.plan->units.Between(job.index, other) == unit;
  };
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)]) {
    if (!sees_now(down))
      continue;
    JobInstance& next = InstanceOf(run, down);
    Count(next.upstream, EndSeenBy(run, job.index, down), IsSetup(run, job.index));
    Consider(turn, run, next, ended);
  }
  if (auto scope = run.plan->scopes.find(job.index); scope != run.plan->scopes.end()) {
    for (int within : scope->second) {
      if (sees_now(within))
        Consider(turn, run, InstanceOf(run, within), ended);
    }
  }
}

void TellAssets(Turn& turn, Run& run, JobInstance& job) {
  if (job.state != JobState::kSuccess)
    return;
  if (run.plan->units.InnermostOf(job.index) < 0) {
    RecordOutlets(turn, run, job);
  } else if (!job.def->outlets.empty()) {
    job.row.end_note = model::EndNote::kOutletsDue;
    turn.recorder.Put(job.row);
  }
}

// No try is left for what failed in it, and its ends count.
void Settle(Turn& turn, Run& run, int unit, Worklist& ended) {
  for (JobInstance* job : Unretried(run, unit)) {
    SetJob(turn, *job, JobState::kFailed, base::Cat(NameOfGroup(run, unit), " is not tried again"));
    --run.open_jobs;
  }
  for (int index : run.plan->units.all[static_cast<size_t>(unit)].jobs)
    PropagateInRun(turn, run, InstanceOf(run, index), unit, ended);
  TellSettled(turn, run, unit, ended);
}

void PropagateInUnits(Turn& turn, Run& run, int index, Worklist& ended) {
  const auto around = [&](int unit) {
    return run.plan->units.all[static_cast<size_t>(unit)].around;
  };
  const int innermost = run.plan->units.InnermostOf(index);
  for (int unit = innermost; unit >= 0; unit = around(unit))
    --run.groups[static_cast<size_t>(unit)].open;
  for (int unit = innermost; unit >= 0 && run.groups[static_cast<size_t>(unit)].open == 0;
       unit = around(unit)) {
    if (AwaitsRetry(turn, run, unit))
      return;
    Settle(turn, run, unit, ended);
  }
}

}  // namespace

UpstreamEnds CountUpstream(const Run& run, const JobInstance& job) {
  UpstreamEnds ends{.jobs = static_cast<int>(job.def->upstream.size())};
  for (int up : job.def->upstream) {
    const bool is_setup = IsSetup(run, up);
    ends.setups += is_setup ? 1 : 0;
    Count(ends, EndSeenBy(run, up, job.index), is_setup);
  }
  return ends;
}

void Recount(Run& run) {
  run.open_jobs = 0;
  CountGroups(run);
  for (JobInstance& job : run.jobs) {
    run.open_jobs += IsEnded(job.state) ? 0 : 1;
    job.upstream = CountUpstream(run, job);
  }
  for (auto& [definition, mapped] : run.mapped)
    mapped.open = CountOpen(mapped);
}

Readiness ReadinessOf(const Run& run, const JobInstance& job) {
  const Readiness of_rule = Decide(job.def->trigger_rule, job.upstream);
  if (job.def->setups.empty())
    return of_rule;
  UpstreamEnds setups{.jobs = static_cast<int>(job.def->setups.size())};
  for (int setup : job.def->setups)
    Count(setups, EndSeenBy(run, setup, job.index), /*is_setup=*/true);
  return Both(of_rule, Decide(model::TriggerRule::kAllSuccess, setups));
}

bool MayBegin(const State& state, const Run& run) {
  return run.row.state == model::RunState::kRunning &&
         !state.dags.at(run.row.key.dag).row.is_paused;
}

void Consider(Turn& turn, Run& run, JobInstance& job, Worklist& ended) {
  if (job.state != JobState::kNone)
    return;
  if (job.of != nullptr) {
    if (MayBegin(turn.state, run))
      BeginInstance(turn, run, job, ended);
    return;
  }
  if (const std::string why = SkippedByBranch(run, job); !why.empty()) {
    EndBeforeBegin(turn, run, job, Readiness::kSkipped, why, ended);
    return;
  }
  switch (const Readiness decision = ReadinessOf(run, job)) {
    case Readiness::kWaits:
      return;
    case Readiness::kSkipped:
    case Readiness::kUpstreamFailed:
      EndBeforeBegin(turn, run, job, decision, CauseOf(run, job, decision), ended);
      return;
    case Readiness::kReady:
      break;
  }
  if (!MayBegin(turn.state, run))
    return;
  switch (const Readiness elsewhere = ReadinessElsewhere(turn.state, job)) {
    case Readiness::kWaits:
      return;
    case Readiness::kSkipped:
    case Readiness::kUpstreamFailed:
      EndBeforeBegin(turn, run, job, elsewhere, EdgeOf(job, elsewhere), ended);
      return;
    case Readiness::kReady:
      BeginJob(turn, run, job, ended);
      return;
  }
}

void PropagateAcrossDags(Turn& turn, Run& run, const JobInstance& job, Worklist& ended) {
  std::vector<model::JobKey> waiters;
  if (HiddenBy(run, job.index, -1) >= 0)
    return;
  if (job.state == JobState::kSuccess)
    waiters = NoteSuccess(turn.state, run, job, turn.now - turn.options.completed_for);
  else if (IsEnded(job.state))
    NoteOtherEnd(turn, run, job);
  if (job.state == JobState::kSkipped)
    waiters = WaitersForRun(turn.state, run.row.key);
  for (const model::JobKey& waiting : waiters) {
    Run* other = FindRun(turn.state, waiting.run);
    JobInstance* next = FindJob(turn.state, waiting);
    if (other == nullptr || next == nullptr)
      continue;
    DecideEdges(turn, *next);
    Consider(turn, *other, *next, ended);
  }
}

void TellSettled(Turn& turn, Run& run, int unit, Worklist& ended) {
  const model::Unit& settled = run.plan->units.all[static_cast<size_t>(unit)];
  if (settled.around >= 0)
    return;
  for (int index : settled.jobs) {
    JobInstance& job = InstanceOf(run, index);
    if (job.row.end_note == model::EndNote::kOutletsDue) {
      job.row.end_note = model::EndNote::kNone;
      turn.recorder.Put(job.row);
      RecordOutlets(turn, run, job);
    }
    PropagateAcrossDags(turn, run, job, ended);
  }
}

Run* Propagate(Turn& turn, Worklist& ended) {
  while (!ended.empty()) {
    auto [run, index] = ended.front();
    ended.pop_front();
    JobInstance& job = InstanceOf(*run, index);
    run->open_jobs -= IsEnded(job.state) ? 1 : 0;
    TellAssets(turn, *run, job);
    PropagateInRun(turn, *run, job, -1, ended);
    PropagateInUnits(turn, *run, index, ended);
    if (run->plan->units.InnermostOf(index) < 0)
      PropagateAcrossDags(turn, *run, job, ended);
    if (run->open_jobs == 0)
      return run;
  }
  return nullptr;
}

void Enqueue(Turn& turn, JobInstance& job, std::string_view cause) {
  SetJob(turn, job, JobState::kQueued, cause);
  AddToQueue(turn.state, *FindRun(turn.state, job.row.key.run), job);
}

}  // namespace engine
