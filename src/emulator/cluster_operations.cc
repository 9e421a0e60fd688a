#include "emulator/cluster_operations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "emulator/call.h"
#include "emulator/run_job_flow.h"

namespace emulator {

namespace {

constexpr std::string_view kMayNotBeModified =
    "A job flow that is shutting down, terminated, or finished may not be modified.";

// --- Steps
// ------------------------------------------------------------------------------------------

Reply AddJobFlowSteps(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  const json::array& steps = base::GetArray(request, "Steps");
  if (steps.empty())
    return Invalid("Steps must not be empty.");
  if (std::optional<std::string> refusal = CheckSteps(steps))
    return Invalid(*refusal);
  auto active = static_cast<size_t>(std::count_if(
      cluster.steps.begin(), cluster.steps.end(), [](const Step& s) { return s.Active(); }));
  if (active + steps.size() > kActiveStepsMax)
    return Invalid(kTooManySteps);
  bool all_continue = std::all_of(steps.begin(), steps.end(), [](const json::value& step) {
    return base::GetString(step.get_object(), "ActionOnFailure") == "CONTINUE";
  });
  if (cluster.step_concurrency > 1 && !all_continue)
    return Invalid(
        "ActionOnFailure must be CONTINUE on a cluster whose StepConcurrencyLevel is greater than "
        "1.");

  size_t first = cluster.steps.size();
  lifecycle.AddSteps(cluster, steps, base::GetString(request, "ExecutionRoleArn"));
  json::array ids;
  for (size_t i = first; i < cluster.steps.size(); ++i)
    ids.emplace_back(cluster.steps[i].id);
  return Success({{"StepIds", std::move(ids)}});
}

// A step that has ended is told so in its own line; an unknown id refuses the call.
Reply CancelSteps(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  const json::array& ids = base::GetArray(request, "StepIds");
  if (ids.empty() || ids.size() > kActiveStepsMax)
    return InvalidRequest(base::Cat("StepIds must have 1 to ", kActiveStepsMax, " elements."));
  std::vector<Step*> steps;
  for (const json::value& id : ids) {
    auto step = std::find_if(cluster.steps.begin(), cluster.steps.end(), [&](const Step& known) {
      return known.id == std::string_view(id.get_string());
    });
    if (step == cluster.steps.end())
      return InvalidRequest(
          base::Cat("Step id '", std::string_view(id.get_string()), "' is not valid."));
    steps.push_back(&*step);
  }
  json::array lines;
  for (Step* step : steps) {
    json::object line = {{"StepId", step->id}, {"Status", "SUBMITTED"}};
    if (!lifecycle.CancelStep(cluster, *step)) {
      line["Status"] = "FAILED";
      line["Reason"] = base::Cat("The step is ", Text(step->state), " already.");
    }
    lines.push_back(std::move(line));
  }
  return Success({{"CancelStepsInfoList", std::move(lines)}});
}

// --- Tags
// -------------------------------------------------------------------------------------------

void RemoveTag(Cluster& cluster, std::string_view key) {
  json::array& tags = cluster.tags;
  tags.erase(std::remove_if(tags.begin(),
                            tags.end(),
                            [&](const json::value& tag) {
                              return base::GetString(tag.get_object(), "Key") == key;
                            }),
             tags.end());
}

Reply AddTags(Lifecycle&, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return InvalidRequest(kMayNotBeModified);
  const json::array& tags = base::GetArray(request, "Tags");
  for (const json::value& tag : tags)
    if (base::GetString(tag.get_object(), "Key").empty())
      return InvalidRequest("The key of a tag must not be empty.");
  for (const json::value& tag : tags) {
    std::string key = base::GetString(tag.get_object(), "Key");
    RemoveTag(cluster, key);
    cluster.tags.push_back(
        json::object{{"Key", key}, {"Value", base::GetString(tag.get_object(), "Value")}});
  }
  return Success({});
}

Reply RemoveTags(Lifecycle&, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return InvalidRequest(kMayNotBeModified);
  for (const json::value& key : base::GetArray(request, "TagKeys"))
    RemoveTag(cluster, key.get_string());
  return Success({});
}

// --- Settings
// ---------------------------------------------------------------------------------------

Reply ModifyCluster(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return InvalidRequest(kMayNotBeModified);
  if (std::optional<std::string> refusal = CheckStepConcurrency(request))
    return InvalidRequest(*refusal);
  auto level = static_cast<int64_t>(cluster.step_concurrency);
  level = base::GetInt(request, "StepConcurrencyLevel", level);
  lifecycle.SetStepConcurrency(cluster, static_cast<size_t>(level));
  json::object reply = {{"StepConcurrencyLevel", level}};
  if (const json::value* extended = request.if_contains("ExtendedSupport"))
    reply["ExtendedSupport"] = cluster.request["ExtendedSupport"] = *extended;
  return Success(std::move(reply));
}

Reply PutAutoTermination(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  const json::object& policy = base::GetObject(request, "AutoTerminationPolicy");
  if (std::optional<std::string> refusal = CheckAutoTermination(policy))
    return Invalid(*refusal);
  lifecycle.SetIdleTimeout(cluster, IdleTimeout(policy));
  return Success({});
}

Reply GetAutoTermination(Lifecycle&, Cluster& cluster, const json::object&) {
  json::object policy;
  if (cluster.idle_timeout)
    policy["IdleTimeout"] = static_cast<int64_t>(*cluster.idle_timeout / base::seconds(1));
  return Success({{"AutoTerminationPolicy", std::move(policy)}});
}

Reply RemoveAutoTermination(Lifecycle& lifecycle, Cluster& cluster, const json::object&) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  lifecycle.SetIdleTimeout(cluster, std::nullopt);
  return Success({});
}

Reply PutManagedScaling(Lifecycle&, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  const json::object& policy = base::GetObject(request, "ManagedScalingPolicy");
  if (std::optional<std::string> refusal = CheckManagedScaling(policy, cluster.uses_fleets))
    return Invalid(*refusal);
  cluster.managed_scaling = policy;
  return Success({});
}

Reply GetManagedScaling(Lifecycle&, Cluster& cluster, const json::object&) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  return Success({{"ManagedScalingPolicy", cluster.managed_scaling}});
}

