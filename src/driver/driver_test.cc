#include "driver/driver.h"

#include "driver/test_support.h"

namespace driver {
namespace {

TEST_F(DriverTest, I6_TheIntentIsCommittedBeforeTheCall) {
  store_.next = FaultyStore::Outcome::kRefused;
  store_.once = false;
  Trigger("r");
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_FALSE(outcomes_[0].has_value());
  EXPECT_EQ(outcomes_[0].error().code, base::ErrorCode::kUnavailable);
}

TEST_F(DriverTest, TheRequestThatIsSentIsTheOneThatWasCommitted) {
  Trigger("r");
  Call call = world_.Take("RunJobFlow");
  auto launches = store_.reader().Launches({model::DagId("d"), model::RunId("r")});
  ASSERT_EQ(launches->size(), 1u);
  EXPECT_EQ(launches->front().request, call.body);
}

TEST_F(DriverTest, L8_ThrottlingQueuesTheJobAgainAndPausesLaunches) {
  Trigger("r");
  Fail(world_.Take("RunJobFlow"), wire::ErrorClass::kThrottled);
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Pass(base::seconds(1));
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Pass(base::seconds(5));
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
  const auto attempts = store_.reader().Attempts({model::DagId("d"), model::RunId("r")});
  EXPECT_EQ(attempts->size(), 1u);
}

TEST_F(DriverTest, C1_CredentialTroubleBurnsNoAttempt) {
  Trigger("r");
  for (int i = 0; i < 20; ++i) {
    Fail(world_.Take("RunJobFlow"), wire::ErrorClass::kCredentials);
    Pass(base::seconds(31));
  }
  EXPECT_EQ(driver_->state().runs.begin()->second.jobs[0].row.try_number, 1);
}

TEST_F(DriverTest, L7_ARejectedRequestFailsTheJobAtOnce) {
  Trigger("r");
  Fail(world_.Take("RunJobFlow"), wire::ErrorClass::kPermission);
  EXPECT_TRUE(driver_->state().runs.empty());
  EXPECT_EQ(store_.reader().Run({model::DagId("d"), model::RunId("r")})->state,
            model::RunState::kFailed);
}

TEST_F(DriverTest, L2_AfterARestartTheLaunchIsLookedUpNeverSentAgain) {
  Trigger("r");
  Call lost = world_.Take("RunJobFlow");
  world_.calls.clear();
  Restart();
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  EXPECT_EQ(LaunchOf(), model::LaunchState::kUnknown);
  Call look_up = world_.Take("ListClusters");
  EXPECT_EQ(look_up.body.find("ClusterStates"), std::string::npos);  // unfiltered by state
  std::string name = base::GetString(base::ParseJson(lost.body)->get_object(), "Name");
  Answer(look_up, base::Cat(R"({"Clusters":[],"Marker":"m"})"));
  Call second = world_.Take("ListClusters");
  EXPECT_NE(second.body.find("\"m\""), std::string::npos);  // every page
  Answer(
      second,
      base::Cat(
          R"({"Clusters":[{"Id":"j-1","Name":")", name, R"(","Status":{"State":"TERMINATED"}}]})"));
  EXPECT_EQ(LaunchOf(), model::LaunchState::kAccepted);
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
}

TEST_F(DriverTest, AReplyOfAnEarlierLifeIsIgnored) {
  Trigger("r");
  Call lost = world_.Take("RunJobFlow");
  Restart();
  driver_->OnReply(lost.id + 1000, Reply{});
  driver_->Pump();
  EXPECT_EQ(LaunchOf(), model::LaunchState::kUnknown);
}

TEST_F(DriverTest, D1_AnUnknownCommitIsReadBackWhateverHappened) {
  for (bool happened : {false, true}) {
    store_.next = FaultyStore::Outcome::kUnknown;
    store_.unknown_happened = happened;
    std::string run = happened ? "yes" : "no";
    Trigger(run);
    EXPECT_EQ(outcomes_.back().error().code, base::ErrorCode::kTimeoutUnknown);
    EXPECT_EQ(store_.reader().Run({model::DagId("d"), model::RunId(run)}).has_value(), happened);
    // Where the intent was stored it is not known to be unsent: it is looked up like any other.
    EXPECT_EQ(world_.Count("RunJobFlow"), 0);
    EXPECT_EQ(driver_->emr().launches.size(), happened ? 1u : 0u);
  }
}

TEST_F(DriverTest, D5_F1_AFullDiskStopsLaunchesAndGivesBackTheReserve) {
  Trigger("one");
  store_.next = FaultyStore::Outcome::kRefused;
  store_.has_space = false;
  Trigger("two");
  EXPECT_TRUE(driver_->launching_held());
  EXPECT_EQ(store_.released, 1);
  // Watching goes on: the answer to the launch that was under way is stored.
  Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");
  EXPECT_EQ(driver_->emr().clusters.size(), 1u);
  Trigger("three");
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  store_.has_space = true;
  Pass(base::minutes(2));
  EXPECT_FALSE(driver_->launching_held());
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
}

TEST_F(DriverTest, I6_WhatWouldNotLastIsNotLaunchedAndNotPromised) {
  Trigger("one");
  store_.damage = "the file is gone";
  // Watching goes on from memory.
  Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");
  EXPECT_EQ(driver_->emr().clusters.size(), 1u);
  Trigger("two");
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  ASSERT_FALSE(outcomes_.back().has_value());
  EXPECT_EQ(outcomes_.back().error().message,
            "done, but it will not outlive this process: the file is gone");
  EXPECT_EQ(driver_->WhyHeld(), "launching is held: the file is gone");
  driver_->Post(model::TerminateCluster{model::ClusterId("j-1"), "ada"});
  driver_->Pump();
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1) << "killing goes on";
  store_.damage = "";
  Pass(base::seconds(1));
  EXPECT_EQ(driver_->WhyHeld(), std::nullopt);
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
}

TEST_F(DriverTest, D5_WhileNothingCanBeStoredNothingIsTriedAgainAtOnce) {
  Trigger("one");
  store_.next = FaultyStore::Outcome::kRefused;
  store_.once = false;
  store_.has_space = false;
  Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-1"})");  // and who has it is not stored
  const int commits = store_.commits;
  for (int i = 0; i < 1000; ++i) {
    Pass(base::milliseconds(5));
    ASSERT_GT(driver_->NextWake(), world_.now);
  }
  EXPECT_EQ(store_.commits, commits);
  store_.next = FaultyStore::Outcome::kOk;
  store_.has_space = true;
  Pass(base::minutes(1));
  EXPECT_EQ(LaunchOf(), model::LaunchState::kUnknown);
  EXPECT_EQ(world_.Count("ListClusters"), 1);
}

