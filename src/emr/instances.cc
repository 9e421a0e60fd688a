#include "emr/instances.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "emr/request_facts.h"
#include "emr/resume.h"
#include "emr/vcpus.h"

namespace emr {

namespace {

using base::Cat;
using model::Market;

// A type, and how much of the wanted capacity an instance of it fills.
struct Choice {
  std::string type;
  int64_t weight = 1;
  friend bool operator==(const Choice&, const Choice&) = default;
};

// So much capacity, of any of the choices.
struct Ask {
  Market market = Market::kOnDemand;  // kAny: it may be of either
  bool is_master = false;
  int64_t units = 0;
  std::vector<Choice> choices;
};

// Beyond what EMR takes; so that no product of them overflows.
constexpr int64_t kCountMost = 1'000'000;
constexpr model::MicroUsd kHourMost = 1'000'000'000'000;

constexpr std::string_view kPolicy = "ManagedScalingPolicy";
constexpr std::string_view kLimits = "ManagedScalingPolicy.ComputeLimits";

using ValueOf = std::function<base::Result<int64_t>(const Choice&, Market)>;

tl::unexpected<base::Error> UnknownType(std::string_view type) {
  return base::Fail(base::ErrorCode::kNotFound,
                    Cat("the vCPUs of the instance type '", type, "' are not known"));
}

tl::unexpected<base::Error> NotRendered(std::string_view path) {
  return base::Fail(base::ErrorCode::kInvalidArgument,
                    Cat(path, " is no plain value, so it is not known before the launch"));
}

// A text in place of a list or a map is a template, and what it stands for is not known yet.
bool IsTemplate(const json::object& object, std::string_view key) {
  const json::value* value = base::Find(object, key);
  return value != nullptr && value->is_string();
}

base::Result<std::string> TypeAt(const json::object& object,
                                 std::string_view key,
                                 std::string_view path) {
  if (auto type = KnownText(object, key))
    return std::move(*type);
  return NotRendered(Cat(path, ".", key));
}

base::Result<int64_t> CountAt(const json::object& object,
                              std::string_view key,
                              std::string_view path,
                              int64_t if_absent) {
  if (base::Find(object, key) == nullptr)
    return if_absent;
  const auto number = KnownInt(object, key);
  if (number && *number > kCountMost)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      Cat(path, ".", key, " is more than ", kCountMost));
  if (number && *number >= 0)
    return *number;
  return NotRendered(Cat(path, ".", key));
}

// What the request begins with, or what managed scaling may make of it.
enum class Size { kFirst, kScaled };

class AskReader {
 public:
  base::Result<std::vector<Ask>> Read(const json::object& request, Size size) {
    const json::value* instances = request.if_contains("Instances");
    if (instances == nullptr)
      return std::vector<Ask>();
    const json::object* object = instances->if_object();
    if (object == nullptr)
      return NotRendered("Instances");
    RETURN_IF_ERROR(ReadList(*object, "InstanceGroups", &AskReader::ReadGroup));
    RETURN_IF_ERROR(ReadList(*object, "InstanceFleets", &AskReader::ReadFleet));
    if (asks_.empty())
      RETURN_IF_ERROR(ReadShort(*object));
    if (size == Size::kScaled)
      RETURN_IF_ERROR(Scale(request));
    return std::move(asks_);
  }

 private:
  using ReadOne = base::Status (AskReader::*)(const json::object&, const std::string&);
  base::Status ReadList(const json::object& instances, std::string_view key, ReadOne read) {
    const json::value* list = instances.if_contains(key);
    if (list == nullptr)
      return {};
    if (!list->is_array())
      return NotRendered(Cat("Instances.", key));
    size_t index = 0;
    for (const json::value& item : list->get_array()) {
      const std::string path = Cat("Instances.", key, "[", index++, "]");
      if (!item.is_object())
        return NotRendered(path);
      RETURN_IF_ERROR((this->*read)(item.get_object(), path));
    }
    return {};
  }

  base::Status ReadGroup(const json::object& group, const std::string& path) {
    Ask ask{.market = MarketOf(group, "Market"),
            .is_master = base::GetString(group, "InstanceRole") == "MASTER"};
    ASSIGN_OR_RETURN(ask.units, CountAt(group, "InstanceCount", path, 1));
    for (const std::string_view key : {"AutoScalingPolicy", "AutoScalingPolicy.Constraints"}) {
      if (IsTemplate(group, key))
        return NotRendered(Cat(path, ".", key));
    }
    ASSIGN_OR_RETURN(const int64_t most,
                     CountAt(group, "AutoScalingPolicy.Constraints.MaxCapacity", path, ask.units));
    ask.units = std::max(ask.units, most);
    ASSIGN_OR_RETURN(std::string type, TypeAt(group, "InstanceType", path));
    ask.choices.push_back({std::move(type), 1});
    asks_.push_back(std::move(ask));
    return {};
  }

