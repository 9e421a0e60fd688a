#pragma once

// What decides which queued job goes first and how many work at once: the keys of jobs and of
// default_args, and lists of limits. Only for this folder.

#include <optional>
#include <vector>

#include "model/capacity.h"
#include "yaml/reader.h"

namespace dagfile {

// What one map says; the job's own wins over default_args.
struct CapacityPolicy {
  std::optional<int64_t> pool_slots;
  std::optional<int64_t> priority_weight;
  std::optional<model::WeightRule> weight_rule;
  std::optional<int64_t> max_active_tis_per_dag;
  std::optional<int64_t> max_active_tis_per_dagrun;
  std::optional<int64_t> vcpus;
  yaml::Mark pool_slots_mark;
};

CapacityPolicy ReadCapacity(yaml::MapReader& reader);
// What `inner` says, and what `outer` says where it is silent.
CapacityPolicy Merge(const CapacityPolicy& inner, const CapacityPolicy& outer);
model::Capacity Settle(const CapacityPolicy& policy);

// A list of {by: …, max: …}, {tag: …, max_vcpus: …} and the like.
// `marks`: where each of them stands.
std::vector<model::JobLimit> ReadLimits(const yaml::Node& list,
                                        std::vector<yaml::Mark>* marks,
                                        yaml::Diagnostics* errors);

}  // namespace dagfile