TEST_F(DriverTest, AnEventThatCannotBeStoredDoesNotTakeOthersWithIt) {
  driver_->Post(model::TriggerRun{model::DagId("d"), model::RunId("a"), {}, {}, "ada"});
  driver_->Post(model::SetPaused{model::DagId("d"), true, "ada"});
  store_.next = FaultyStore::Outcome::kRefused;  // the batch; then each event alone is taken
  driver_->Pump();
  EXPECT_FALSE(driver_->launching_held());
  EXPECT_TRUE(store_.reader().Run({model::DagId("d"), model::RunId("a")}).has_value());
  EXPECT_TRUE(driver_->state().dags.begin()->second.row.is_paused);
}

TEST_F(DriverTest, I7_AFencedDriverStops) {
  store_.next = FaultyStore::Outcome::kFenced;
  Trigger("r");
  ASSERT_TRUE(driver_->fatal());
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Restart();
}

TEST_F(DriverTest, I7_WhoLoadsItsMemoryAgainDoesNotTakeTheEpochOfAnother) {
  for (auto outcome : {FaultyStore::Outcome::kUnknown, FaultyStore::Outcome::kRefused}) {
    ASSERT_TRUE(store_.Load(world_.Now()));  // another process starts
    store_.next = outcome;
    Trigger("r");
    ASSERT_TRUE(driver_->fatal());
    EXPECT_EQ(driver_->fatal()->code, base::ErrorCode::kStale);
    EXPECT_EQ(world_.Count("RunJobFlow"), 0);
    EXPECT_EQ(store_.released, 0);  // the reserve is the other's
    Restart();
  }
}

