#include "emr/request_check.h"

#include <optional>
#include <set>
#include <span>

#include "base/text.h"
#include "emr/release.h"
#include "wire/emr_shapes.h"

namespace emr {
namespace {

// Limits that EMR's documentation states and its service model does not.
constexpr size_t kStepsMax = 256;
constexpr size_t kStepCharactersMax = 10'240;
constexpr size_t kFleetTypesMax = 5;
constexpr size_t kFleetTypesWithStrategyMax = 30;

struct Range {
  std::string_view path;
  int64_t min, max;
};
constexpr Range kRequestRanges[] = {
    {"StepConcurrencyLevel", 1, 256},
    {"AutoTerminationPolicy.IdleTimeout", 60, 604'800},
};
constexpr Range kFleetRanges[] = {
    {"LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes", 5, 1440},
    {"ResizeSpecifications.SpotResizeSpecification.TimeoutDurationMinutes", 5, 10'080},
    {"ResizeSpecifications.OnDemandResizeSpecification.TimeoutDurationMinutes", 5, 10'080},
};

// What a release must be for a member to work.
struct ReleaseRule {
  std::string_view path;
  bool (*works)(const Release&);
  std::string_view needs;
};
constexpr ReleaseRule kReleaseRules[] = {
    {"Instances.InstanceFleets", HasFleets, "emr-4.8.0 or later, but not emr-5.0.x"},
    {"AutoTerminationPolicy", HasAutoTermination, "emr-5.30.0 or emr-6.1.0 or later"},
    {"EbsRootVolumeIops", HasRootVolumeSpeed, "emr-6.15.0 or later"},
    {"EbsRootVolumeThroughput", HasRootVolumeSpeed, "emr-6.15.0 or later"},
};

// The text of a string member; nothing where it is absent or not known before rendering.
std::optional<std::string> KnownText(const json::object& object, std::string_view path) {
  const json::value* value = base::Find(object, path);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  std::string text = base::GetString(object, path);
  return wire::HasTemplate(text) ? std::nullopt : std::optional(std::move(text));
}

std::optional<int64_t> KnownInt(const json::object& object, std::string_view path) {
  const json::value* value = base::Find(object, path);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

// 0 where the member is absent, nothing where it is not known before rendering.
std::optional<int64_t> IntOrZero(const json::object& object, std::string_view path) {
  return base::Find(object, path) == nullptr ? 0 : KnownInt(object, path);
}

class Rules {
 public:
  Rules(const json::object& request, std::vector<Finding>& findings)
      : request_(request), instances_(base::GetObject(request, "Instances")), findings_(findings) {}

  void Check() {
    CheckRanges("", request_, kRequestRanges);
    CheckReleases();
    const json::value* instances = base::Find(request_, "Instances");
    if (instances != nullptr && instances->is_object())
      CheckInstances();
    CheckSteps();
    CheckManagedScaling();
  }

 private:
  void Add(std::string path, std::string message) {
    findings_.push_back({std::move(path), std::move(message)});
  }

  void CheckRanges(std::string_view prefix,
                   const json::object& object,
                   std::span<const Range> ranges) {
    for (const Range& range : ranges) {
      std::optional<int64_t> value = KnownInt(object, range.path);
      if (value && (*value < range.min || *value > range.max)) {
        Add(base::Cat(prefix, range.path),
            base::Cat(*value, " is not between ", range.min, " and ", range.max));
      }
    }
  }

  void CheckReleases() {
    std::optional<std::string> label = KnownText(request_, "ReleaseLabel");
    std::optional<Release> release = label ? ParseRelease(*label) : std::nullopt;
    if (!release)
      return;
    for (const ReleaseRule& rule : kReleaseRules) {
      if (base::Find(request_, rule.path) != nullptr && !rule.works(*release))
        Add(std::string(rule.path), base::Cat("needs ", rule.needs, "; this is ", *label));
    }
    release_ = release;
  }

  void CheckInstances() {
    bool groups = instances_.contains("InstanceGroups");
    bool fleets = instances_.contains("InstanceFleets");
    bool plain = instances_.contains("MasterInstanceType") ||
                 instances_.contains("SlaveInstanceType") || instances_.contains("InstanceCount");
    if (groups + fleets + plain != 1) {
      Add("Instances",
          "say what to start in one way: InstanceFleets, or InstanceGroups, or MasterInstanceType, "
          "SlaveInstanceType and InstanceCount");
    }
    if (!fleets) {
      for (std::string_view path : {"Ec2SubnetIds", "Placement.AvailabilityZones"}) {
        if (base::Find(instances_, path) != nullptr)
          Add(base::Cat("Instances.", path), "is for InstanceFleets only");
      }
    }
    CheckRoles("InstanceFleets", "InstanceFleetType");
    CheckRoles("InstanceGroups", "InstanceRole");
    Each("Instances.InstanceFleets",
         [this](const std::string& path, const json::object& fleet) { CheckFleet(path, fleet); });
    Each("Instances.InstanceGroups",
         [this](const std::string& path, const json::object& group) { CheckGroup(path, group); });
  }

  // Calls visit(path, object) for every object of a list in the request.
  template <typename Visit>
  void Each(const std::string& path, Visit visit) {
    size_t index = 0;
    for (const json::value& item : base::GetArray(request_, path)) {
      if (const json::object* object = item.if_object())
        visit(base::Cat(path, '[', index, ']'), *object);
      ++index;
    }
  }

  // One MASTER; one fleet a role; of groups only TASK may repeat.
  void CheckRoles(std::string_view list, std::string_view member) {
    const std::string path = base::Cat("Instances.", list);
    if (base::GetArray(request_, path).empty())
      return;
    bool fleets = list == "InstanceFleets";
    bool all_known = true;
    std::set<std::string> seen;
    Each(path, [&](const std::string& at, const json::object& item) {
      std::optional<std::string> role = KnownText(item, member);
      all_known = all_known && role;
      if (role && !seen.insert(*role).second && (fleets || *role != "TASK"))
        Add(base::Cat(at, '.', member), base::Cat("a second ", *role, "; one is allowed"));
    });
    if (all_known && !seen.contains("MASTER"))
      Add(path, "has no MASTER");
  }

  void CheckFleet(const std::string& path, const json::object& fleet) {
    CheckRanges(base::Cat(path, '.'), fleet, kFleetRanges);
    std::optional<int64_t> on_demand = IntOrZero(fleet, "TargetOnDemandCapacity");
    std::optional<int64_t> spot = IntOrZero(fleet, "TargetSpotCapacity");
    if (KnownText(fleet, "InstanceFleetType") == "MASTER" && on_demand && spot &&
        *on_demand + *spot != 1) {
      Add(path,
          base::Cat("a MASTER fleet has TargetOnDemandCapacity + TargetSpotCapacity = 1, this one ",
                    *on_demand + *spot));
    }

    bool strategy = false;
    for (std::string_view member :
         {"LaunchSpecifications.SpotSpecification.AllocationStrategy",
          "LaunchSpecifications.OnDemandSpecification.AllocationStrategy"}) {
      if (base::Find(fleet, member) == nullptr)
        continue;
      strategy = true;
      if (release_ && !HasAllocationStrategy(*release_))
        Add(base::Cat(path, '.', member), "needs emr-5.12.1 or later");
    }
    const std::string types_path = base::Cat(path, ".InstanceTypeConfigs");
    const json::array& types = base::GetArray(fleet, "InstanceTypeConfigs");
    size_t types_max = strategy ? kFleetTypesWithStrategyMax : kFleetTypesMax;
    if (types.size() > types_max) {
      Add(types_path,
          base::Cat(types.size(),
                    " instance types; at most ",
                    types_max,
                    strategy ? " are allowed" : " are allowed without an AllocationStrategy"));
    }
    CheckInstanceTypes(types_path, types);
  }

  void CheckInstanceTypes(const std::string& path, const json::array& types) {
    std::set<std::string> seen;
    for (size_t i = 0; i < types.size(); ++i) {
      const json::object* config = types[i].if_object();
      if (config == nullptr)
        continue;
      const std::string at = base::Cat(path, '[', i, ']');
      std::optional<std::string> type = KnownText(*config, "InstanceType");
      if (type && !seen.insert(*type).second)
        Add(base::Cat(at, ".InstanceType"), base::Cat(*type, " is in this fleet already"));
      CheckBidPrice(at, *config);
    }
  }

  void CheckGroup(const std::string& path, const json::object& group) {
    std::optional<int64_t> count = KnownInt(group, "InstanceCount");
    if (KnownText(group, "InstanceRole") == "MASTER" && count && *count != 1 && *count != 3) {
      Add(base::Cat(path, ".InstanceCount"),
          base::Cat("a MASTER group has 1 instance, or 3 for high availability, not ", *count));
    }
    CheckBidPrice(path, group);
  }

  void CheckBidPrice(const std::string& path, const json::object& object) {
    std::optional<std::string> price = KnownText(object, "BidPrice");
    if (!price)
      return;
    std::optional<double> dollars = base::ParseDouble(*price);
    if (!dollars || *dollars <= 0)
      Add(base::Cat(path, ".BidPrice"), base::Cat('"', *price, "\" is not a price in USD"));
  }

  void CheckSteps() {
    size_t count = base::GetArray(request_, "Steps").size();
    if (count > kStepsMax)
      Add("Steps", base::Cat(count, " steps; at most ", kStepsMax, " are allowed"));
    Each("Steps", [this](const std::string& path, const json::object& step) {
      const json::object& jar_step = base::GetObject(step, "HadoopJarStep");
      size_t characters = 0;
      for (const auto& [name, member] : jar_step)
        characters += KnownCharacters(member);
      if (characters > kStepCharactersMax) {
        Add(base::Cat(path, ".HadoopJarStep"),
            base::Cat("its strings have ",
                      characters,
                      " characters together; at most ",
                      kStepCharactersMax,
                      " are allowed"));
      }
    });
  }

  // Of all strings in a value; what a template will add is not known and not counted.
  static size_t KnownCharacters(const json::value& value) {
    size_t sum = 0;
    if (const json::string* text = value.if_string()) {
      std::string_view view(text->data(), text->size());
      return wire::HasTemplate(view) ? 0 : wire::CharacterCount(view);
    }
    if (const json::array* list = value.if_array()) {
      for (const json::value& item : *list)
        sum += KnownCharacters(item);
    } else if (const json::object* object = value.if_object()) {
      for (const auto& [key, member] : *object)
        sum += KnownCharacters(member);
    }
    return sum;
  }

  void CheckManagedScaling() {
    constexpr char kPath[] = "ManagedScalingPolicy.ComputeLimits";
    const json::object& limits = base::GetObject(request_, kPath);
    std::optional<int64_t> min = KnownInt(limits, "MinimumCapacityUnits");
    std::optional<int64_t> max = KnownInt(limits, "MaximumCapacityUnits");
    if (min && max && *min > *max)
      Add(kPath, base::Cat("MinimumCapacityUnits ", *min, " is more than the maximum ", *max));
  }

  const json::object& request_;
  const json::object& instances_;
  std::optional<Release> release_;  // where it is known
  std::vector<Finding>& findings_;
};

}  // namespace

std::vector<Finding> CheckRunJobFlow(const json::object& request,
                                     const RequestCheckOptions& options) {
  std::vector<Finding> findings;
  for (wire::ShapeFinding& each :
       wire::CheckShape(wire::kRunJobFlowInput,
                        request,
                        {.allow_unknown = options.allow_unknown, .allow_templates = true}))
    findings.push_back({std::move(each.path), std::move(each.message)});
  Rules(request, findings).Check();
  return findings;
}

}  // namespace emr
