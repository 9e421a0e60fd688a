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

constexpr std::array kMarkets{std::pair(Market::kAny, std::string_view("any")),
                              std::pair(Market::kOnDemand, std::string_view("on_demand")),
                              std::pair(Market::kSpot, std::string_view("spot"))};

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

template <typename Int>
void PutOptional(json::object& out, std::string_view name, const std::optional<Int>& value) {
  if (value)
    out[name] = *value;
}

template <typename Int = int>
std::optional<Int> TakeOptional(const json::object& in, std::string_view name) {
  if (base::Find(in, name) == nullptr)
    return std::nullopt;
  return static_cast<Int>(base::GetInt(in, name));
}

}  // namespace

std::string_view ToString(WeightRule rule) {
  return kRules[static_cast<size_t>(rule)].second;
}

std::optional<WeightRule> ParseWeightRule(std::string_view text) {
  const auto known = std::ranges::find(kRules, text, [](const auto& each) { return each.second; });
  return known == kRules.end() ? std::nullopt : std::optional(known->first);
}

std::string_view ToString(Market market) {
  return kMarkets[static_cast<size_t>(market)].second;
}

std::optional<Market> ParseMarket(std::string_view text) {
  const auto known =
      std::ranges::find(kMarkets, text, [](const auto& each) { return each.second; });
  return known == kMarkets.end() ? std::nullopt : std::optional(known->first);
}

int64_t Vcpus::Of(Market market) const {
  switch (market) {
    case Market::kAny:
      return all;
    case Market::kOnDemand:
      return on_demand;
    case Market::kSpot:
      return spot;
  }
  return all;
}

std::string ToString(const JobLimit& limit) {
  std::vector<std::string> parts;
  if (!limit.by.empty())
    parts.push_back(base::Cat("by: ", limit.by));
  if (!limit.tag.empty())
    parts.push_back(base::Cat("tag: ", limit.tag));
  if (limit.market != Market::kAny)
    parts.push_back(base::Cat("market: ", ToString(limit.market)));
  if (limit.max > 0)
    parts.push_back(base::Cat("max: ", limit.max));
  if (limit.max_vcpus > 0)
    parts.push_back(base::Cat("max_vcpus: ", limit.max_vcpus));
  return base::Join(parts, ", ");
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
  PutOptional(out, "vcpus", capacity.vcpus);
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
  capacity.vcpus = TakeOptional<int64_t>(in, "vcpus");
  return capacity;
}

void PutLimits(json::object& out, const std::vector<JobLimit>& limits) {
  if (limits.empty())
    return;
  json::array& list = out["limits"].emplace_array();
  for (const JobLimit& limit : limits) {
    json::object item;
    if (limit.max > 0)
      item["max"] = limit.max;
    if (limit.max_vcpus > 0)
      item["max_vcpus"] = limit.max_vcpus;
    if (limit.market != Market::kAny)
      item["market"] = ToString(limit.market);
    if (!limit.by.empty())
      item["by"] = limit.by;
    if (!limit.tag.empty())
      item["tag"] = limit.tag;
    list.push_back(std::move(item));
  }
}

std::vector<JobLimit> TakeLimits(const json::object& in) {
  std::vector<JobLimit> limits;
  for (const json::value& item : base::GetArray(in, "limits")) {
    const json::object& limit = item.as_object();
    const std::string market = base::GetString(limit, "market", "any");
    const auto parsed = ParseMarket(market);
    if (!parsed)
      throw std::runtime_error(
          base::Cat("'", market, "' is no market that this version of Signalbox knows"));
    limits.push_back({.by = base::GetString(limit, "by"),
                      .tag = base::GetString(limit, "tag"),
                      .max = static_cast<int>(base::GetInt(limit, "max")),
                      .max_vcpus = base::GetInt(limit, "max_vcpus"),
                      .market = *parsed});
  }
  return limits;
}

}  // namespace model
