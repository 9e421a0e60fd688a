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

bool Checks::MayWaitForEver(const model::RunKey& key) const {
  const auto current = current_.find(key.dag);
  if (current == current_.end())
    return true;
  std::set<model::DagId> upstream;
  for (const model::Job& job : versions_.at(current->second.back())->jobs) {
    for (const model::CrossDependency& cross : job.cross)
      upstream.insert(cross.dag);
  }
  // What was due by the schedule of then may never be.
  if (std::any_of(upstream.begin(), upstream.end(), [&](const model::DagId& dag) {
        return crossings_.IsRescheduled(dag);
      }))
    return true;
  // Whoever was asked for before the upstream's first tick waits for a run that never is.
  const auto run = runs_.find(key);
  if (!upstream.empty() && run != runs_.end() && run->second.type == model::RunType::kManual)
    return true;
  // A run upstream may be lost with the database's last commits, and is not made again where its
  // DAG does not catch up.
  if (!upstream.empty() && has_loss_)
    return true;
  return std::any_of(runs_.begin(), runs_.end(), [&](const auto& item) {
    // A job that a person cleared may have failed in a run whose leaves had succeeded.
    return upstream.contains(item.first.dag) &&
           (item.second.state != model::RunState::kSuccess || IsTouched(item.first));
  });
}

void Checks::CheckFires(base::Time now,
                        const std::map<model::DagId, std::vector<base::Time>>& fires) {
  for (const auto& [dag, ticks] : fires) {
    if (crossings_.IsRescheduled(dag))
      continue;
    const std::set<base::Time> due(ticks.begin(), ticks.end());
    const bool catches_up =
        versions_.at(current_.at(dag).back())->catchup && !MayWaitForEver({dag, {}});
    for (base::Time tick : due) {
      if (catches_up)
        Check(fires_.contains({dag, tick}), now, [&] {
          return base::Cat("I3: ", dag.str(), " did not fire at ", base::FormatRfc3339(tick));
        });
    }
    if (!versions_.at(current_.at(dag).back())->catchup)
      CheckNoCatchUp(now, dag, due);
    for (const auto& [fire, run] : fires_) {
      if (fire.first == dag)
        Check(due.contains(fire.second), now, [&] {
          return base::Cat("I3: ", dag.str(), " fired at ", base::FormatRfc3339(fire.second));
        });
    }
  }
}

void Checks::CheckNoCatchUp(base::Time now,
                            const model::DagId& id,
                            const std::set<base::Time>& due) {
  const model::Dag& dag = *versions_.at(current_.at(id).back());
  if (dag.schedule.timetable != model::Timetable::kTrigger)
    return;
  constexpr base::Duration kSoon = base::minutes(1);
  const Fired* first = nullptr;
  base::Time first_tick;
  for (base::Time tick : due) {
    const auto fired = fired_.find({id, tick});
    if (fired == fired_.end())
      continue;
    if (first == nullptr) {  // what passed before anything had fired is not lost
      first = &fired->second;
      first_tick = tick;
      continue;
    }
    const auto next = due.upper_bound(tick);
    Check(next == due.end() || fired->second.at < *next + kSoon, now, [&] {
      return base::Cat("I3: ", id.str(), " makes up for ", base::FormatRfc3339(tick));
    });
  }
  const bool has_manual = std::any_of(runs_.begin(), runs_.end(), [&](const auto& item) {
    return item.first.dag == id && item.second.type != model::RunType::kScheduled;
  });
  if (has_manual || ever_paused_.contains(id))
    return;
  const auto seen = seen_since_.find(id);
  if (first == nullptr && seen != seen_since_.end()) {
    const auto tick = due.upper_bound(seen->second);
    Check(tick == due.end(), now, [&] {
      return base::Cat("I3: ", id.str(), " did not fire at ", base::FormatRfc3339(*tick));
    });
  }
  if (first == nullptr || !first->alive_at)
    return;
  auto missed = due.lower_bound(first_tick);
  if (missed == due.begin())
    return;
  --missed;
  Check(*missed <= seen_since_.at(id) || *first->alive_at < *missed + kSoon, now, [&] {
    return base::Cat("I3: ", id.str(), " did not fire at ", base::FormatRfc3339(*missed));
  });
}

void Checks::AtEnd(base::Time now,
                   bool is_at_rest,
                   const std::map<model::DagId, std::vector<base::Time>>& fires,
                   const std::set<std::string>& kept) {
  OnTurn(now);
  for (size_t place : ledger_.live()) {
    const LedgerEntry& entry = ledger_.entries()[place];
    Check(!entry.ours || kept.contains(entry.cluster->id), now, [&] {
      return base::Cat("I1: cluster ", entry.cluster->name, " is left");
    });
  }
  for (const auto& [key, run] : runs_) {
    Check(IsTerminal(run.state) || MayWaitForEver(key), now, [&] {
      return base::Cat("I3: run ", ToString(key), " never ended");
    });
    Check(run.state != model::RunState::kFailed || IsTouched(key) || HasCauseToFail(key), now, [&] {
      return base::Cat("I3: run ", ToString(key), " failed with tries left");
    });
  }
  CheckClears(now);
  CheckFires(now, fires);
  Check(is_at_rest, now, [] { return std::string("I10: it never came to rest"); });
}

bool Checks::MayOutliveUs(const LedgerEntry& entry) const {
  const Cluster& cluster = *entry.cluster;
  if (cluster.termination_protected || cluster.state == emulator::ClusterState::kStarting)
    return true;
  const auto def = def_of_.find(entry.name.job);
  const bool is_capped =
      def != def_of_.end() && def->second != nullptr && def->second->max_run_time;
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
