// DrawCaps: clusters of several sizes, limits of their vCPUs, prices, and spend caps.

#include <algorithm>

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"
#include "simulation/rules/instances.h"

namespace fault_finder {

namespace {

using simulation::DagSpec;
using simulation::Dice;
using simulation::JobSpec;

const model::Price kTypes[] = {{"m5.xlarge", 192'000, 70'000, 48'000},
                               {"m5.2xlarge", 384'000, 150'000, 96'000},
                               {"r5.4xlarge", 1'008'000, 400'000, 252'000}};

// Its master and its three or four core nodes; a try on demand is no larger.
int64_t VcpusOf(const JobSpec& job) {
  return 4 + (job.has_groups ? 3 : 4) * simulation::VcpusOf(job.core_type);
}

model::JobLimit DrawLimit(Dice& dice, int64_t least) {
  constexpr const char* kBy[] = {"", "dag_id", "job_id", "lane.id", "pool"};
  model::JobLimit limit;
  limit.by = dice.Of(kBy);
  // Enough for the largest job, so that none waits for ever.
  limit.max_vcpus = dice.Between(least, 3 * least);
  if (dice.Percent(25))
    limit.market = dice.Percent(50) ? model::Market::kSpot : model::Market::kOnDemand;
  else if (dice.Percent(15))
    limit.max = static_cast<int>(dice.Between(1, 4));
  return limit;
}

// If a limit of this key is there already, it stays.
void AddLimit(std::vector<model::JobLimit>& limits, const model::JobLimit& limit) {
  const bool is_there = std::ranges::any_of(
      limits, [&](const model::JobLimit& other) { return KeyOf(other) == KeyOf(limit); });
  if (!is_there)
    limits.push_back(limit);
}

void DrawVcpus(Dice& dice, Plan& plan) {
  int64_t largest = 0;
  for (DagSpec& dag : plan.work.dags) {
    for (JobSpec& job : dag.jobs) {
      job.core_type = dice.Of(kTypes).type;
      largest = std::max(largest, VcpusOf(job));
    }
  }
  std::vector<model::JobLimit> of_project;
  for (const model::LimitRow& row : plan.work.limits)
    of_project.push_back(row.limit);
  if (dice.Percent(70))
    AddLimit(of_project, DrawLimit(dice, largest));
  plan.work.limits.clear();
  for (const model::JobLimit& limit : of_project)
    plan.work.limits.push_back({limit});
  for (DagSpec& dag : plan.work.dags) {
    if (dice.Percent(25))
      AddLimit(dag.limits, DrawLimit(dice, largest));
  }
}

void DrawSpend(Dice& dice, Plan& plan) {
  const auto cents = [&](int64_t least, int64_t most) {
    return dice.Between(least, most) * 10'000;
  };
  if (dice.Percent(50))
    plan.work.cap_per_day = cents(50, 1500);
  for (DagSpec& dag : plan.work.dags) {
    if (dice.Percent(30))
      dag.cap_per_day = cents(20, 500);
    if (dice.Percent(20))
      dag.cap_per_run = cents(20, 300);
  }
  // Some are lifted on the next day.
  Add<CapsLifted>(plan).at =
      dice.Between(base::Duration(base::hours(1)), base::Duration(base::hours(32)));
}

}  // namespace

void DrawCaps(Plan& plan) {
  Dice dice(plan.seed, "caps");
  if (!dice.Percent(35))
    return;
  plan.work.prices.assign(std::begin(kTypes), std::end(kTypes));
  std::ranges::sort(plan.work.prices, {}, &model::Price::type);
  const bool has_caps = dice.Percent(60);
  if (!has_caps || dice.Percent(50))
    DrawVcpus(dice, plan);
  if (has_caps)
    DrawSpend(dice, plan);
}

}  // namespace fault_finder
