#include "forecast/estate.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "engine/attempts.h"
#include "engine/cross_dag.h"
#include "engine/mapping.h"

namespace forecast {

namespace {

// Of a job that other DAGs wait for: a coming run wants no older ones.
constexpr int kSuccessesCopied = 400;

using Target = std::pair<model::DagId, model::JobId>;

std::set<Target> TargetsOf(const engine::State& state) {
  std::set<Target> targets;
  for (const auto& [id, entry] : state.dags) {
    for (const model::Job& job : entry.plan->dag->jobs) {
      for (const model::CrossDependency& edge : job.cross)
        targets.insert({edge.dag, edge.job});
    }
  }
  return targets;
}

void CopySuccesses(const engine::State& from, engine::State& to) {
  const std::set<Target> targets = TargetsOf(from);
  for (const auto& [ref, successes] : from.successes) {
    if (!targets.contains({ref.dag, ref.job}))
      continue;
    engine::Successes& copied = to.successes[ref];
    auto begin = successes.end();
    for (int i = 0; i < kSuccessesCopied && begin != successes.begin(); ++i)
      --begin;
    for (; begin != successes.end(); ++begin)
      copied.emplace_hint(copied.end(), begin->first, std::set<model::RunId>{model::RunId()});
  }
}

// For edges with a rule.
void CopyOtherEnds(const engine::State& from, engine::State& to) {
  const std::set<Target> targets = TargetsOf(from);
  for (const auto& [ref, ends] : from.other_ends) {
    if (targets.contains({ref.dag, ref.job}))
      to.other_ends[ref] = ends;
  }
}

// What is not over; the copy knows no past runs of a job's own DAG.
std::vector<model::UpstreamWait> CopyWaits(const engine::State& state,
                                           const engine::JobInstance& job) {
  std::vector<model::UpstreamWait> waits;
  for (const model::UpstreamWait& wait : job.row.waits_for) {
    if (wait.basis != model::WaitBasis::kPastRun || !engine::IsOver(state, wait))
      waits.push_back(wait);
  }
  return waits;
}

Estate::OpenJob CopyJob(const engine::State& state, const engine::JobInstance& job) {
  Estate::OpenJob open{.index = job.index,
                       .map_index = job.row.key.index,
                       .state = job.state,
                       .begun = std::nullopt,
                       .next_try_at = job.row.next_try_at,
                       .holds_slot = job.live > 0,
                       .application_failures = job.row.application_failures,
                       .infrastructure_failures = job.row.infrastructure_failures,
                       .waits = {}};
  if (engine::HasOpenAttempt(job))
    open.begun = job.attempt->started_at;
  if (job.state == engine::JobState::kNone)
    open.waits = CopyWaits(state, job);
  return open;
}

// Of the unit around the job that waits for another try, when that begins: then the job runs again,
// however it has ended.
std::optional<base::Time> GroupTryOf(const engine::Run& run, const engine::JobInstance& job) {
  const model::Units& units = run.plan->units;
  for (int unit = units.InnermostOf(job.index); unit >= 0;
       unit = units.all[static_cast<size_t>(unit)].around) {
    if (const auto& next = run.groups[static_cast<size_t>(unit)].row.next_try_at)
      return next;
  }
  return std::nullopt;
}

// It begins again as it did at first, with all that is mapped over its list.
Estate::OpenJob CopyAnew(const engine::State& state,
                         const engine::JobInstance& job,
                         base::Time next_try_at) {
  return {.index = job.index,
          .state = engine::JobState::kNone,
          .begun = std::nullopt,
          .next_try_at = next_try_at,
          .waits = CopyWaits(state, job)};
}

Estate::LiveRun CopyRun(const engine::State& state, const engine::Run& run) {
  Estate::LiveRun live{run.row, run.plan, {}};
  engine::ForEachJob(run, [&](const engine::JobInstance& job) {
    if (const auto next_try_at = GroupTryOf(run, job)) {
      if (job.of == nullptr)
        live.jobs.push_back(CopyAnew(state, job, *next_try_at));
      return;
    }
    // Instances that restart without a list are none of what is to come.
    if (!IsEnded(job.state) && (job.of == nullptr || engine::IsInList(job)))
      live.jobs.push_back(CopyJob(state, job));
  });
  return live;
}

// By DAG; in one, runs that have started come first, then by when they are due.
bool StartsEarlier(const Estate::LiveRun& a, const Estate::LiveRun& b) {
  const bool a_is_queued = a.row.state == model::RunState::kQueued;
  const bool b_is_queued = b.row.state == model::RunState::kQueued;
  return std::tie(a.row.key.dag, a_is_queued, a.row.run_after, a.row.key.run) <
         std::tie(b.row.key.dag, b_is_queued, b.row.run_after, b.row.key.run);
}

}  // namespace

std::shared_ptr<const Estate> CopyEstate(const engine::State& state, base::Time now) {
  auto estate = std::make_shared<Estate>();
  estate->now = now;
  estate->state.identity = state.identity;
  estate->state.dags = state.dags;
  estate->state.holes = state.holes;
  estate->state.holds = state.holds;
  estate->state.limits = state.limits;
  for (const auto& [id, pool] : state.pools)
    estate->state.pools[id].row = pool.row;  // its queue points into the engine's runs
  estate->state.durations = state.durations;
  CopySuccesses(state, estate->state);
  CopyOtherEnds(state, estate->state);
  for (const auto& [key, run] : state.runs) {
    if (!IsTerminal(run.row.state))
      estate->runs.push_back(CopyRun(state, run));
  }
  std::sort(estate->runs.begin(), estate->runs.end(), StartsEarlier);
  return estate;
}

}  // namespace forecast
