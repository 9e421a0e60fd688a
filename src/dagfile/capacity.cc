#include "dagfile/capacity.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "dagfile/sample.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

namespace {

constexpr int64_t kSlotsMax = 1'000'000;
constexpr int64_t kVcpusMax = 1'000'000'000;

std::optional<int64_t> ReadWithin(yaml::MapReader& reader,
                                  std::string_view key,
                                  int64_t min,
                                  int64_t max) {
  auto number = reader.Optional<int64_t>(key);
  if (!number || (*number >= min && *number <= max))
    return number;
  reader.Error(key, Cat("'", key, "' must be from ", min, " to ", max, ", found ", *number));
  return std::nullopt;
}

std::optional<model::WeightRule> ReadWeightRule(yaml::MapReader& reader) {
  auto word = reader.Optional<std::string>("weight_rule");
  if (!word)
    return std::nullopt;
  if (auto rule = model::ParseWeightRule(*word))
    return rule;
  const auto near = base::DidYouMean(*word, {"absolute", "downstream", "upstream"});
  reader.Error("weight_rule",
               Cat("'weight_rule': expected absolute, downstream or upstream, found '",
                   *word,
                   "'",
                   near ? Cat("; did you mean '", *near, "'?") : ""));
  return std::nullopt;
}

// The names that `by` may use, without what they hold: that differs from job to job.
tmpl::Context KnownNames() {
  tmpl::Context known;
  for (const char* name : {"dag_id", "job_id", "run_id", "pool", "params", "lane", "item"})
    known.values[name] = nullptr;
  known.values["deployment"] = json::object{{"id", nullptr}};
  return known;
}

void CheckBy(const std::string& by, yaml::MapReader& map) {
  for (const tmpl::Problem& problem : tmpl::CheckExpression(by, KnownNames()))
    map.Error("by", Cat("at ", Where(problem), " of this expression: ", problem.message));
}

std::optional<model::Market> ReadMarket(yaml::MapReader& map) {
  const auto word = map.Optional<std::string>("market");
  if (!word)
    return model::Market::kAny;
  const auto market = model::ParseMarket(*word);
  if (market && *market != model::Market::kAny)
    return market;
  const auto near = base::DidYouMean(*word, {"on_demand", "spot"});
  map.Error("market",
            Cat("'market': expected on_demand or spot, found '",
                *word,
                "'",
                near ? Cat("; did you mean '", *near, "'?") : ""));
  return std::nullopt;
}

std::optional<model::JobLimit> ReadLimit(const yaml::Node& node, yaml::Diagnostics* errors) {
  yaml::MapReader map(node, "this limit", errors);
  const auto by = map.Optional<std::string>("by");
  const auto tag = map.Optional<std::string>("tag");
  const auto max = ReadWithin(map, "max", 1, kSlotsMax);
  const auto max_vcpus = ReadWithin(map, "max_vcpus", 1, kVcpusMax);
  const auto market = ReadMarket(map);
  map.Finish();
  if (!map.is_map())
    return std::nullopt;
  const auto has = [&](std::string_view key) { return node.Find(key) != nullptr; };
  if (!has("max") && !has("max_vcpus"))
    errors->Add(node.mark(), "this limit needs the key 'max', 'max_vcpus' or both");
  if (has("market") && !has("max_vcpus"))
    map.Error("market", "'market' says whose vCPUs 'max_vcpus' counts, which is not there");
  if (has("market") && has("max"))
    map.Error("market", "'max' counts jobs, whatever their market: write it as a limit of its own");
  if (has("by") && has("tag"))
    errors->Add(node.mark(),
                "a limit has 'by', an expression such as lane.id, or 'tag', a tag of DAGs, or "
                "neither, for all jobs together");
  if (by)
    CheckBy(*by, map);
  if (by == "" || tag == "")
    errors->Add(node.mark(), Cat("'", by ? "by" : "tag", "' is empty"));
  if (!market || !(max || max_vcpus) || (by && tag))
    return std::nullopt;
  return model::JobLimit{.by = by.value_or(""),
                         .tag = tag.value_or(""),
                         .max = static_cast<int>(max.value_or(0)),
                         .max_vcpus = max_vcpus.value_or(0),
                         .market = *market};
}

// "by: lane.id", for people.
std::string NameOf(const model::JobLimit& limit) {
  model::JobLimit bare = limit;
  bare.max = 0;
  bare.max_vcpus = 0;
  const std::string name = ToString(bare);
  return name.empty() ? "neither 'by' nor 'tag'" : Cat("'", name, "'");
}

}  // namespace

