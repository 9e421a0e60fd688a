#include "simulation/rules/run_rules.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace simulation {

void RunRules::OnBatch(const std::vector<model::Change>& batch) {
  for (auto& [dag, versions] : newest_)
    versions.erase(versions.begin(), std::prev(versions.end()));
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change))
      newest_[dag->dag].push_back(dag->version);
  }
}

void RunRules::Forget() {
  running_.clear();
  newest_.clear();
}

// It is also one that the project's file once had.
bool RunRules::IsNewest(const model::RunRow& row) const {
  const auto holds = [&](const auto& versions) {
    const auto of = versions.find(row.key.dag);
    return of != versions.end() && std::ranges::count(of->second, row.version) > 0;
  };
  return holds(newest_) && holds(facts_.current);
}

void RunRules::OnRun(base::Time now, const model::RunRow& row) {
  const auto [found, is_new] = facts_.runs.try_emplace(row.key);
  Run& run = found->second;
  if (is_new) {
    run = {row.version, row.state, row.type, row.data_interval, row.backfill};
    facts_.by_interval[{row.key.dag, row.data_interval.start, row.data_interval.end}].push_back(
        row.key);
    facts_.Check(IsNewest(row), now, [&] {
      return base::Cat("I15: run ", LabelOf(row.key), " begins with a version that is not current");
    });
    facts_.crossings.OnRun(row);
    if (row.type == model::RunType::kScheduled && row.logical_date)
      fire_rules_.OnFire(now, row);
  }
  if (run.version != row.version)
    OnOtherVersion(now, row, run);
  facts_.Check(!IsTerminal(run.state) || row.state == run.state || facts_.IsTouched(row.key),
               now,
               [&] { return base::Cat("I4: run ", LabelOf(row.key), " had ended and goes on"); });
  run.state = row.state;
  run.backfill = row.backfill;
  std::set<model::RunKey>& running = running_[row.key.dag];
  if (row.state != model::RunState::kRunning || row.backfill != 0 || facts_.IsTouched(row.key)) {
    running.erase(row.key);
  } else if (const model::Dag* dag = facts_.DagOf(row.key)) {
    running.insert(row.key);
    begun_[row.key.dag] = dag->max_active_runs;
  }
}

// Within a step the row of a run that begins may come before that of the run which made room.
void RunRules::OnBatchEnd(base::Time now) {
  for (const auto& [dag, most] : std::exchange(begun_, {})) {
    const size_t running = running_[dag].size();
    facts_.Check(static_cast<int>(running) <= most, now, [&] {
      return base::Cat("I12: ", running, " runs of ", dag.str(), " are active");
    });
  }
}

// The exception to I15: a person asked for the newest version, and nothing of the run was at work.
void RunRules::OnOtherVersion(base::Time now, const model::RunRow& row, Run& run) {
  facts_.Check(facts_.reruns.contains(row.key) && IsNewest(row), now, [&] {
    return base::Cat("I15: run ", LabelOf(row.key), " changed its version");
  });
  const std::string label = base::Cat(LabelOf(row.key), " ");
  for (auto attempt = facts_.attempts.lower_bound(label);
       attempt != facts_.attempts.end() && attempt->first.starts_with(label);
       ++attempt)
    facts_.Check(attempt->second.closed_at.has_value(), now, [&] {
      return base::Cat("I15: ", attempt->first, " works, and its run takes another version");
    });
  run.version = row.version;
}

}  // namespace simulation