  base::Status ReadFleet(const json::object& fleet, const std::string& path) {
    std::vector<Choice> choices;
    size_t index = 0;
    if (IsTemplate(fleet, "InstanceTypeConfigs"))
      return NotRendered(Cat(path, ".InstanceTypeConfigs"));
    for (const json::value& item : base::GetArray(fleet, "InstanceTypeConfigs")) {
      const std::string at = Cat(path, ".InstanceTypeConfigs[", index++, "]");
      if (!item.is_object())
        return NotRendered(at);
      Choice& choice = choices.emplace_back();
      ASSIGN_OR_RETURN(choice.type, TypeAt(item.get_object(), "InstanceType", at));
      ASSIGN_OR_RETURN(choice.weight, CountAt(item.get_object(), "WeightedCapacity", at, 1));
    }
    const bool falls_back = MayFallBack(fleet);
    const bool is_master = base::GetString(fleet, "InstanceFleetType") == "MASTER";
    for (const bool is_spot : {false, true}) {
      ASSIGN_OR_RETURN(
          const int64_t units,
          CountAt(fleet, is_spot ? "TargetSpotCapacity" : "TargetOnDemandCapacity", path, 0));
      const Market market = !is_spot     ? Market::kOnDemand
                            : falls_back ? Market::kAny
                                         : Market::kSpot;
      if (units > 0)
        asks_.push_back({market, is_master, units, choices});
    }
    return {};
  }

  // Where EMR gets no Spot instances it may take On-Demand ones, unless it is known that it may
  // not.
  static bool MayFallBack(const json::object& fleet) {
    const std::string action =
        base::GetString(fleet, "LaunchSpecifications.SpotSpecification.TimeoutAction");
    return IsTemplate(fleet, "LaunchSpecifications") ||
           IsTemplate(fleet, "LaunchSpecifications.SpotSpecification") ||
           (!action.empty() && action != "TERMINATE_CLUSTER");
  }

  // MasterInstanceType and its like.
  base::Status ReadShort(const json::object& instances) {
    ASSIGN_OR_RETURN(const int64_t count, CountAt(instances, "InstanceCount", "Instances", 0));
    if (count == 0)
      return {};
    ASSIGN_OR_RETURN(std::string master, TypeAt(instances, "MasterInstanceType", "Instances"));
    asks_.push_back({Market::kOnDemand, true, 1, {{std::move(master), 1}}});
    if (count == 1)
      return {};
    ASSIGN_OR_RETURN(std::string slave, TypeAt(instances, "SlaveInstanceType", "Instances"));
    asks_.push_back({Market::kOnDemand, false, count - 1, {{std::move(slave), 1}}});
    return {};
  }

  // All but the master at the largest size, of any of the types.
  base::Status Scale(const json::object& request) {
    if (IsTemplate(request, kPolicy))
      return NotRendered(kPolicy);
    if (base::Find(request, kLimits) == nullptr)
      return {};
    const json::value& limits = *base::Find(request, kLimits);
    if (!limits.is_object())
      return NotRendered(kLimits);
    const std::string unit = base::GetString(limits.get_object(), "UnitType");
    Ask all{.market = Market::kAny};
    ASSIGN_OR_RETURN(all.units, CountAt(limits.get_object(), "MaximumCapacityUnits", kLimits, 0));
    std::optional<Market> market;
    for (const Ask& ask : asks_) {
      if (ask.is_master)
        continue;
      market = !market || *market == ask.market ? ask.market : Market::kAny;
      for (const Choice& choice : ask.choices)
        RETURN_IF_ERROR(AddChoice(all, choice, unit));
    }
    std::erase_if(asks_, [](const Ask& ask) { return !ask.is_master; });
    // Of a fleet EMR adds either, up to MaximumOnDemandCapacityUnits of the one, whatever the fleet
    // began with.
    all.market = unit == "InstanceFleetUnits" ? Market::kAny : market.value_or(Market::kAny);
    if (!all.choices.empty())
      asks_.push_back(std::move(all));
    return {};
  }

  static base::Status AddChoice(Ask& ask, Choice choice, std::string_view unit) {
    if (unit == "VCPU") {
      const auto vcpus = VcpusOfType(choice.type);
      if (!vcpus)
        return UnknownType(choice.type);
      choice.weight = *vcpus;
    } else if (unit == "Instances") {
      choice.weight = 1;
    }
    if (std::ranges::find(ask.choices, choice) == ask.choices.end())
      ask.choices.push_back(std::move(choice));
    return {};
  }

  static Market MarketOf(const json::object& group, std::string_view key) {
    if (base::Find(group, key) == nullptr)
      return Market::kOnDemand;
    const auto text = KnownText(group, key);
    return text == "ON_DEMAND" ? Market::kOnDemand : text == "SPOT" ? Market::kSpot : Market::kAny;
  }