CapacityPolicy ReadCapacity(yaml::MapReader& reader) {
  constexpr int64_t kWeightMax = std::numeric_limits<int32_t>::max();
  CapacityPolicy policy;
  policy.pool_slots = ReadWithin(reader, "pool_slots", 1, kSlotsMax);
  policy.pool_slots_mark = reader.MarkOf("pool_slots");
  policy.priority_weight = ReadWithin(reader, "priority_weight", -kWeightMax, kWeightMax);
  policy.weight_rule = ReadWeightRule(reader);
  policy.max_active_tis_per_dag = ReadWithin(reader, "max_active_tis_per_dag", 1, kSlotsMax);
  policy.max_active_tis_per_dagrun = ReadWithin(reader, "max_active_tis_per_dagrun", 1, kSlotsMax);
  policy.vcpus = ReadWithin(reader, "vcpus", 1, kVcpusMax);
  return policy;
}

CapacityPolicy Merge(const CapacityPolicy& inner, const CapacityPolicy& outer) {
  CapacityPolicy merged = outer;
  const auto take = [&](auto... members) {
    ((inner.*members ? void(merged.*members = inner.*members) : void()), ...);
  };
  take(&CapacityPolicy::pool_slots,
       &CapacityPolicy::priority_weight,
       &CapacityPolicy::weight_rule,
       &CapacityPolicy::max_active_tis_per_dag,
       &CapacityPolicy::max_active_tis_per_dagrun,
       &CapacityPolicy::vcpus);
  if (inner.pool_slots)
    merged.pool_slots_mark = inner.pool_slots_mark;
  return merged;
}

model::Capacity Settle(const CapacityPolicy& policy) {
  model::Capacity capacity;
  const auto narrow = [](const std::optional<int64_t>& value) {
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  };
  capacity.pool_slots = narrow(policy.pool_slots).value_or(capacity.pool_slots);
  capacity.priority_weight = narrow(policy.priority_weight).value_or(capacity.priority_weight);
  capacity.weight_rule = policy.weight_rule.value_or(capacity.weight_rule);
  capacity.max_active_tis_per_dag = narrow(policy.max_active_tis_per_dag);
  capacity.max_active_tis_per_dagrun = narrow(policy.max_active_tis_per_dagrun);
  capacity.vcpus = policy.vcpus;
  return capacity;
}

std::vector<model::JobLimit> ReadLimits(const yaml::Node& list,
                                        std::vector<yaml::Mark>* marks,
                                        yaml::Diagnostics* errors) {
  std::vector<model::JobLimit> limits;
  const auto nodes = yaml::Read<std::vector<yaml::Node>>(list, "a list of limits", errors);
  if (!nodes)
    return limits;
  for (const yaml::Node& node : *nodes) {
    const auto limit = ReadLimit(node, errors);
    if (!limit)
      continue;
    const bool is_twice = std::ranges::any_of(
        limits, [&](const model::JobLimit& other) { return KeyOf(other) == KeyOf(*limit); });
    if (is_twice) {
      errors->Add(node.mark(), Cat("there are two limits with ", NameOf(*limit), "; keep one"));
      continue;
    }
    limits.push_back(*limit);
    marks->push_back(node.mark());
  }
  return limits;
}

}  // namespace dagfile