Reply RemoveManagedScaling(Lifecycle&, Cluster& cluster, const json::object&) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  cluster.managed_scaling.clear();
  return Success({});
}

Reply ListBootstrapActions(Lifecycle&, Cluster& cluster, const json::object& request) {
  if (std::string marker = base::GetString(request, "Marker"); !marker.empty())
    return BadMarker(marker);  // all are on the first page
  return Success({{"BootstrapActions", BootstrapActions(cluster)}});
}

struct NamedOperation {
  std::string_view action;
  ClusterOperation operation;
};

constexpr NamedOperation kNamedOperations[] = {
    {"AddJobFlowSteps", AddJobFlowSteps},
    {"CancelSteps", CancelSteps},
    {"AddTags", AddTags},
    {"RemoveTags", RemoveTags},
    {"ModifyCluster", ModifyCluster},
    {"PutAutoTerminationPolicy", PutAutoTermination},
    {"GetAutoTerminationPolicy", GetAutoTermination},
    {"RemoveAutoTerminationPolicy", RemoveAutoTermination},
    {"PutManagedScalingPolicy", PutManagedScaling},
    {"GetManagedScalingPolicy", GetManagedScaling},
    {"RemoveManagedScalingPolicy", RemoveManagedScaling},
    {"ListBootstrapActions", ListBootstrapActions}};

}  // namespace

ClusterOperation FindClusterOperation(std::string_view action) {
  for (const NamedOperation& named : kNamedOperations)
    if (named.action == action)
      return named.operation;
  return nullptr;
}

}  // namespace emulator
