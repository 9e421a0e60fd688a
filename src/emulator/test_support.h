#pragma once

// What the tests of this module share: requests, and a model driven by spans since its start.

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "emulator/emulator.h"

namespace emulator {

using base::hours;
using base::minutes;
using base::seconds;

inline const base::Time kStart = base::FromMicros(1'767'571'200'000'000);  // 2026-01-05T00:00Z

inline json::object StepRequest(std::string_view name,
                                std::string_view action_on_failure = "TERMINATE_CLUSTER") {
  return {{"Name", name},
          {"ActionOnFailure", action_on_failure},
          {"HadoopJarStep",
           json::object{{"Jar", "command-runner.jar"}, {"Args", json::array{"spark-submit"}}}}};
}

inline json::object FleetRequest(std::string_view type, int64_t on_demand, int64_t spot) {
  return {{"InstanceFleetType", type},
          {"Name", base::ToLower(type)},
          {"TargetOnDemandCapacity", on_demand},
          {"TargetSpotCapacity", spot},
          {"InstanceTypeConfigs",
           json::array{json::object{{"InstanceType", "m5.xlarge"}, {"WeightedCapacity", 1}}}}};
}

inline json::object GroupRequest(std::string_view role,
                                 int64_t count,
                                 std::string_view market = "ON_DEMAND") {
  return {{"InstanceRole", role},
          {"Name", base::ToLower(role)},
          {"Market", market},
          {"InstanceType", "m5.xlarge"},
          {"InstanceCount", count}};
}

inline json::object ClusterRequest(std::string_view name, int steps = 1) {
  json::array step_list;
  for (int i = 1; i <= steps; ++i)
    step_list.push_back(StepRequest(base::Cat("step ", i)));
  return {{"Name", name},
          {"ReleaseLabel", "emr-7.0.0"},
          {"Instances",
           json::object{{"InstanceFleets",
                         json::array{FleetRequest("MASTER", 1, 0), FleetRequest("CORE", 0, 2)}},
                        {"KeepJobFlowAliveWhenNoSteps", false}}},
          {"Steps", std::move(step_list)}};
}

// Like ClusterRequest, with a group of two instances for CORE and for TASK.
inline json::object GroupsRequest(std::string_view name, int steps = 1) {
  json::object request = ClusterRequest(name, steps);
  request["Instances"] = json::object{
      {"InstanceGroups",
       json::array{
           GroupRequest("MASTER", 1), GroupRequest("CORE", 2, "SPOT"), GroupRequest("TASK", 2)}}};
  return request;
}

// Quotas are off and spans exact unless a test asks for them: 4 + 2 minutes to RUNNING, 10 a step,
// 90 seconds to shut down.
struct World {
  explicit World(std::vector<Fault> faults = {}, bool quotas = false, double jitter = 0)
      : World(Plan(std::move(faults), quotas, jitter)) {}
  explicit World(FaultPlan plan, uint64_t seed = 1)
      : World(Options{.seed = seed, .plan = std::move(plan)}) {}
  explicit World(Options options) : emulator(std::move(options)) {}

  static FaultPlan Plan(std::vector<Fault> faults, bool quotas = false, double jitter = 0) {
    FaultPlan plan{.quotas = quotas, .faults = std::move(faults)};
    plan.timing.jitter = jitter;
    return plan;
  }

  Reply Call(std::string_view action, const json::object& request) {
    return emulator.Handle(action, request, now);
  }
  json::object Ok(std::string_view action, const json::object& request) {
    Reply reply = Call(action, request);
    EXPECT_EQ(reply.http_status, 200) << json::serialize(reply.body);
    return reply.body.is_object() ? reply.body.get_object() : json::object();
  }
  // The code that the call is refused with.
  std::string Refused(std::string_view action, const json::object& request) {
    Reply reply = Call(action, request);
    EXPECT_NE(reply.http_status, 200) << json::serialize(reply.body);
    return reply.error_code;
  }
  std::string Launch(const json::object& request) {
    return base::GetString(Ok("RunJobFlow", request), "JobFlowId");
  }
  std::string Launch(std::string_view name, int steps = 1) {
    return Launch(ClusterRequest(name, steps));
  }

  void Pass(base::Duration span) {
    now += span;
    emulator.AdvanceTo(now);
  }
  // Until nothing changes by itself any more.
  void Rest() {
    while (auto next = emulator.NextChange()) {
      now = *next;
      emulator.AdvanceTo(now);
    }
  }

  json::object Describe(std::string_view id) {
    return base::GetObject(Ok("DescribeCluster", {{"ClusterId", id}}), "Cluster");
  }
  // "RUNNING", "TERMINATED/ALL_STEPS_COMPLETED"
  std::string State(std::string_view id) {
    json::object cluster = Describe(id);
    std::string code = base::GetString(cluster, "Status.StateChangeReason.Code");
    return base::Cat(base::GetString(cluster, "Status.State"), code.empty() ? "" : "/", code);
  }
  std::string Message(std::string_view id) {
    return base::GetString(Describe(id), "Status.StateChangeReason.Message");
  }
  // The steps' states in their order: "COMPLETED RUNNING PENDING".
  std::string Steps(std::string_view id) {
    std::vector<std::string> states;
    const json::object listed = Ok("ListSteps", {{"ClusterId", id}});
    for (const json::value& step : base::GetArray(listed, "Steps"))
      states.insert(states.begin(), base::GetString(step.get_object(), "Status.State"));
    return base::Join(states, " ");
  }
  // Of the fleet: "RUNNING 0+2".
  std::string FleetState(std::string_view id, std::string_view type) {
    const json::object listed = Ok("ListInstanceFleets", {{"ClusterId", id}});
    for (const json::value& value : base::GetArray(listed, "InstanceFleets")) {
      const json::object& fleet = value.get_object();
      if (base::GetString(fleet, "InstanceFleetType") == type)
        return base::Cat(base::GetString(fleet, "Status.State"),
                         " ",
                         base::GetInt(fleet, "ProvisionedOnDemandCapacity"),
                         "+",
                         base::GetInt(fleet, "ProvisionedSpotCapacity"));
    }
    return "";
  }

  // Of the group: "RUNNING 2/2", its running and its requested instances.
  std::string GroupState(std::string_view id, std::string_view type) {
    const json::object listed = Ok("ListInstanceGroups", {{"ClusterId", id}});
    for (const json::value& value : base::GetArray(listed, "InstanceGroups")) {
      const json::object& group = value.get_object();
      if (base::GetString(group, "InstanceGroupType") == type)
        return base::Cat(base::GetString(group, "Status.State"),
                         " ",
                         base::GetInt(group, "RunningInstanceCount"),
                         "/",
                         base::GetInt(group, "RequestedInstanceCount"));
    }
    return "";
  }

  Emulator emulator;
  base::Time now = kStart;
};

}  // namespace emulator
