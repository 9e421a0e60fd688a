#include "engine/propagate.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "engine/assets.h"
#include "engine/attempts.h"
#include "engine/condition.h"
#include "engine/cross_dag.h"
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
      const bool is_cause =
          is_skip ? up.state == JobState::kSkipped
                  : up.state == JobState::kFailed || up.state == JobState::kUpstreamFailed;
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
    SetJob(turn, job, JobState::kFailed, base::Cat("when: ", holds.error().message));
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
  if (EndsWithInstance(turn, instance))
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

void PropagateInRun(Turn& turn, Run& run, const JobInstance& job, Worklist& ended) {
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)]) {
    JobInstance& next = InstanceOf(run, down);
    Count(next.upstream, job.state, IsSetup(run, job.index));
    Consider(turn, run, next, ended);
  }
  if (auto scope = run.plan->scopes.find(job.index); scope != run.plan->scopes.end()) {
    for (int within : scope->second)
      Consider(turn, run, InstanceOf(run, within), ended);
  }
}

}  // namespace

UpstreamEnds CountUpstream(const Run& run, const JobInstance& job) {
  UpstreamEnds ends{.jobs = static_cast<int>(job.def->upstream.size())};
  for (int up : job.def->upstream) {
    const bool is_setup = IsSetup(run, up);
    ends.setups += is_setup ? 1 : 0;
    Count(ends, InstanceOf(run, up).state, is_setup);
  }
  return ends;
}

void Recount(Run& run) {
  run.open_jobs = 0;
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
    Count(setups, InstanceOf(run, setup).state, /*is_setup=*/true);
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

Run* Propagate(Turn& turn, Worklist& ended) {
  while (!ended.empty()) {
    auto [run, index] = ended.front();
    ended.pop_front();
    --run->open_jobs;
    const JobInstance& job = InstanceOf(*run, index);
    if (job.state == JobState::kSuccess)
      RecordOutlets(turn, *run, job);
    PropagateInRun(turn, *run, job, ended);
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