// Answers all that is asked until then as an EMR that knows no cluster; counts DescribeCluster.
class UnknownClusterTest : public RunningClusterTest {
 protected:
  int Deny(base::Duration span) {
    int asked = 0;
    for (const base::Time until = world_.now + span; world_.now < until;) {
      Pass(base::seconds(10));
      while (world_.Count("ListClusters") > 0)
        Answer(world_.Take("ListClusters"), R"({"Clusters":[]})");
      for (; world_.Count("DescribeCluster") > 0; ++asked)
        Fail(world_.Take("DescribeCluster"), wire::ErrorClass::kNotFound);
      world_.calls.clear();
    }
    return asked;
  }
  // Lists show the cluster again, until it is killed.
  void ComeBack() {
    const auto row = store_.reader().Cluster(model::ClusterId("j-1"));
    const std::string name = base::Cat("sbx-test-012345-", row->token.str(), " d r a try 1");
    for (int i = 0; i < 10 && world_.Count("TerminateJobFlows") == 0; ++i) {
      Pass(base::seconds(30));
      while (world_.Count("ListClusters") > 0)
        Answer(world_.Take("ListClusters"),
               base::Cat(R"({"Clusters":[{"Id":"j-1","Name":")",
                         name,
                         R"(","Status":{"State":"RUNNING"}}]})"));
    }
  }
  int failures() const {
    return driver_->state().runs.begin()->second.jobs[0].row.infrastructure_failures;
  }
};

TEST_F(UnknownClusterTest, W6_NoSuchClusterCountsOnlyFromLaunchAndLagOn) {
  Deny(base::minutes(3));
  EXPECT_FALSE(IsLost(cluster()));
  // Three answers, a minute apart.
  const int asked = Deny(base::seconds(110));
  EXPECT_LE(asked, 2);
  EXPECT_FALSE(IsLost(cluster()));
  Deny(base::minutes(1) + base::seconds(20));
  EXPECT_TRUE(cluster().lost_since);
  EXPECT_EQ(ShownState(cluster()), "LOST");
  EXPECT_FALSE(cluster().judged);
  EXPECT_EQ(failures(), 0);
}

TEST_F(UnknownClusterTest, W6_TheAttemptEndsOnceLostHasLasted) {
  Deny(base::minutes(7));
  ASSERT_TRUE(cluster().lost_since);
  EXPECT_EQ(failures(), 0);
  Deny(base::minutes(3));
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kLost);
  EXPECT_EQ(failures(), 1);
}

TEST_F(UnknownClusterTest, W6_AClusterThatAListShowsInTimeIsAdoptedAgain) {
  Deny(base::minutes(7));
  ASSERT_TRUE(cluster().lost_since);
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  EXPECT_FALSE(IsLost(cluster()));
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_FALSE(cluster().terminate_requested_at);
  EXPECT_EQ(failures(), 0);
  // It takes three new answers.
  Deny(base::minutes(1));
  EXPECT_FALSE(IsLost(cluster()));
}

TEST_F(UnknownClusterTest, W6_AClusterThatComesBackLateIsKilledAndListed) {
  Deny(base::minutes(10));
  ASSERT_EQ(cluster().phase, model::ClusterPhase::kLost);
  ComeBack();
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);
  ASSERT_EQ(driver_->emr().orphans.size(), 1u);
  EXPECT_EQ(driver_->state().pools.at(model::PoolId("default_pool")).used, 1);
  Pass(base::seconds(30));
  world_.calls.clear();
  // Until it is seen dead, also by the next life.
  Restart();
  Pass(base::seconds(1));
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);
}

