#pragma once

// What the order of queued jobs goes by, and what bounds how many of them hold slots at once and
// how many vCPUs their work has. Plain data.
//
// Not here: pools (rows.h), and the order itself (engine/order.h).

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace model {

struct Dag;

// Which weights count for a job, as in Airflow.
enum class WeightRule {
  kAbsolute,    // its own
  kDownstream,  // its own and those of all jobs that follow from it
  kUpstream,    // its own and those of all jobs that it follows from
};
std::string_view ToString(WeightRule rule);  // "absolute"
std::optional<WeightRule> ParseWeightRule(std::string_view text);

// How EC2 sells instances. AWS has a quota of vCPUs for each.
enum class Market { kAny, kOnDemand, kSpot };
std::string_view ToString(Market market);  // "on_demand"; "any"
std::optional<Market> ParseMarket(std::string_view text);

// The most vCPUs that the work of one attempt may have at once.
struct Vcpus {
  int64_t all = 0;
  int64_t on_demand = 0, spot = 0;  // together more than `all`, if it may take either
  int64_t Of(Market market) const;
  friend bool operator==(const Vcpus&, const Vcpus&) = default;
};

// Of one job.
struct Capacity {
  int pool_slots = 1;  // that an attempt takes
  int priority_weight = 1;
  WeightRule weight_rule = WeightRule::kAbsolute;
  // How many instances of the job hold slots at once, in all runs of its DAG and in one; none: any
  // number.
  std::optional<int> max_active_tis_per_dag;
  std::optional<int> max_active_tis_per_dagrun;
  std::optional<int64_t> vcpus;  // of an attempt, as the file says; none: as its work says
  friend bool operator==(const Capacity&, const Capacity&) = default;
};

// Of the jobs for which `by` has the same value, at most so many hold slots at once, and the work
// of those has at most so many vCPUs; or of all jobs of the DAGs that have the tag; or of all.
struct JobLimit {
  std::string by;   // an expression of the template language; "": `tag` counts
  std::string tag;  // "" if `by` counts; both "": all jobs are counted together
  int max = 0;      // 0: any number; so below
  int64_t max_vcpus = 0;
  Market market = Market::kAny;  // whose vCPUs `max_vcpus` counts
  // One that bounds nothing is not in force.
  bool IsInForce() const { return max > 0 || max_vcpus > 0; }
  friend bool operator==(const JobLimit&, const JobLimit&) = default;
};

// What tells a limit from the others of its list.
struct LimitKey {
  std::string by, tag;
  Market market = Market::kAny;
  friend auto operator<=>(const LimitKey&, const LimitKey&) = default;
};
inline LimitKey KeyOf(const JobLimit& limit) {
  return {limit.by, limit.tag, limit.market};
}

// "by: lane.id, max: 2", for people.
std::string ToString(const JobLimit& limit);

// The weight that orders each job of the DAG, by its weight rule; by the job's place. Within 32
// bits, as Airflow's.
std::vector<int> EffectiveWeights(const Dag& dag);

// For dag_json.h: what has its default value is not written.
void PutCapacity(json::object& out, const Capacity& capacity);
Capacity TakeCapacity(const json::object& in);
void PutLimits(json::object& out, const std::vector<JobLimit>& limits);
std::vector<JobLimit> TakeLimits(const json::object& in);

}  // namespace model
