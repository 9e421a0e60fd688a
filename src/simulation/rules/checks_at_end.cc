// Checks: what fired, what is left at the end, and what outlives us.

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/checks.h"

namespace simulation {

using emulator::Cluster;

bool Checks::HasCauseToFail(const model::RunKey& run) const {
  const model::Dag* dag = DagOf(run);
  return dag == nullptr ||
         std::any_of(dag->jobs.begin(), dag->jobs.end(), [&](const model::Job& def) {
           const auto job = jobs_.find(JobLabel(run, def));
           return job != jobs_.end() &&
                  (job->second.is_misconfigured || job->second.application_failures > def.retries ||
                   job->second.infrastructure_failures > def.infra_retries);
         });
}

// It is queued behind runs that keep their places.
bool Checks::MayStayQueued(const model::RunKey& key) const {
  return runs_.at(key).state == model::RunState::kQueued && IsFull(key.dag) &&
         std::any_of(runs_.begin(), runs_.end(), [&](const auto& item) {
           return item.first.dag == key.dag && item.second.state == model::RunState::kRunning &&
                  MayWaitForEver(item.first);
         });
}

// The run's success does not say that all its jobs have succeeded.
bool Checks::MaySucceedWithout(const model::RunKey& run) const {
  const model::Dag* dag = DagOf(run);
  return dag != nullptr &&
         std::any_of(dag->jobs.begin(), dag->jobs.end(), [](const model::Job& job) {
           return job.trigger_rule != model::TriggerRule::kAllSuccess || !job.when.empty();
         });
}

bool Checks::MayWaitForEver(const model::RunKey& key) const {
  const model::Dag* dag = DagOf(key);
  if (dag == nullptr)
    return true;
  std::set<model::DagId> upstream;
  for (const model::Job& job : dag->jobs) {
    for (const model::CrossDependency& cross : job.cross)
      upstream.insert(cross.dag);
  }
  if (upstream.empty())
    return false;
  // A run upstream may be lost with the database's last commits, and is not made again where its
  // DAG does not catch up.
  if (has_loss_)
    return true;
  return WaitsForWhatIsNot(key, *dag) ||
         std::any_of(runs_.begin(), runs_.end(), [&](const auto& item) {
           // A job that a person cleared may have failed in a run whose leaves had succeeded.
           return upstream.contains(item.first.dag) &&
                  (item.second.state != model::RunState::kSuccess || IsTouched(item.first) ||
                   MaySucceedWithout(item.first));
         });
}

// … for an interval that no run has: the tick was left out, or there is none. Whether a tick was
// left out by right is judged by itself.
bool Checks::WaitsForWhatIsNot(const model::RunKey& key, const model::Dag& dag) const {
  for (const model::Job& job : dag.jobs) {
    const auto edges = crossings_.EdgesOf(key, job.id.str());
    if (!edges)
      return true;
    for (const Crossings::Edge& edge : *edges) {
      for (const base::Interval& interval : edge.intervals) {
        const bool is_skipped = edge.skips_holes && IsInHole(edge.dag, interval);
        if (!is_skipped && !by_interval_.contains({edge.dag, interval.start, interval.end}))
          return true;
      }
    }
  }
  return false;
}

void Checks::AtEnd(base::Time now, bool is_at_rest, const std::set<std::string>& kept) {
  OnTurn(now);
  for (size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    Check(!entry.ours || kept.contains(entry.cluster->id), now, [&] {
      return base::Cat("I1: cluster ", entry.cluster->name, " is left");
    });
  }
  for (const auto& [key, run] : runs_) {
    Check(IsTerminal(run.state) || MayWaitForEver(key) || MayStayQueued(key), now, [&] {
      return base::Cat("I3: run ", ToString(key), " never ended");
    });
    Check(run.state != model::RunState::kFailed || IsTouched(key) || HasCauseToFail(key), now, [&] {
      return base::Cat("I3: run ", ToString(key), " failed with tries left");
    });
  }
  CheckClears(now);
  CheckFires(now);
  Check(is_at_rest, now, [] { return std::string("I10: it never came to rest"); });
}

bool Checks::MayOutliveUs(const LedgerEntry& entry) const {
  const Cluster& cluster = *entry.cluster;
  if (cluster.termination_protected || cluster.state == emulator::ClusterState::kStarting)
    return true;
  const auto def = def_of_.find(entry.name.job);
  const bool is_capped =
      def != def_of_.end() && def->second != nullptr && model::EmrOf(*def->second)->max_run_time;
  return !is_capped && std::any_of(cluster.steps.begin(),
                                   cluster.steps.end(),
                                   [](const emulator::Step& step) { return step.hangs; });
}

void Checks::AtNightfall() {
  const base::Time now = emr_.now();
  ledger_.Follow([](const LedgerEntry&) {});
  for (size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    Check(!entry.ours || MayOutliveUs(entry), now, [&] {
      return base::Cat("I9: cluster ",
                       entry.cluster->name,
                       " outlived us by a day in ",
                       emulator::Text(entry.cluster->state));
    });
  }
}

}  // namespace simulation