TEST_F(UnknownClusterTest, W6_AClusterThatComesBackAfterItsRunHasEndedIsKilled) {
  Deny(base::minutes(10));
  driver_->Post(model::MarkRun{{{model::DagId("d"), model::RunId("r")}, {}, "ada", nullptr},
                               model::RunState::kFailed});
  Deny(base::minutes(1));
  ASSERT_TRUE(driver_->state().runs.empty());
  ComeBack();
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);
  EXPECT_EQ(driver_->emr().orphans.size(), 1u);
  EXPECT_EQ(cluster().attempt->n, 1);  // whose it was is still known
}

TEST_F(RunningClusterTest, AnEndedClusterWhoseStepsEmrHasForgottenIsJudgedAfterTheLag) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  int looks = 0;
  for (; looks < 20 && !cluster().judged; ++looks) {
    Answer(world_.Take("DescribeCluster"),
           R"({"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED",
               "StateChangeReason":{"Code":"USER_REQUEST"}}}})");
    Fail(world_.Take("ListSteps"), wire::ErrorClass::kNotFound);
    Pass(base::seconds(30));
  }
  EXPECT_EQ(looks, 7);
  EXPECT_EQ(driver_->state().runs.begin()->second.jobs[0].row.infrastructure_failures, 1);
}

TEST_F(RunningClusterTest, StepsThatEmrDoesNotKnowYetAreNoNews) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"RUNNING"}}]})");
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(world_.Take("DescribeCluster"),
         R"({"Cluster":{"Id":"j-1","Status":{"State":"WAITING"}}})");
  Fail(world_.Take("ListSteps"), wire::ErrorClass::kNotFound);
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_EQ(cluster().steps.size(), 1u);
  EXPECT_FALSE(cluster().judged);
}

TEST_F(RunningClusterTest, ALookGoesOnAtTheCallThatFailed) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(world_.Take("DescribeCluster"),
         R"({"Cluster":{"Id":"j-1","Status":{"State":"WAITING"}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-2","Name":"n","Status":{"State":"COMPLETED"}}],"Marker":"m"})");
  for (int i = 0; i < 5; ++i) {
    Fail(world_.Take("ListSteps"), wire::ErrorClass::kThrottled);
    Pass(base::minutes(1));
  }
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"COMPLETED"}}]})");
  Fail(world_.Take("ListInstanceFleets"), wire::ErrorClass::kMayHaveHappened);
  Pass(base::minutes(1));
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(RunningClusterTest, W5_TheStepsOfAnEndedClusterAreAskedForAgainWhileTheyAreOld) {
  constexpr std::string_view kEnded = R"({"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED",
      "StateChangeReason":{"Code":"ALL_STEPS_COMPLETED"}}}})";
  auto steps = [](std::string_view state) {
    return base::Cat(
        R"({"Steps":[{"Id":"s-1","Name":"work","Status":{"State":")", state, R"("}}]})");
  };
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(world_.Take("DescribeCluster"), kEnded);
  Answer(world_.Take("ListSteps"), steps("RUNNING"));
  EXPECT_FALSE(IsTerminal(cluster().phase));
  Pass(base::seconds(30));
  Answer(world_.Take("DescribeCluster"), kEnded);
  Answer(world_.Take("ListSteps"), steps("COMPLETED"));
  EXPECT_TRUE(driver_->state().runs.empty());  // it succeeded
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(RunningClusterTest, StepsThatStayOldAreBelievedInTheEnd) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  int looks = 0;
  for (; looks < 20 && !cluster().judged; ++looks) {
    Answer(world_.Take("DescribeCluster"),
           R"({"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED",
               "StateChangeReason":{"Code":"USER_REQUEST"}}}})");
    Answer(world_.Take("ListSteps"),
           R"({"Steps":[{"Id":"s-1","Name":"work","Status":{"State":"RUNNING"}}]})");
    Pass(base::seconds(30));
  }
  EXPECT_EQ(looks, 7);
  EXPECT_EQ(driver_->state().runs.begin()->second.jobs[0].row.infrastructure_failures, 1);
}

