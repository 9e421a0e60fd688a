#include "model/capacity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "base/text.h"
#include "model/dag.h"
#include "model/select.h"

namespace model {

namespace {

constexpr std::array kRules{std::pair(WeightRule::kAbsolute, std::string_view("absolute")),
                            std::pair(WeightRule::kDownstream, std::string_view("downstream")),
                            std::pair(WeightRule::kUpstream, std::string_view("upstream"))};

// Of the job and of all that can be reached from it, each counted once.
int64_t SumOf(const Dag& dag, const Neighbours& next, int from) {
  std::vector<int> reached = Reachable(next, {from});
  reached.push_back(from);
  int64_t sum = 0;
  for (int job : reached)
    sum += dag.jobs[static_cast<size_t>(job)].capacity.priority_weight;
  return sum;
}

int Clamp(int64_t weight) {
  return static_cast<int>(std::clamp<int64_t>(
      weight, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

void PutOptional(json::object& out, std::string_view name, const std::optional<int>& value) {
  if (value)
    out[name] = *value;
}

std::optional<int> TakeOptional(const json::object& in, std::string_view name) {
  if (base::Find(in, name) == nullptr)
    return std::nullopt;
  return static_cast<int>(base::GetInt(in, name));
}

}  // namespace

std::string_view ToString(WeightRule rule) {
  return kRules[static_cast<size_t>(rule)].second;
}

std::optional<WeightRule> ParseWeightRule(std::string_view text) {
  const auto known = std::ranges::find(kRules, text, [](const auto& each) { return each.second; });
  return known == kRules.end() ? std::nullopt : std::optional(known->first);
}

std::string ToString(const JobLimit& limit) {
  return limit.tag.empty() ? base::Cat("by: ", limit.by, ", max: ", limit.max)
                           : base::Cat("tag: ", limit.tag, ", max: ", limit.max);
}

std::vector<int> EffectiveWeights(const Dag& dag) {
  const bool all_absolute = std::ranges::all_of(
      dag.jobs, [](const Job& job) { return job.capacity.weight_rule == WeightRule::kAbsolute; });
  const Neighbours above = all_absolute ? Neighbours() : UpstreamOf(dag);
  const Neighbours below = all_absolute ? Neighbours() : DownstreamOf(dag);
  std::vector<int> weights;
  for (size_t i = 0; i < dag.jobs.size(); ++i) {
    const auto place = static_cast<int>(i);
    switch (dag.jobs[i].capacity.weight_rule) {
      case WeightRule::kAbsolute:
        weights.push_back(dag.jobs[i].capacity.priority_weight);
        break;
      case WeightRule::kDownstream:
        weights.push_back(Clamp(SumOf(dag, below, place)));
        break;
      case WeightRule::kUpstream:
        weights.push_back(Clamp(SumOf(dag, above, place)));
        break;
    }
  }
  return weights;
}

void PutCapacity(json::object& out, const Capacity& capacity) {
  static const Capacity kDefault;
  if (capacity.pool_slots != kDefault.pool_slots)
    out["pool_slots"] = capacity.pool_slots;
  if (capacity.priority_weight != kDefault.priority_weight)
    out["priority_weight"] = capacity.priority_weight;
  if (capacity.weight_rule != kDefault.weight_rule)
    out["weight_rule"] = ToString(capacity.weight_rule);
  PutOptional(out, "max_active_tis_per_dag", capacity.max_active_tis_per_dag);
  PutOptional(out, "max_active_tis_per_dagrun", capacity.max_active_tis_per_dagrun);
}

Capacity TakeCapacity(const json::object& in) {
  Capacity capacity;
  capacity.pool_slots = static_cast<int>(base::GetInt(in, "pool_slots", capacity.pool_slots));
  capacity.priority_weight =
      static_cast<int>(base::GetInt(in, "priority_weight", capacity.priority_weight));
  const std::string rule = base::GetString(in, "weight_rule", "absolute");
  const auto parsed = ParseWeightRule(rule);
  if (!parsed)
    throw std::runtime_error(
        base::Cat("'", rule, "' is no weight rule that this version of Signalbox knows"));
  capacity.weight_rule = *parsed;
  capacity.max_active_tis_per_dag = TakeOptional(in, "max_active_tis_per_dag");
  capacity.max_active_tis_per_dagrun = TakeOptional(in, "max_active_tis_per_dagrun");
  return capacity;
}

void PutLimits(json::object& out, const std::vector<JobLimit>& limits) {
  if (limits.empty())
    return;
  json::array& list = out["limits"].emplace_array();
  for (const JobLimit& limit : limits) {
    json::object item{{"max", limit.max}};
    item[limit.tag.empty() ? "by" : "tag"] = limit.tag.empty() ? limit.by : limit.tag;
    list.push_back(std::move(item));
  }
}

std::vector<JobLimit> TakeLimits(const json::object& in) {
  std::vector<JobLimit> limits;
  for (const json::value& item : base::GetArray(in, "limits")) {
    const json::object& limit = item.as_object();
    limits.push_back({base::GetString(limit, "by"),
                      base::GetString(limit, "tag"),
                      static_cast<int>(base::GetInt(limit, "max", 1))});
  }
  return limits;
}

}  // namespace model
