#include "engine/propagate.h"

#include "base/text.h"
#include "engine/cross_dag.h"

namespace engine {

namespace {

bool MayBegin(const State& state, const Run& run, const JobInstance& job) {
  return run.row.state == model::RunState::kRunning &&
         AllSuccess(job.upstream) == Readiness::kReady && job.state == JobState::kNone &&
         !state.dags.at(run.row.key.dag).row.is_paused && WaitsAreOver(state, job);
}

void PropagateSuccess(Turn& turn, Run& run, const JobInstance& job, Worklist& ended) {
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)]) {
    JobInstance& next = InstanceOf(run, down);
    ++next.upstream.succeeded;
    Begin(turn, run, next, ended);
  }
  PropagateAcrossDags(turn, run, job, ended);
}

UpstreamEnds CountUpstream(const Run& run, const JobInstance& job) {
  UpstreamEnds ends{.jobs = static_cast<int>(job.def->upstream.size())};
  for (int up : job.def->upstream) {
    const JobState state = InstanceOf(run, up).state;
    if (state == JobState::kSuccess)
      ++ends.succeeded;
    else if (IsEnded(state))
      ++ends.others;
  }
  return ends;
}

}  // namespace

void Recount(Run& run) {
  run.open_jobs = 0;
  for (JobInstance& job : run.jobs) {
    run.open_jobs += IsEnded(job.state) ? 0 : 1;
    job.upstream = CountUpstream(run, job);
  }
}

void Begin(Turn& turn, Run& run, JobInstance& job, Worklist& ended) {
  if (!MayBegin(turn.state, run, job))
    return;
  StopWaiting(turn.state, job);
  if (KindOf(turn.kinds, *job.def).NeedsTurn()) {
    Enqueue(turn, job, "nothing holds it back");
    return;
  }
  ++job.row.try_number;  // its task says so: this needs no row
  SetJob(turn, job, JobState::kSuccess, model::KindOf(job.def->work).name);
  ended.push_back({&run, job.index});
}

void PropagateFailure(Turn& turn, Run& run, const JobInstance& job, Worklist& ended) {
  for (int down : run.plan->downstream[static_cast<size_t>(job.index)]) {
    JobInstance& next = InstanceOf(run, down);
    ++next.upstream.others;
    if (next.state != JobState::kNone)
      continue;  // another upstream job has failed before
    StopWaiting(turn.state, next);
    SetJob(turn,
           next,
           JobState::kUpstreamFailed,
           base::Cat(model::DisplayName(job.def->id, job.def->lane), " did not succeed"));
    ended.push_back({&run, down});
  }
}

void PropagateAcrossDags(Turn& turn, Run& run, const JobInstance& job, Worklist& ended) {
  const Time forget_before = turn.now - turn.options.completed_for;
  for (const model::JobKey& waiting : NoteSuccess(turn.state, run, job, forget_before)) {
    Run* other = FindRun(turn.state, waiting.run);
    JobInstance* next = FindJob(turn.state, waiting);
    if (other != nullptr && next != nullptr)
      Begin(turn, *other, *next, ended);
  }
}

Run* Propagate(Turn& turn, Worklist& ended) {
  while (!ended.empty()) {
    auto [run, index] = ended.front();
    ended.pop_front();
    --run->open_jobs;
    const JobInstance& job = InstanceOf(*run, index);
    if (job.state == JobState::kSuccess)
      PropagateSuccess(turn, *run, job, ended);
    else
      PropagateFailure(turn, *run, job, ended);
    if (run->open_jobs == 0)
      return run;
  }
  return nullptr;
}

void Enqueue(Turn& turn, JobInstance& job, std::string_view cause) {
  SetJob(turn, job, JobState::kQueued, cause);
  turn.state.queue.insert({*job.tasks.front().queued_at, job.row.key});
}

}  // namespace engine