TEST_F(RunningClusterTest, AReadErrorIsNeverAJobFailure) {
  Pass(base::seconds(1));
  for (int i = 0; i < 10; ++i) {
    Pass(base::seconds(30));
    while (!world_.calls.empty()) {
      Call call = world_.calls.front();
      world_.calls.pop_front();
      Fail(call, i % 2 == 0 ? wire::ErrorClass::kMayHaveHappened : wire::ErrorClass::kThrottled);
    }
  }
  EXPECT_FALSE(IsTerminal(cluster().phase));
  EXPECT_EQ(driver_->state().runs.begin()->second.jobs[0].row.infrastructure_failures, 0);
}

TEST_F(RunningClusterTest, NodesThatCannotBeReadDoNotHideTheEnd) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(world_.Take("DescribeCluster"),
         R"({"Cluster":{"Id":"j-1","Status":{"State":"WAITING"}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"RUNNING"}}]})");
  int failed = 0;
  for (int second = 0; second < 300 && world_.Count("DescribeCluster") == 0; ++second) {
    while (world_.Count("ListInstanceFleets") > 0) {
      Fail(world_.Take("ListInstanceFleets"), wire::ErrorClass::kMayHaveHappened);
      ++failed;
    }
    Pass(base::seconds(1));
  }
  EXPECT_EQ(failed, 6);
  EXPECT_EQ(world_.Count("DescribeCluster"), 1);
}

TEST_F(RunningClusterTest, AClusterOfInstanceGroupsIsAskedForItsGroups) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(
      world_.Take("DescribeCluster"),
      R"({"Cluster":{"Id":"j-1","InstanceCollectionType":"INSTANCE_GROUP","Status":{"State":"WAITING"}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"FAILED"}}]})");
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 0);
  EXPECT_FALSE(cluster().judged);  // lost nodes fail steps too
  Answer(world_.Take("ListInstanceGroups"),
         R"({"InstanceGroups":[
             {"InstanceGroupType":"CORE","RequestedInstanceCount":2,"RunningInstanceCount":2}]})");
  EXPECT_TRUE(cluster().judged);
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);
}

TEST_F(RunningClusterTest, ZeroNodesOfAClusterThatEndedAreNoLoss) {
  constexpr char kNoNodes[] = R"({"InstanceFleets":[{"InstanceFleetType":"MASTER",
      "TargetOnDemandCapacity":1,"ProvisionedOnDemandCapacity":0,"Status":{"State":"RUNNING"}}]})";
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  for (int minute = 0; minute < 60 && world_.Count("ListInstanceFleets") == 0; ++minute)
    Pass(base::minutes(1));
  Answer(world_.Take("ListInstanceFleets"), kNoNodes);
  // The fleets alone say nothing: EMR is asked what became of the cluster.
  Answer(world_.Take("DescribeCluster"),
         R"({"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED",
             "StateChangeReason":{"Code":"ALL_STEPS_COMPLETED"}}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"COMPLETED"}}]})");
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 0);
  EXPECT_TRUE(driver_->state().runs.empty());  // a success: a loss would be tried again
}

TEST_F(RunningClusterTest, ASweepThatTellsNothingNewCausesNoCloserLook) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"RUNNING"}}]})");
  for (int i = 0; i < 5; ++i)
    Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  for (std::string_view action : {"DescribeCluster", "ListSteps", "ListInstanceFleets"})
    EXPECT_EQ(world_.Count(action), 0) << action;
}

