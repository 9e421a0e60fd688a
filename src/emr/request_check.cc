#include "emr/request_check.h"

#include <optional>
#include <set>
#include <span>

#include "base/text.h"
#include "emr/idle.h"
#include "emr/release.h"
#include "emr/release_rules.h"
#include "emr/request_facts.h"
#include "emr/request_members.h"
#include "wire/emr_shapes.h"

namespace emr {
namespace {

// Limits that EMR's documentation states and its service model does not.
constexpr size_t kStepsMax = 256;
constexpr size_t kStepCharactersMax = 10'240;
constexpr size_t kFleetTypesMax = 5;
constexpr size_t kFleetTypesWithStrategyMax = 30;
constexpr int64_t kSecondsOfADay = 86'400;

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

class Rules {
 public:
  Rules(const json::object& request, Findings& findings)
      : request_(request), instances_(base::GetObject(request, "Instances")), findings_(findings) {}

  void Check() {
    CheckRanges("", request_, kRequestRanges);
    release_ = CheckRelease(request_, findings_);
    const json::value* instances = base::Find(request_, "Instances");
    if (instances != nullptr && instances->is_object())
      CheckInstances();
    CheckSteps();
    CheckManagedScaling();
  }

  // What does not change with the values of templates.
  void CheckWhatIsWritten() {
    CheckMembers(request_, release_, findings_);
    CheckThreeMasters();
    CheckStepConcurrency();
    CheckIdleness();
  }

 private:
  void Add(std::string path, std::string message) {
    findings_.Error(std::move(path), std::move(message));
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

  template <typename Visit>
  void Each(const std::string& path, Visit visit) {
    EachObject(request_, path, visit);
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
        *on_demand + *spot != 1 && !(*on_demand == 3 && *spot == 0)) {
      Add(path,
          base::Cat("a MASTER fleet has TargetOnDemandCapacity + TargetSpotCapacity = 1 (or 3 "
                    "on-demand, for high availability), this one ",
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

  // "Plan and configure primary nodes": EMR switches termination protection on and auto-termination
  // off for a cluster with three masters, whatever the request says.
  void CheckThreeMasters() {
    std::string masters;
    bool has_core = false;
    const auto look = [&](const std::string& path, const json::object& item) {
      const bool is_fleet = item.contains("InstanceFleetType");
      const std::optional<std::string> role =
          KnownText(item, is_fleet ? "InstanceFleetType" : "InstanceRole");
      has_core = has_core || !role || *role == "CORE";
      if (role == "MASTER" &&
          KnownInt(item, is_fleet ? "TargetOnDemandCapacity" : "InstanceCount") == 3)
        masters = path;
    };
    Each("Instances.InstanceGroups", look);
    Each("Instances.InstanceFleets", look);
    if (masters.empty())
      return;
    if (!has_core)
      Add(masters, "three masters need core nodes beside them");
    findings_.Warn(
        masters,
        "three masters: EMR switches termination protection on and auto-termination off, "
        "so the cluster does not end after its steps by itself; only Signalbox ends it");
  }

  // "Run multiple steps in parallel": above level 1 EMR takes only steps that CONTINUE, and a step
  // that fails ends neither the others nor the cluster.
  void CheckStepConcurrency() {
    const std::optional<int64_t> level = KnownInt(request_, "StepConcurrencyLevel");
    if (level.value_or(1) <= 1)
      return;
    Each("Steps", [&](const std::string& path, const json::object& step) {
      const std::string action = step.contains("ActionOnFailure")
                                     ? KnownText(step, "ActionOnFailure").value_or("CONTINUE")
                                     : "TERMINATE_CLUSTER";
      if (action != "CONTINUE")
        Add(base::Cat(path, ".ActionOnFailure"),
            base::Cat(
                action,
                " does not act where StepConcurrencyLevel is ",
                *level,
                ", and EMR refuses such steps; write action_on_failure: CONTINUE (a step that "
                "fails still fails the job), or remove StepConcurrencyLevel"));
    });
  }

  void CheckIdleness() {
    if (!release_ || !HasAutoTermination(*release_))
      return;
    const bool has_policy = request_.contains("AutoTerminationPolicy");
    const std::optional<int64_t> idle = KnownInt(request_, "AutoTerminationPolicy.IdleTimeout");
    if (has_policy && idle.value_or(kIdleSeconds) >= kSecondsOfADay)
      return;
    Each("Steps", [&](const std::string& path, const json::object& step) {
      if (!RunsOutsideYarn(step))
        return;
      findings_.Warn(
          path,
          has_policy
              ? "runs outside YARN, which EMR takes for idleness: its AutoTerminationPolicy may "
                "end "
                "the cluster in the middle; raise IdleTimeout, or let the step touch "
                "/emr/metricscollector/isbusy"
              : "runs outside YARN, which EMR takes for idleness: the cluster gets an "
                "AutoTerminationPolicy of 7 days instead of an hour; write one in the template to "
                "choose another");
    });
  }

  void CheckManagedScaling() {
    constexpr char kPath[] = "ManagedScalingPolicy.ComputeLimits";
    if (base::Find(request_, kPath) == nullptr) {
      if (base::Find(request_, "ManagedScalingPolicy") != nullptr &&
          base::Find(request_, "ManagedScalingPolicy")->is_object())
        Add(kPath, "is required");
      return;
    }
    const json::object& limits = base::GetObject(request_, kPath);
    const bool fleets = instances_.contains("InstanceFleets");
    const std::optional<std::string> unit = KnownText(limits, "UnitType");
    if (unit && (*unit == "InstanceFleetUnits") != fleets)
      Add(base::Cat(kPath, ".UnitType"),
          fleets ? base::Cat(*unit, " is for instance groups; fleets have InstanceFleetUnits")
                 : base::Cat(*unit, " is for instance fleets; groups have Instances or VCPU"));
    std::optional<int64_t> min = KnownInt(limits, "MinimumCapacityUnits");
    std::optional<int64_t> max = KnownInt(limits, "MaximumCapacityUnits");
    if (min && *min < 1)
      Add(base::Cat(kPath, ".MinimumCapacityUnits"), base::Cat(*min, " is less than 1"));
    if (min && max && *min > *max)
      Add(kPath, base::Cat("MinimumCapacityUnits ", *min, " is more than the maximum ", *max));
    for (std::string_view part : {"MaximumOnDemandCapacityUnits", "MaximumCoreCapacityUnits"}) {
      std::optional<int64_t> most = KnownInt(limits, part);
      if (most && max && (*most > *max || *most < 0))
        Add(base::Cat(kPath, '.', part),
            base::Cat(*most, " is not between 0 and MaximumCapacityUnits ", *max));
    }
  }

  const json::object& request_;
  const json::object& instances_;
  std::optional<Release> release_;  // where it is known
  Findings& findings_;
};

}  // namespace

std::vector<Finding> CheckRunJobFlow(const json::object& request,
                                     const RequestCheckOptions& options) {
  if (options.rendered) {
    json::value with_texts(request);
    wire::WriteScalarsAsTexts(wire::kRunJobFlowInput, with_texts);
    return CheckRunJobFlow(with_texts.get_object(), {.allow_unknown = options.allow_unknown});
  }
  Findings findings;
  for (wire::ShapeFinding& each :
       wire::CheckShape(wire::kRunJobFlowInput,
                        request,
                        {.allow_unknown = options.allow_unknown, .allow_templates = true}))
    findings.Error(std::move(each.path), std::move(each.message));
  Rules rules(request, findings);
  rules.Check();
  if (!options.at_launch)
    rules.CheckWhatIsWritten();
  return findings.Take();
}

}  // namespace emr