  std::vector<Ask> asks_;
};

// The dearest way to fill the capacity. EMR adds instances until it is filled, so the last one may
// go beyond it.
base::Result<int64_t> MostOf(const Ask& ask, const ValueOf& value_of) {
  // Above this, counted as if instances could be parted.
  constexpr int64_t kExactUnits = 2'000;
  std::vector<std::pair<int64_t, int64_t>> each;  // weight, value
  for (const Choice& choice : ask.choices) {
    ASSIGN_OR_RETURN(const int64_t value, value_of(choice, ask.market));
    each.emplace_back(std::max<int64_t>(choice.weight, 1), value);
  }
  if (ask.units <= 0 || each.empty())
    return 0;
  if (ask.units > kExactUnits) {
    int64_t most = 0, dearest = 0;
    for (const auto& [weight, value] : each) {
      most = std::max(most,
                      (ask.units - 1) / weight * value + (ask.units - 1) % weight * value / weight);
      dearest = std::max(dearest, value);
    }
    return most + dearest;
  }
  constexpr int64_t kNever = -1;
  std::vector<int64_t> filled(static_cast<size_t>(ask.units), kNever);  // by capacity
  filled[0] = 0;
  int64_t most = 0;
  for (int64_t units = 0; units < ask.units; ++units) {
    const int64_t here = filled[static_cast<size_t>(units)];
    if (here == kNever)
      continue;
    for (const auto& [weight, value] : each) {
      if (units + weight >= ask.units) {
        most = std::max(most, here + value);
        continue;
      }
      int64_t& then = filled[static_cast<size_t>(units + weight)];
      then = std::max(then, here + value);
    }
  }
  return most;
}

// The greater ones of two.
model::Vcpus Max(const model::Vcpus& a, const model::Vcpus& b) {
  return {std::max(a.all, b.all), std::max(a.on_demand, b.on_demand), std::max(a.spot, b.spot)};
}
model::MicroUsd Max(model::MicroUsd a, model::MicroUsd b) {
  return std::max(a, b);
}

// Over both sizes.
template <typename Value, typename Each>
base::Result<Value> OverSizes(const json::object& request, Each each) {
  Value most{};
  for (const Size size : {Size::kFirst, Size::kScaled}) {
    ASSIGN_OR_RETURN(const std::vector<Ask> asks, AskReader().Read(request, size));
    ASSIGN_OR_RETURN(const Value value, each(asks));
    most = Max(most, value);
    if (base::Find(request, kPolicy) == nullptr)
      break;
  }
  return most;
}

// Over each try with a request of its own.
template <typename Value, typename Each>
base::Result<Value> OverTries(const model::EmrWork& work, Each each) {
  ASSIGN_OR_RETURN(Value most, each(work.request));
  for (const model::RetryPatch& patch : work.on_retry) {
    ASSIGN_OR_RETURN(const Value of_try,
                     each(PatchedRequest(work.request, work.on_retry, patch.from_try)));
    most = Max(most, of_try);
  }
  return most;
}

base::Result<int64_t> VcpusOfChoice(const Choice& choice, Market) {
  if (const auto known = VcpusOfType(choice.type))
    return *known;
  return UnknownType(choice.type);
}

base::Result<model::Vcpus> VcpusOf(const std::vector<Ask>& asks) {
  model::Vcpus most;
  for (const Ask& ask : asks) {
    ASSIGN_OR_RETURN(const int64_t vcpus, MostOf(ask, VcpusOfChoice));
    most.all += vcpus;
    most.on_demand += ask.market == Market::kSpot ? 0 : vcpus;
    most.spot += ask.market == Market::kOnDemand ? 0 : vcpus;
  }
  return most;
}

base::Result<model::MicroUsd> CostOf(const std::vector<Ask>& asks,
                                     const std::vector<model::Price>& prices) {
  const ValueOf cost = [&](const Choice& choice, Market market) -> base::Result<int64_t> {
    const model::Price* price = model::FindPrice(prices, choice.type);
    if (price == nullptr)
      return base::Fail(base::ErrorCode::kNotFound,
                        Cat("'prices' has no price of the instance type '", choice.type, "'"));
    const model::MicroUsd of_ec2 = market == Market::kOnDemand ? price->on_demand
                                   : market == Market::kSpot
                                       ? price->spot
                                       : std::max(price->on_demand, price->spot);
    return of_ec2 + price->emr;
  };
  model::MicroUsd most = 0;
  for (const Ask& ask : asks) {
    ASSIGN_OR_RETURN(const int64_t of_ask, MostOf(ask, cost));
    most = std::min(most + of_ask, kHourMost);
  }
  return most;
}

}  // namespace

base::Result<model::Vcpus> MostVcpus(const json::object& request) {
  return OverSizes<model::Vcpus>(request, VcpusOf);
}

base::Result<model::Vcpus> MostVcpus(const model::EmrWork& work) {
  return OverTries<model::Vcpus>(work,
                                 [](const json::object& request) { return MostVcpus(request); });
}

base::Result<model::MicroUsd> MostPerHour(const json::object& request,
                                          const std::vector<model::Price>& prices) {
  return OverSizes<model::MicroUsd>(
      request, [&](const std::vector<Ask>& asks) { return CostOf(asks, prices); });
}

base::Result<model::MicroUsd> MostPerHour(const model::EmrWork& work,
                                          const std::vector<model::Price>& prices) {
  return OverTries<model::MicroUsd>(
      work, [&](const json::object& request) { return MostPerHour(request, prices); });
}

}  // namespace emr
