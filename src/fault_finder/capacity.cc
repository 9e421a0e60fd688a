// DrawCapacity: pools that are too small, jobs that weigh more than others or take several slots,
// and limits.

#include <algorithm>

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using model::WeightRule;
using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

constexpr int kWeights[] = {1, 1, 2, 3, 10, 100, -5, 0};
constexpr WeightRule kRules[] = {
    WeightRule::kAbsolute, WeightRule::kDownstream, WeightRule::kUpstream};
constexpr const char* kTag = "heavy";

model::JobLimit DrawLimit(Dice& dice) {
  constexpr const char* kBy[] = {"lane.id", "dag_id", "job_id", "params.off", "lane.params.none"};
  model::JobLimit limit;
  if (dice.Percent(30))
    limit.tag = kTag;
  else
    limit.by = dice.Of(kBy);
  limit.max = static_cast<int>(dice.Between(1, 4));
  return limit;
}

int SlotsOf(const simulation::Workload& work, const std::string& pool) {
  const auto found =
      std::ranges::find(work.pools, pool, [](const auto& row) { return row.id.str(); });
  return found == work.pools.end() ? 8 : found->slots;
}

void DrawJob(Dice& dice, const simulation::Workload& work, JobSpec& job) {
  if (dice.Percent(70))
    job.pool = work.pools.front().id.str();
  if (dice.Percent(35))
    job.pool_slots = static_cast<int>(dice.Between(1, SlotsOf(work, job.pool)));
  if (dice.Percent(60))
    job.weight = dice.Of(kWeights);
  job.weight_rule = dice.Of(kRules);
  if (dice.Percent(8))
    job.max_tis_per_dag = static_cast<int>(dice.Between(1, 3));
}

}  // namespace

void DrawCapacity(Plan& plan) {
  Dice dice(plan.seed, "capacity");
  if (!dice.Percent(35))
    return;
  for (model::PoolRow& pool : plan.work.pools)
    pool.slots = static_cast<int>(dice.Between(1, 6));
  if (dice.Percent(40))
    plan.work.limits.push_back({DrawLimit(dice)});
  // Of one weight each, so that the fair share decides, or of many.
  const bool has_weights = dice.Percent(60);
  for (DagSpec& dag : plan.work.dags) {
    if (dice.Percent(30))
      dag.tags = {kTag};
    if (dice.Percent(20))
      dag.max_active_tasks = static_cast<int>(dice.Between(1, 4));
    if (dice.Percent(25))
      dag.limits = {DrawLimit(dice)};
    for (JobSpec& job : dag.jobs) {
      if (has_weights)
        DrawJob(dice, plan.work, job);
      else
        job.pool = plan.work.pools.front().id.str();
    }
  }
}

}  // namespace fault_finder