TEST_F(RunningClusterTest, ACleanEndThatASweepListsNeedsTheStepsAlone) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"TERMINATED",
            "StateChangeReason":{"Code":"ALL_STEPS_COMPLETED"}}})");
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
  EXPECT_FALSE(driver_->state().runs.empty());
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"COMPLETED"}}]})");
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
  EXPECT_TRUE(driver_->state().runs.empty());
}

TEST_F(RunningClusterTest, AnEndWithAnErrorIsAskedFor) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"TERMINATED_WITH_ERRORS",
            "StateChangeReason":{"Code":"STEP_FAILURE"}}})");
  EXPECT_EQ(world_.Count("ListSteps"), 0);
  EXPECT_EQ(world_.Count("DescribeCluster"), 1);
}

TEST_F(RunningClusterTest, SweepsLeaveOutWhatHasEndedIfAPageIsTooShort) {
  auto lists_ended = [](const Call& call) {
    return call.body.find("TERMINATED_WITH_ERRORS") != std::string::npos;
  };
  constexpr char kRunning[] = R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})";
  auto take = [&] {
    for (int second = 0; world_.Count("ListClusters") == 0 && second < 120; ++second)
      Pass(base::seconds(1));
    return world_.Take("ListClusters");
  };
  int with = 0;
  for (int i = 0; i < 6; ++i) {
    const Call call = take();
    with += lists_ended(call);
    Answer(call, base::Cat(R"({"Clusters":[)", kRunning, "]}"));
    world_.calls.clear();
  }
  EXPECT_GE(with, 3);  // not those of the whole account
  Call call = take();
  while (!lists_ended(call)) {
    Answer(call, base::Cat(R"({"Clusters":[)", kRunning, "]}"));
    call = take();
  }
  Answer(call, base::Cat(R"({"Clusters":[)", kRunning, R"(],"Marker":"m"})"));
  call = world_.Take("ListClusters");
  EXPECT_TRUE(lists_ended(call));
  Answer(call, R"({"Clusters":[]})");
  for (int i = 0; i < 6; ++i) {
    call = take();
    EXPECT_FALSE(lists_ended(call));
    Answer(call, base::Cat(R"({"Clusters":[)", kRunning, "]}"));
    world_.calls.clear();
  }
}

TEST_F(RunningClusterTest, AReasonThatSpeaksOfInstanceFailureMakesTheAuditJumpItsQueue) {
  auto run_to_audit = [&](std::string_view status) {
    for (int i = 0; i < 12; ++i) {
      Sweep(base::Cat(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING")", status, "}}"));
      while (world_.Count("DescribeCluster") > 0)
        Answer(world_.Take("DescribeCluster"),
               base::Cat(R"({"Cluster":{"Id":"j-1","Status":{"State":"RUNNING")", status, "}}}"));
      while (world_.Count("ListSteps") > 0)
        Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
    }
  };
  run_to_audit("");
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING"}})");
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 0);  // once in fleet_interval
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING",
            "StateChangeReason":{"Message":"Instance failure"}}})");
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"RUNNING",
            "StateChangeReason":{"Message":"Instance failure"}}})");
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 1);
}

TEST_F(RunningClusterTest, T1_T2_ATerminateIsIssuedUntilDeathIsSeenAndProtectionIsLifted) {
  Sweep(R"({"Id":"j-1","Name":"n","Status":{"State":"WAITING"}})");
  Answer(
      world_.Take("DescribeCluster"),
      R"({"Cluster":{"Id":"j-1","InstanceCollectionType":"INSTANCE_FLEET","Status":{"State":"WAITING"}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"COMPLETED"}}]})");
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_TRUE(cluster().terminate_requested_at);
  Fail(world_.Take("TerminateJobFlows"), wire::ErrorClass::kClean);
  Answer(world_.Take("SetTerminationProtection"), "{}");
  Answer(world_.Take("TerminateJobFlows"), "{}");
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 0);
  Pass(base::minutes(1));
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);  // an OK proves nothing
}

class KillingTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    // Eleven clusters that wait with their steps done: each is to be killed.
    for (int i = 1; i <= kClusters; ++i) {
      Trigger(base::Cat("r", i));
      Pass(base::seconds(2));
      Answer(world_.Take("RunJobFlow"), base::Cat(R"({"JobFlowId":"j-)", 100 + i, R"("})"));
    }
    Trigger("later");
    Answer(world_.Take("RunJobFlow"), R"({"JobFlowId":"j-999"})");
    world_.calls.clear();
    for (int i = 1; i <= kClusters; ++i)
      driver_->Post(Waiting(base::Cat("j-", 100 + i)));
    driver_->Pump();
  }
  model::ClusterSeen Waiting(std::string id) {
    model::ClusterSeen seen{model::ClusterId(std::move(id)), world_.now, {}, {}, {}};
    seen.status.emplace().phase = model::ClusterPhase::kWaiting;
    seen.steps.emplace().push_back({"s-1", "work", model::StepState::kCompleted, "", {}, {}});
    return seen;
  }
  static size_t IdsOf(const Call& call) {
    return base::GetArray(base::ParseJson(call.body)->get_object(), "JobFlowIds").size();
  }
  static constexpr int kClusters = 11;
};

TEST_F(KillingTest, T3_ABatchThatIsRefusedIsSentOneByOne) {
  Call batch = world_.Take("TerminateJobFlows");
  EXPECT_EQ(IdsOf(batch), 10u);
  EXPECT_EQ(IdsOf(world_.Take("TerminateJobFlows")), 1u);
  Fail(batch, wire::ErrorClass::kClean);
  int alone = 0;
  for (int i = 0; i < 10; ++i) {
    if (world_.Count("TerminateJobFlows") == 0)
      Pass(base::seconds(2));
    Call call = world_.Take("TerminateJobFlows");
    EXPECT_EQ(IdsOf(call), 1u);
    ++alone;
    if (i == 4)
      Fail(call, wire::ErrorClass::kNotFound);  // the culprit
    else
      Answer(call, "{}");
  }
  EXPECT_EQ(alone, 10);
}

TEST_F(KillingTest, WhatIsDecidedWhileTwoCallsWaitGoesOutTogether) {
  Call first = world_.Take("TerminateJobFlows");
  Call second = world_.Take("TerminateJobFlows");
  driver_->Post(Waiting("j-999"));
  driver_->Pump();
  Pass(base::seconds(5));
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 0);
  Answer(first, "{}");
  Pass(base::seconds(2));
  EXPECT_EQ(world_.Take("TerminateJobFlows").body, R"({"JobFlowIds":["j-999"]})");
  Answer(second, "{}");
}

TEST_F(KillingTest, C2_WhatCannotBeKilledIsNotLaunched) {
  Call batch = world_.Take("TerminateJobFlows");
  Fail(batch, wire::ErrorClass::kPermission);
  ASSERT_TRUE(driver_->terminate_denied());
  EXPECT_NE(driver_->terminate_denied()->find("give the role elasticmapreduce:TerminateJobFlows"),
            std::string::npos);
  Trigger("held");
  Pass(base::hours(1));
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  // All clusters end by themselves: what was denied is asked for still, or nothing would tell.
  for (int i = 1; i <= kClusters; ++i) {
    model::ClusterSeen seen = Waiting(base::Cat("j-", 100 + i));
    seen.status->phase = model::ClusterPhase::kTerminated;
    driver_->Post(std::move(seen));
  }
  driver_->Pump();
  for (int i = 0; i < 30 && driver_->terminate_denied(); ++i) {
    while (world_.Count("TerminateJobFlows") > 0) {
      if (Call call = world_.Take("TerminateJobFlows"); i < 3)
        Fail(call, wire::ErrorClass::kPermission);
      else
        Answer(call, "{}");
    }
    Pass(base::minutes(1));
  }
  EXPECT_FALSE(driver_->terminate_denied());
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
}

