#include "simulation/rules/end_rules.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/skips.h"

namespace simulation {

using emulator::Cluster;

namespace {

// Ends of another DAG may end it, before it begins.
bool MayEndByEdge(const model::Job& job) {
  return std::ranges::any_of(job.cross, &model::CrossDependency::ends_job);
}

// What its edge wants may never come: a rule wants other ends, or nothing is recent enough.
bool MayWantWhatIsNot(const model::Job& job) {
  return std::ranges::any_of(job.cross, [](const model::CrossDependency& edge) {
    return edge.IsRuled() || edge.window == model::Window::kWithin;
  });
}

bool HasRun(model::TriggerState state) {
  return state == model::TriggerState::kCreated || state == model::TriggerState::kCleared;
}

}  // namespace

bool EndRules::HasCauseToFail(const model::RunKey& run) const {
  const model::Dag* dag = facts_.DagOf(run);
  return dag == nullptr ||
         std::any_of(dag->jobs.begin(), dag->jobs.end(), [&](const model::Job& def) {
           if (MayEndByEdge(def))
             return true;  // edge_rules.h
           const auto jobs = facts_.JobsOf(run, def);
           return std::any_of(jobs.begin(), jobs.end(), [&](const Promises::Job* job) {
             return job->is_misconfigured ||
                    IsUsedUp(def, job->application_failures, job->infrastructure_failures);
           });
         });
}

// It is queued behind runs that keep their places.
bool EndRules::MayStayQueued(const model::RunKey& key) const {
  const Promises::Run& run = facts_.runs.at(key);
  return run.state == model::RunState::kQueued &&
         (run.backfill != 0 || fire_rules_.IsFull(key.dag)) &&
         std::any_of(facts_.runs.begin(), facts_.runs.end(), [&](const auto& item) {
           return item.first.dag == key.dag && item.second.backfill == run.backfill &&
                  item.second.state == model::RunState::kRunning && MayWaitForEver(item.first);
         });
}

// The run's success does not say that all its jobs have succeeded.
bool EndRules::MaySucceedWithout(const model::RunKey& run) const {
  const model::Dag* dag = facts_.DagOf(run);
  return dag != nullptr &&
         std::any_of(dag->jobs.begin(), dag->jobs.end(), [](const model::Job& job) {
           return job.trigger_rule != model::TriggerRule::kAllSuccess || !job.when.empty() ||
                  job.map_over || MayEndByEdge(job) || model::TriggerOf(job) != nullptr ||
                  model::CommandOf(job) != nullptr;
         });
}

// A job of it is under way, and waits for a run that has not ended; that one is judged by itself.
bool EndRules::WaitsForTriggered(const model::RunKey& key) const {
  return std::ranges::any_of(facts_.wishes, [&](const auto& item) {
    const auto& [attempt, wish] = item;
    if (attempt.job.run != key)
      return false;
    const auto known = facts_.attempts.find(LabelOf(attempt));
    const model::Job* def = facts_.DefOf(attempt.job);
    const model::TriggerWork* work = def == nullptr ? nullptr : model::TriggerOf(*def);
    if (known == facts_.attempts.end() || known->second.closed_at || work == nullptr ||
        !work->waits || !HasRun(wish.state))
      return false;
    const auto run = facts_.runs.find(wish.run);
    return run != facts_.runs.end() && !IsTerminal(run->second.state);
  });
}

bool EndRules::MayWaitForEver(const model::RunKey& key) const {
  const model::Dag* dag = facts_.DagOf(key);
  if (dag == nullptr)
    return true;
  const auto depends_on_past = [](const model::Job& job) { return job.depends_on_past; };
  if (WaitsForTriggered(key))
    return true;
  std::set<model::DagId> upstream;
  if (std::any_of(dag->jobs.begin(), dag->jobs.end(), depends_on_past))
    upstream.insert(key.dag);  // the runs before
  for (const model::Job& job : dag->jobs) {
    for (const model::CrossDependency& cross : job.cross)
      upstream.insert(cross.dag);
  }
  if (upstream.empty())
    return false;
  // A run upstream may be lost with the database's last commits, and is not made again where its
  // DAG does not catch up.
  if (facts_.has_loss || std::ranges::any_of(dag->jobs, MayWantWhatIsNot))
    return true;
  return WaitsForWhatIsNot(key, *dag) ||
         std::any_of(facts_.runs.begin(), facts_.runs.end(), [&](const auto& item) {
           // A job that a person cleared may have failed in a run whose leaves had succeeded.
           return item.first != key && upstream.contains(item.first.dag) &&
                  (item.second.state != model::RunState::kSuccess || facts_.IsTouched(item.first) ||
                   MaySucceedWithout(item.first));
         });
}

// … for an interval that no run has: the tick was left out, or there is none. Whether a tick was
// left out by right is judged by itself.
bool EndRules::WaitsForWhatIsNot(const model::RunKey& key, const model::Dag& dag) const {
  for (const model::Job& job : dag.jobs) {
    const auto edges = facts_.crossings.EdgesOf(key, job.id.str());
    if (!edges)
      return true;
    for (const Crossings::Edge& edge : *edges) {
      for (const base::Interval& interval : edge.intervals) {
        const bool is_skipped = edge.skips_holes && fire_rules_.IsInHole(edge.dag, interval);
        if (!is_skipped && !facts_.by_interval.contains({edge.dag, interval.start, interval.end}))
          return true;
      }
    }
  }
  return false;
}

void EndRules::AtEnd(base::Time now, const std::set<std::string>& kept) {
  for (size_t place : facts_.ledger.live()) {
    const LedgerEntry& entry = facts_.ledger.entries()[place];
    facts_.Check(!entry.ours || kept.contains(entry.cluster->id), now, [&] {
      return base::Cat("I1: cluster ", entry.cluster->name, " is left");
    });
  }
  for (const auto& [key, run] : facts_.runs) {
    facts_.Check(IsTerminal(run.state) || MayWaitForEver(key) || MayStayQueued(key), now, [&] {
      return base::Cat("I3: run ", ToString(key), " never ended");
    });
    facts_.Check(
        run.state != model::RunState::kFailed || facts_.IsTouched(key) || HasCauseToFail(key),
        now,
        [&] { return base::Cat("I3: run ", ToString(key), " failed with tries left"); });
  }
}

bool EndRules::MayOutliveUs(const LedgerEntry& entry) const {
  const Cluster& cluster = *entry.cluster;
  if (cluster.termination_protected || cluster.state == emulator::ClusterState::kStarting)
    return true;
  const auto def = facts_.def_of.find(entry.name.job);
  const bool is_capped = def != facts_.def_of.end() && def->second != nullptr &&
                         model::EmrOf(*def->second) != nullptr &&
                         model::EmrOf(*def->second)->max_run_time;
  return !is_capped && std::any_of(cluster.steps.begin(),
                                   cluster.steps.end(),
                                   [](const emulator::Step& step) { return step.hangs; });
}

void EndRules::AtNightfall() {
  const base::Time now = facts_.emr.now();
  facts_.ledger.Follow([](const LedgerEntry&) {});
  for (size_t place : facts_.ledger.live()) {
    const LedgerEntry& entry = facts_.ledger.entries()[place];
    facts_.Check(!entry.ours || MayOutliveUs(entry), now, [&] {
      return base::Cat("I9: cluster ",
                       entry.cluster->name,
                       " outlived us by a day in ",
                       emulator::Text(entry.cluster->state));
    });
  }
}

}  // namespace simulation
