#include "emr/health.h"

#include <gtest/gtest.h>

#include "emr/deadlines.h"

namespace emr {
namespace {

using base::hours;
using base::minutes;
using model::ClusterHealth;
using model::ClusterPhase;
using model::FleetRole;
using model::StepState;

model::FleetView Fleet(FleetRole role, int target, int running, std::string state = "RESIZING") {
  return {"if-1", role, std::move(state), target, running};
}

TEST(Health, CountsRunningNodesOnlyWhereSomeAreWanted) {
  EXPECT_EQ(LookAtFleets({Fleet(FleetRole::kMaster, 1, 1), Fleet(FleetRole::kCore, 4, 0)}),
            ClusterHealth::kZeroCore);
  EXPECT_EQ(LookAtFleets({Fleet(FleetRole::kMaster, 1, 0), Fleet(FleetRole::kCore, 4, 0)}),
            ClusterHealth::kZeroMaster);
  EXPECT_EQ(LookAtFleets({Fleet(FleetRole::kMaster, 1, 1), Fleet(FleetRole::kCore, 0, 0)}),
            ClusterHealth::kOk);
  EXPECT_EQ(LookAtFleets({Fleet(FleetRole::kMaster, 1, 1)}), ClusterHealth::kOk);
  EXPECT_EQ(LookAtFleets({}), ClusterHealth::kOk);
}

// Every word that EMR has for a fleet or a group, and one that it does not have yet.
TEST(Health, CountsNodesWhateverTheFleetIsCalled) {
  for (const char* state : {"PROVISIONING",
                            "BOOTSTRAPPING",
                            "RUNNING",
                            "RESIZING",
                            "RECONFIGURING",
                            "SUSPENDED",
                            "ARRESTED",
                            "SHUTTING_DOWN",
                            "TERMINATING",
                            "TERMINATED",
                            "ENDED",
                            "BRAND_NEW"}) {
    model::FleetView master = Fleet(FleetRole::kMaster, 1, 1);
    EXPECT_EQ(LookAtFleets({master, Fleet(FleetRole::kCore, 2, 0, state)}),
              ClusterHealth::kZeroCore);
    EXPECT_EQ(LookAtFleets({master, Fleet(FleetRole::kCore, 2, 1, state)}), ClusterHealth::kOk);
    EXPECT_EQ(LookAtFleets({Fleet(FleetRole::kMaster, 1, 0, state)}), ClusterHealth::kZeroMaster);
    EXPECT_EQ(LookAtFleets({master, Fleet(FleetRole::kTask, 9, 0, state)}), ClusterHealth::kOk);
  }
}

TEST(Health, TellsOfFleetsThatWillNotBeRefilled) {
  model::FleetView master = Fleet(FleetRole::kMaster, 1, 1, "RUNNING");
  EXPECT_EQ(SuspendedNote({master, Fleet(FleetRole::kCore, 4, 3, "SUSPENDED")}),
            "the CORE fleet is SUSPENDED with 3 of 4 nodes: EMR will not add the others");
  EXPECT_EQ(SuspendedNote({Fleet(FleetRole::kMaster, 1, 1, "ARRESTED")}),
            "the MASTER fleet is ARRESTED with 1 of 1 nodes: EMR will not replace what it loses");
  EXPECT_FALSE(SuspendedNote({master, Fleet(FleetRole::kCore, 4, 3, "RESIZING")}));
  EXPECT_FALSE(SuspendedNote({master, Fleet(FleetRole::kTask, 4, 3, "SUSPENDED")}));
  EXPECT_FALSE(SuspendedNote({master, Fleet(FleetRole::kCore, 4, 0, "SUSPENDED")}))
      << "that one is ZERO_CORE";
}

const base::Time kCreated = *base::ParseTime("2026-01-05T02:00:00Z");

model::ClusterRow Cluster(ClusterPhase phase) {
  model::ClusterRow cluster;
  cluster.phase = phase;
  cluster.phase_seen_at = kCreated + hours(9);
  cluster.created_at = kCreated;
  cluster.in_service_since = kCreated + minutes(8);
  return cluster;
}

model::StepView Step(StepState state,
                     std::optional<base::Time> start = {},
                     std::optional<base::Time> end = {}) {
  return {"s-1", "label", state, "", start, end};
}

constexpr ClusterPhase kPhases[] = {ClusterPhase::kStarting,
                                    ClusterPhase::kBootstrapping,
                                    ClusterPhase::kRunning,
                                    ClusterPhase::kWaiting,
                                    ClusterPhase::kTerminating,
                                    ClusterPhase::kTerminated,
                                    ClusterPhase::kTerminatedWithErrors,
                                    ClusterPhase::kLost};

TEST(Deadlines, BelongToPhases) {
  for (ClusterPhase phase : kPhases) {
    bool starts = phase == ClusterPhase::kStarting || phase == ClusterPhase::kBootstrapping;
    bool serves = phase == ClusterPhase::kRunning || phase == ClusterPhase::kWaiting;
    EXPECT_EQ(LaunchDeadline(Cluster(phase), hours(1)).has_value(), starts) << ToString(phase);
    EXPECT_EQ(IdleDeadline(Cluster(phase), hours(1)).has_value(), phase == ClusterPhase::kWaiting);
    model::ClusterRow cluster = Cluster(phase);
    cluster.in_service_since = serves ? std::optional(kCreated) : std::nullopt;
    EXPECT_EQ(RunDeadline(cluster, hours(1)).has_value(), serves) << ToString(phase);
  }
}

TEST(Deadlines, L10_ALaunchIsLateALimitAfterItsCreation) {
  auto deadline = LaunchDeadline(Cluster(ClusterPhase::kBootstrapping), minutes(30));
  EXPECT_EQ(deadline->due, kCreated + minutes(30));
  EXPECT_EQ(deadline->sentence,
            "the cluster is BOOTSTRAPPING for more than 30m; see that EC2 has capacity for its "
            "instance types");
  model::ClusterRow unseen = Cluster(ClusterPhase::kStarting);
  unseen.created_at.reset();
  EXPECT_EQ(LaunchDeadline(unseen, minutes(30))->due, unseen.phase_seen_at + minutes(30));
}

TEST(Deadlines, IdlenessCountsFromTheLastStep) {
  model::ClusterRow cluster = Cluster(ClusterPhase::kWaiting);
  EXPECT_EQ(IdleDeadline(cluster, minutes(10))->due, kCreated + minutes(18));
  cluster.steps = {Step(StepState::kCompleted, kCreated, kCreated + hours(2)),
                   Step(StepState::kCompleted, kCreated, kCreated + hours(1)),
                   Step(StepState::kPending)};
  EXPECT_EQ(IdleDeadline(cluster, minutes(10))->due, kCreated + hours(2) + minutes(10));
  EXPECT_EQ(IdleDeadline(cluster, minutes(10))->sentence,
            "the cluster waits without a step for more than 10m");
  cluster.steps[2].state = StepState::kRunning;
  EXPECT_FALSE(IdleDeadline(cluster, minutes(10)));
}

TEST(Deadlines, AStepIsOverdueAfterAMultipleOfWhatWasExpected) {
  auto deadline = StepDeadline(Step(StepState::kRunning, kCreated), minutes(40), 1.5);
  EXPECT_EQ(deadline->due, kCreated + hours(1));
  EXPECT_EQ(deadline->sentence, "step 'label' runs for more than 1h; 40m were expected");
  EXPECT_FALSE(StepDeadline(Step(StepState::kRunning), minutes(40), 1.5)) << "start not known";
  for (StepState state : {StepState::kPending,
                          StepState::kCancelPending,
                          StepState::kCompleted,
                          StepState::kCancelled,
                          StepState::kFailed,
                          StepState::kInterrupted})
    EXPECT_FALSE(StepDeadline(Step(state, kCreated), minutes(40), 1.5));
}

TEST(Deadlines, I9_ARunHasACapFromItsFirstServiceOn) {
  model::ClusterRow cluster = Cluster(ClusterPhase::kRunning);
  cluster.in_service_since = kCreated + minutes(7);
  auto deadline = RunDeadline(cluster, hours(6));
  EXPECT_EQ(deadline->due, kCreated + minutes(7) + hours(6));
  EXPECT_EQ(deadline->sentence, "the cluster runs for more than 6h");
}

}  // namespace
}  // namespace emr