TEST_F(KillingTest, C2_AProtectionThatMayNotBeLiftedHoldsLaunchingToo) {
  world_.Take("TerminateJobFlows");
  Fail(world_.Take("TerminateJobFlows"), wire::ErrorClass::kClean);
  Fail(world_.Take("SetTerminationProtection"), wire::ErrorClass::kPermission);
  ASSERT_TRUE(driver_->terminate_denied());
  Trigger("held");
  EXPECT_EQ(world_.Count("RunJobFlow"), 0);
  Pass(base::minutes(1));
  Fail(world_.Take("TerminateJobFlows"), wire::ErrorClass::kClean);  // it is protected still
  EXPECT_TRUE(driver_->terminate_denied());
  Answer(world_.Take("SetTerminationProtection"), "{}");
  EXPECT_FALSE(driver_->terminate_denied());
  EXPECT_EQ(world_.Count("RunJobFlow"), 1);
}

// EMR's clock dates clusters, ours dates launches, and ours was set.
TEST_F(DriverTest, ALookUpReachesBackAsFarAsClocksMayBeApart) {
  Trigger("r");
  const base::Time launched_at = world_.now;
  world_.ahead = base::hours(2);
  Fail(world_.Take("RunJobFlow"), wire::ErrorClass::kMayHaveHappened);
  const auto request = base::ParseJson(world_.Take("ListClusters").body)->as_object();
  const double created_after = request.at("CreatedAfter").to_number<double>();
  EXPECT_LE(created_after, base::ToEpochSeconds(launched_at - base::hours(26)));
}

TEST_F(DriverTest, TimeThatDidNotPassSettlesNoLaunch) {
  Trigger("r");
  Fail(world_.Take("RunJobFlow"), wire::ErrorClass::kMayHaveHappened);
  world_.skipped = base::hours(2);
  Pass(base::hours(2));
  for (int look = 0; look < 10; ++look) {
    while (world_.Count("ListClusters") > 0)
      Answer(world_.Take("ListClusters"), R"({"Clusters":[]})");
    Pass(base::minutes(1));
  }
  EXPECT_EQ(LaunchOf(), model::LaunchState::kUnknown);
  world_.skipped = base::Duration(0);
  for (int look = 0; look < 10; ++look) {
    while (world_.Count("ListClusters") > 0)
      Answer(world_.Take("ListClusters"), R"({"Clusters":[]})");
    Pass(base::minutes(1));
  }
  EXPECT_EQ(driver_->emr().launches.size(), 2u);  // it was given up
}

TEST_F(DriverTest, ANewLifeBeginsNoEarlierThanWhatIsStored) {
  Trigger("r");
  const base::Time stored = world_.now;
  world_.now -= base::hours(2);
  Restart();
  EXPECT_GE(world_.now, stored);
}

// EMR's clock is hours away from ours: a cluster is as old as our own clock allows.
class ClocksApartTest : public RunningClusterTest, public testing::WithParamInterface<int> {};

TEST_P(ClocksApartTest, AnAgeIsToldByOurClock) {
  const base::Time launched_at = world_.now;
  const base::Time created_at = launched_at + base::hours(GetParam());
  Sweep(base::Cat(R"({"Id":"j-1","Name":"n","Status":{"State":"STARTING",)",
                  R"("Timeline":{"CreationDateTime":)",
                  static_cast<int64_t>(base::ToEpochSeconds(created_at)),
                  "}}}"));
  ASSERT_TRUE(cluster().created_at);
  EXPECT_LT(std::chrono::abs(*cluster().created_at - launched_at), base::minutes(10));
  EXPECT_FALSE(cluster().terminate_requested_at);
}

INSTANTIATE_TEST_SUITE_P(Hours, ClocksApartTest, testing::Values(-3, 0, 3));

}  // namespace
}  // namespace driver
