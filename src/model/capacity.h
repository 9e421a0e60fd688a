#pragma once

// What the order of queued jobs goes by, and what bounds how many of them hold slots at once. Plain
// data.
//
// Not here: pools (rows.h), and the order itself (engine/order.h).

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

// Of one job.
struct Capacity {
  int pool_slots = 1;  // that an attempt takes
  int priority_weight = 1;
  WeightRule weight_rule = WeightRule::kAbsolute;
  // How many instances of the job hold slots at once, in all runs of its DAG and in one; none: any
  // number.
  std::optional<int> max_active_tis_per_dag;
  std::optional<int> max_active_tis_per_dagrun;
  friend bool operator==(const Capacity&, const Capacity&) = default;
};

// Of the jobs for which `by` has the same value, at most so many hold slots at once; or of all jobs
// of the DAGs that have the tag.
struct JobLimit {
  std::string by;   // an expression of the template language; "": `tag` counts
  std::string tag;  // "" if `by` counts
  int max = 1;
  friend bool operator==(const JobLimit&, const JobLimit&) = default;
};

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
