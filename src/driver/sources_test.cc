// What others report of clusters: events that are posted to us, a queue, a table. They make the
// watcher quicker and its sweeps rarer; no lie and no loss makes it wrong.

#include <map>

#include "driver/test_support.h"

namespace driver {
namespace {

class HintsTest : public RunningClusterTest {
 protected:
  void SetUp() override {
    options_.emr.region = "us-east-1";
    RunningClusterTest::SetUp();
    name_ = base::GetString(
        base::ParseJson(driver_->emr().launches.begin()->second.request)->get_object(), "Name");
    Sweep(Listed("STARTING"));  // from here on the account is known
    Sweep(Listed("STARTING"));
  }
  std::string Listed(std::string_view state) const {
    return base::Cat(R"({"Id":"j-1","Name":"n","ClusterArn":
        "arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/j-1","Status":{"State":")",
                     state,
                     R"("}})");
  }
  json::object Envelope(std::string_view type, json::object detail) const {
    return {{"version", "0"},
            {"id", "e"},
            {"detail-type", type},
            {"source", type.starts_with("EC2") ? "aws.ec2" : "aws.emr"},
            {"account", "123456789012"},
            {"time", base::FormatRfc3339(world_.now)},
            {"region", "us-east-1"},
            {"resources", json::array()},
            {"detail", std::move(detail)}};
  }
  json::object ClusterEvent(std::string_view state, std::string_view id = "j-1") const {
    return Envelope("EMR Cluster State Change",
                    {{"clusterId", id},
                     {"name", name_},
                     {"state", state},
                     {"stateChangeReason", R"({"code":""})"}});
  }
  json::object CoreEvent(int running) const {
    return Envelope("EMR Instance Fleet State Change",
                    {{"clusterId", "j-1"},
                     {"instanceFleetId", "if-1"},
                     {"instanceFleetType", "CORE"},
                     {"state", "RESIZING"},
                     {"targetOnDemandCapacity", "0"},
                     {"targetSpotCapacity", "4"},
                     {"provisionedOnDemandCapacity", "0"},
                     {"provisionedSpotCapacity", std::to_string(running)}});
  }
  HintOutcome Take(const json::object& event) {
    HintOutcome outcome = driver_->TakeEvent(HintSource::kWebhook, json::serialize(event));
    driver_->Pump();
    return outcome;
  }
  void AnswerLook(std::string_view state, std::string_view steps) {
    Answer(world_.Take("DescribeCluster"),
           base::Cat(R"({"Cluster":{"Id":"j-1","Status":{"State":")",
                     state,
                     R"(","StateChangeReason":{"Code":"ALL_STEPS_COMPLETED"}}}})"));
    if (!steps.empty())
      Answer(
          world_.Take("ListSteps"),
          base::Cat(R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":")", steps, R"("}}]})"));
  }

  std::string name_;
};

TEST_F(HintsTest, APhaseThatIsToldIsTakenAndItsStepsAreAskedFor) {
  EXPECT_EQ(Take(ClusterEvent("RUNNING")), HintOutcome::kNews);
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_EQ(world_.Count("ListSteps"), 1);
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
}

TEST_F(HintsTest, NothingEndsByAHint) {
  Take(ClusterEvent("RUNNING"));
  EXPECT_EQ(Take(ClusterEvent("TERMINATED")), HintOutcome::kNews);
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_FALSE(cluster().judged);
}

TEST_F(HintsTest, AnEndIsJudgedOnceEmrSaysTheSame) {
  EXPECT_EQ(Take(ClusterEvent("TERMINATED")), HintOutcome::kNews);
  AnswerLook("TERMINATED", "COMPLETED");
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(HintsTest, W4_AForgedEndCostsAFewLooksAndChangesNothing) {
  Take(ClusterEvent("TERMINATED"));
  int looks = 0;
  for (int i = 0; i < 20; ++i) {
    while (world_.Count("DescribeCluster") > 0) {
      ++looks;
      AnswerLook("STARTING", "");
    }
    Pass(base::seconds(1));
  }
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kStarting);
}

TEST_F(HintsTest, AnEndThatEmrShowsALittleLaterIsFoundWithoutASweep) {
  Take(ClusterEvent("TERMINATED"));
  AnswerLook("TERMINATING", "");
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
  Pass(base::seconds(5));
  AnswerLook("TERMINATED", "COMPLETED");
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(HintsTest, W2_LateAndDoubledEventsAreKnown) {
  const json::object running = ClusterEvent("RUNNING");
  const json::object starting = ClusterEvent("STARTING");
  Take(running);
  world_.calls.clear();
  EXPECT_EQ(Take(running), HintOutcome::kKnown);
  EXPECT_EQ(Take(starting), HintOutcome::kKnown);
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_TRUE(world_.calls.empty());
  EXPECT_EQ(Take(ClusterEvent("TERMINATED")), HintOutcome::kNews);
  EXPECT_EQ(Take(ClusterEvent("TERMINATED")), HintOutcome::kKnown);
}

TEST_F(HintsTest, W4_WhatIsOfAnotherAccountRegionOrDeploymentIsNotTaken) {
  json::object event = ClusterEvent("RUNNING");
  for (const auto& [member, value] :
       {std::pair{"account", "210987654321"}, std::pair{"region", "eu-west-1"}}) {
    json::object forged = event;
    forged[member] = value;
    EXPECT_EQ(Take(forged), HintOutcome::kForeign) << member;
  }
  json::object other = event;
  other["detail"].as_object()["name"] = "sbx-other-012345-aaaaaaaaaaaaaaaaaaaa d r a try 1";
  EXPECT_EQ(Take(other), HintOutcome::kForeign);
  EXPECT_EQ(Take(ClusterEvent("RUNNING", "j-2")), HintOutcome::kHeld);  // our name, another id
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kStarting);
}

TEST_F(HintsTest, AnEventThatSaysWaitingBringsALookAndTheLookGivesTheVerdict) {
  EXPECT_EQ(cluster().account, "123456789012");
  Take(ClusterEvent("WAITING"));
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 0);  // the event alone decides nothing
  AnswerLook("WAITING", "COMPLETED");
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_EQ(world_.Count("TerminateJobFlows"), 1);
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(HintsTest, AnEventWithoutCoreNodesBringsTheLookAtNodesForward) {
  Take(ClusterEvent("RUNNING"));
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  Pass(base::minutes(6));  // past the grace
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  world_.calls.clear();
  EXPECT_EQ(Take(CoreEvent(3)), HintOutcome::kNews);
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 0);  // all there: it keeps its turn
  world_.now += base::seconds(1);
  EXPECT_EQ(Take(CoreEvent(0)), HintOutcome::kNews);
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 1);
}

TEST_F(HintsTest, AStepThatBeginsLetsPeopleSeeTheStepsAsTheyAre) {
  Take(ClusterEvent("RUNNING"));
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-2","Name":"b","Status":{"State":"PENDING"}},
                      {"Id":"s-1","Name":"a","Status":{"State":"RUNNING"}}]})");
  auto step = [&](std::string_view id, std::string_view state) {
    return Envelope("EMR Step Status Change",
                    {{"clusterId", "j-1"}, {"stepId", id}, {"name", "n"}, {"state", state}});
  };
  EXPECT_EQ(Take(step("s-1", "RUNNING")), HintOutcome::kKnown);
  EXPECT_EQ(Take(step("s-1", "COMPLETED")), HintOutcome::kNews);
  EXPECT_EQ(world_.Count("ListSteps"), 0);
  EXPECT_EQ(Take(step("s-2", "RUNNING")), HintOutcome::kNews);
  Pass(base::seconds(10));  // the burst is for verdicts
  EXPECT_EQ(world_.Count("ListSteps"), 1);
  EXPECT_EQ(cluster().steps[0].state, model::StepState::kRunning);  // as EMR said last
}

TEST_F(HintsTest, TroubleThatIsToldBringsALookForward) {
  EXPECT_EQ(Take(Envelope("EMR Configuration Error", {{"clusterId", "j-1"}, {"message", "m"}})),
            HintOutcome::kNews);
  AnswerLook("STARTING", "");
  Take(ClusterEvent("RUNNING"));
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  Pass(base::minutes(6));
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_EQ(Take(Envelope("EMR Instance Fleet Provisioning",
                          {{"clusterId", "j-1"},
                           {"eventCode", "EC2 provisioning - Insufficient Instance Capacity"},
                           {"message", "m"}})),
            HintOutcome::kNews);
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 1);
}

TEST_F(HintsTest, NodesAreLookedAtRarelyWhileEventsTellOfThem) {
  auto looks_within = [&](base::Duration span, bool tell) {
    int looks = 0;
    for (base::Time end = world_.now + span; world_.now < end; Pass(base::minutes(1))) {
      if (tell)
        Take(CoreEvent(world_.now.time_since_epoch() / base::minutes(1) % 2 == 0 ? 3 : 4));
      while (world_.Count("ListInstanceFleets") > 0) {
        Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
        ++looks;
      }
      while (world_.Count("ListClusters") > 0)
        Answer(world_.Take("ListClusters"), base::Cat(R"({"Clusters":[)", Listed("RUNNING"), "]}"));
      world_.calls.clear();
    }
    return looks;
  };
  Take(ClusterEvent("RUNNING"));
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  EXPECT_EQ(looks_within(base::minutes(70), true), 0);
  EXPECT_EQ(looks_within(base::minutes(10), true), 1);
  EXPECT_GE(looks_within(base::hours(3), false), 11);  // after half an hour each 12 minutes
}

class RareAuditTest : public HintsTest {
 protected:
  void SetUp() override {
    options_.fleet_interval = base::hours(5);
    HintsTest::SetUp();
  }
};

TEST_F(RareAuditTest, ASpotWarningNamesNoClusterAndBringsEveryAuditForward) {
  Take(ClusterEvent("RUNNING"));
  Answer(world_.Take("ListSteps"), R"({"Steps":[]})");
  Pass(base::minutes(6));
  Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  EXPECT_EQ(Take(Envelope("EC2 Spot Instance Interruption Warning",
                          {{"instance-id", "i-1"}, {"instance-action", "terminate"}})),
            HintOutcome::kNews);
  Pass(base::seconds(119));
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 0);
  Pass(base::seconds(1));
  EXPECT_EQ(world_.Count("ListInstanceFleets"), 1);
}

TEST_F(HintsTest, UnknownTypesAreCountedAndLeftAlone) {
  EXPECT_EQ(Take(Envelope("EMR Managed Scaling Action", {{"clusterId", "j-1"}})),
            HintOutcome::kUnused);
  EXPECT_EQ(driver_->TakeEvent(HintSource::kWebhook, "{\"a\":"), HintOutcome::kMalformed);
  const Hints::Counts& counts = driver_->watcher().hints().counts();
  EXPECT_EQ(counts.at({HintSource::kWebhook, "other", HintOutcome::kUnused}), 1);
  EXPECT_EQ(counts.at({HintSource::kWebhook, "other", HintOutcome::kMalformed}), 1);
}

TEST_F(DriverTest, W3_AnEventThatOvertakesTheReplyIsHeldForTheCluster) {
  options_.emr.region = "us-east-1";
  Restart();
  Trigger("r");
  Call launch = world_.Take("RunJobFlow");
  const std::string name = base::GetString(base::ParseJson(launch.body)->get_object(), "Name");
  json::object event{
      {"id", "e"},
      {"detail-type", "EMR Cluster State Change"},
      {"source", "aws.emr"},
      {"account", "123456789012"},
      {"time", base::FormatRfc3339(world_.now)},
      {"region", "us-east-1"},
      {"detail", json::object{{"clusterId", "j-1"}, {"name", name}, {"state", "RUNNING"}}}};
  EXPECT_EQ(driver_->TakeEvent(HintSource::kWebhook, json::serialize(event)), HintOutcome::kHeld);
  driver_->Pump();
  EXPECT_TRUE(driver_->emr().clusters.empty());
  Answer(launch, R"({"JobFlowId":"j-1"})");
  EXPECT_EQ(driver_->emr().clusters.at(model::ClusterId("j-1")).phase,
            model::ClusterPhase::kRunning);
}

TEST_F(HintsTest, SweepsAreRareWhileEventsComeAndUsualOnceTheyStop) {
  std::vector<base::Time> sweeps;
  const base::Time start = world_.now;
  bool waiting = false;
  for (int second = 0; second < 4800; ++second) {
    if (second < 1800 && second % 60 == 30)
      Take(CoreEvent(second == 30 ? 4 : 3));
    if (second == 1)
      Take(ClusterEvent("RUNNING"));
    Pass(base::seconds(1));
    while (world_.Count("ListClusters") > 0) {
      sweeps.push_back(world_.now);
      Answer(world_.Take("ListClusters"), base::Cat(R"({"Clusters":[)", Listed("RUNNING"), "]}"));
      waiting = true;
    }
    world_.calls.clear();
  }
  EXPECT_TRUE(waiting);
  auto count = [&](base::Duration from, base::Duration to) {
    return std::count_if(sweeps.begin(), sweeps.end(), [&](base::Time at) {
      return at >= start + from && at < start + to;
    });
  };
  EXPECT_LE(count(base::minutes(10), base::minutes(30)), 6);   // each four minutes
  EXPECT_GE(count(base::minutes(65), base::minutes(80)), 15);  // each 57 seconds
}

TEST(PaceTest, AChangeThatNoEventToldOfBringsTheUsualIntervalBack) {
  const base::Time start = base::ParseTime("2026-01-05T00:00:00Z").value();
  Pace pace(base::seconds(30));
  EXPECT_EQ(pace.OnSweep(start, true, 50), base::seconds(30));
  pace.OnEvent(start);
  EXPECT_EQ(pace.OnSweep(start + base::seconds(30), true, 50), base::minutes(1));
  EXPECT_EQ(pace.OnSweep(start + base::seconds(90), true, 50), base::minutes(2));
  pace.OnFound(start + base::seconds(60), start + base::seconds(90));  // it may be on the way
  EXPECT_EQ(pace.OnSweep(start + base::seconds(210), true, 50), base::minutes(4));
  EXPECT_EQ(pace.OnSweep(start + base::minutes(7), true, 50), base::minutes(4));  // and not more
  pace.OnFound(start + base::minutes(7), start + base::minutes(9));
  EXPECT_EQ(pace.interval(), base::seconds(30));
  EXPECT_EQ(pace.OnSweep(start + base::seconds(9 * 60 + 30), true, 50), base::seconds(30));
  pace.OnEvent(start + base::minutes(10));
  EXPECT_EQ(pace.OnSweep(start + base::minutes(10), true, 50), base::minutes(1));
  EXPECT_EQ(pace.OnSweep(start + base::minutes(41), true, 50), base::seconds(30));  // silence
  pace.OnEvent(start + base::minutes(42));
  EXPECT_EQ(pace.OnSweep(start + base::minutes(42), false, 50),
            base::seconds(30));  // something waits
}

TEST(PaceTest, FewClustersAreSweptMoreRarely) {
  const base::Time now = base::ParseTime("2026-01-05T00:00:00Z").value();
  Pace pace(base::seconds(30));
  EXPECT_EQ(pace.OnSweep(now, true, 500), base::seconds(30));
  EXPECT_EQ(pace.OnSweep(now, true, 40), base::milliseconds(37'500));
  EXPECT_EQ(pace.OnSweep(now, true, 20), base::seconds(57));
  EXPECT_EQ(pace.OnSweep(now, true, 0), base::seconds(57));
  EXPECT_EQ(pace.OnSweep(now, false, 20), base::seconds(30));  // something waits
  pace.OnEvent(now);
  EXPECT_EQ(pace.OnSweep(now, true, 20), base::minutes(1));
}

// --- The queue
// ---------------------------------------------------------------------------------------

class QueueTest : public HintsTest {
 protected:
  void SetUp() override {
    options_.sources.queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/q";
    HintsTest::SetUp();
  }
  void AnswerReceive(const std::vector<json::object>& events) {
    json::array messages;
    for (const json::object& event : events)
      messages.push_back(json::object{{"MessageId", "m"},
                                      {"ReceiptHandle", base::Cat("h", messages.size())},
                                      {"Body", json::serialize(event)}});
    Answer(world_.Take("ReceiveMessage"), json::serialize(json::object{{"Messages", messages}}));
  }
};

TEST_F(QueueTest, OneLongPollIsAlwaysUnderWayAndCostsNoBudgetOfEmr) {
  Call poll = world_.Take("ReceiveMessage");
  EXPECT_EQ(poll.service, Service::kSqs);
  EXPECT_EQ(poll.body,
            R"({"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q",)"
            R"("MaxNumberOfMessages":10,"WaitTimeSeconds":20})");
  const double tokens = driver_->caller().budget().BucketOf(kAccountQuota).TokensAt(world_.now);
  for (int i = 0; i < 100; ++i) {
    Answer(poll, "{}");
    EXPECT_EQ(world_.Count("ReceiveMessage"), 1);
    poll = world_.Take("ReceiveMessage");
  }
  EXPECT_EQ(driver_->caller().budget().BucketOf(kAccountQuota).TokensAt(world_.now), tokens);
  EXPECT_EQ(driver_->caller().other_counts().at({Service::kSqs, "ReceiveMessage"}).made, 101);
}

TEST_F(QueueTest, MessagesAreDeletedOnceWhatFollowedIsCommitted) {
  AnswerReceive({ClusterEvent("RUNNING"), ClusterEvent("RUNNING")});
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  Call call = world_.Take("DeleteMessageBatch");
  const json::value body = base::ParseJson(call.body).value();
  EXPECT_EQ(base::GetArray(body.get_object(), "Entries"),
            (json::array{json::object{{"Id", "0"}, {"ReceiptHandle", "h0"}},
                         json::object{{"Id", "1"}, {"ReceiptHandle", "h1"}}}));
}

TEST_F(QueueTest, WhatWasNotCommittedComesAgain) {
  store_.next = FaultyStore::Outcome::kRefused;
  AnswerReceive({ClusterEvent("RUNNING")});
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kStarting);
  EXPECT_EQ(world_.Count("DeleteMessageBatch"), 0);
  AnswerReceive({ClusterEvent("RUNNING")});
  EXPECT_EQ(cluster().phase, model::ClusterPhase::kRunning);
  EXPECT_EQ(world_.Count("DeleteMessageBatch"), 1);
}

TEST_F(QueueTest, AQueueThatFailsIsAskedAgainAfterAPause) {
  Fail(world_.Take("ReceiveMessage"), wire::ErrorClass::kUnavailable);
  EXPECT_EQ(world_.Count("ReceiveMessage"), 0);
  Pass(base::seconds(29));
  EXPECT_EQ(world_.Count("ReceiveMessage"), 0);
  EXPECT_LE(*driver_->NextWake(), world_.now + base::seconds(1));
  Pass(base::seconds(1));
  EXPECT_EQ(world_.Count("ReceiveMessage"), 1);
}

// --- The table, and the policy `sampled`
// ---------------------------------------------------------------------------------------

class TableTest : public DriverTest {
 protected:
  void SetUp() override {
    options_.emr.region = "us-east-1";
    options_.sources.policy = WatchPolicy::kSampled;
    options_.sources.table = "states";
    options_.reaper_interval = base::hours(1000);
    DriverTest::SetUp();
  }
  // As many clusters as told, "j-100", "j-101", …, in service.
  void Launch(int clusters) {
    for (int i = 0; i < clusters; ++i) {
      Trigger(base::Cat("r", i));
      while (world_.Count("RunJobFlow") == 0)
        Pass(base::seconds(1));
      Answer(world_.Take("RunJobFlow"), base::Cat(R"({"JobFlowId":"j-)", 100 + i, R"("})"));
      model::ClusterSeen seen{model::ClusterId(base::Cat("j-", 100 + i)), world_.now, {}, {}, {}};
      seen.status.emplace().phase = model::ClusterPhase::kRunning;
      seen.steps.emplace().push_back({"s-1", "work", model::StepState::kRunning, "", {}, {}});
      driver_->Post(std::move(seen));
    }
    driver_->Pump();
  }
  // Begins the next poke_interval and hands out its calls.
  void NextRound() {
    const base::Duration minute = base::minutes(1);
    world_.now = base::Time{} + minute * (world_.now.time_since_epoch() / minute + 1);
    driver_->Pump();
  }
  std::string Item(std::string_view id, std::string_view state) const {
    return base::Cat(R"({"cluster_id":{"S":")",
                     id,
                     R"("},"item":{"S":"STATE"},"state":{"S":")",
                     state,
                     R"("},"event_time":{"N":")",
                     world_.now.time_since_epoch() / base::seconds(1),
                     R"("}})");
  }
  bool CallsWait() const {
    for (const auto& [action, counts] : driver_->caller().counts())
      for (const CallCounts& each : counts)
        if (each.waiting > 0)
          return true;
    return false;
  }
  static json::array KeysOf(const Call& call) {
    const json::value body = base::ParseJson(call.body).value();
    return base::GetArray(
        base::GetObject(base::GetObject(body.get_object(), "RequestItems"), "states"), "Keys");
  }
};

TEST_F(TableTest, EachClusterGetsOneLookARoundAndTheTableNineInTen) {
  Launch(20);
  std::map<std::string, int> at_table, at_emr;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    NextRound();
    std::map<std::string, int> looks;
    while (world_.Count("BatchGetItem") > 0) {
      Call call = world_.Take("BatchGetItem");
      std::string items;
      for (const json::value& key : KeysOf(call)) {
        const std::string id = base::GetString(key.get_object(), "cluster_id.S");
        if (base::GetString(key.get_object(), "item.S") != "STATE")
          continue;
        ++looks[id];
        ++at_table[id];
        items += base::Cat(items.empty() ? "" : ",", Item(id, "RUNNING"));
      }
      Answer(call, base::Cat(R"({"Responses":{"states":[)", items, R"(]},"UnprocessedKeys":{}})"));
    }
    while (world_.Count("DescribeCluster") + world_.Count("ListInstanceFleets") > 0 ||
           CallsWait()) {
      if (world_.Count("DescribeCluster") > 0) {
        Call call = world_.Take("DescribeCluster");
        const std::string id =
            base::GetString(base::ParseJson(call.body)->get_object(), "ClusterId");
        ++looks[id];
        ++at_emr[id];
        Answer(call, base::Cat(R"({"Cluster":{"Id":")", id, R"(","Status":{"State":"RUNNING"}}})"));
      } else if (world_.Count("ListInstanceFleets") > 0) {
        Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
      } else {
        Pass(base::seconds(1));
      }
    }
    EXPECT_EQ(looks.size(), 20u);
    for (const auto& [id, count] : looks)
      EXPECT_EQ(count, 1) << id;
    EXPECT_EQ(world_.Count("ListClusters"), 0);
    EXPECT_EQ(world_.Count("ListSteps"), 0);
    world_.calls.clear();
  }
  int table = 0;
  for (const auto& [id, count] : at_table)
    table += count;
  // 4000 draws: 3600 and 3.29 standard deviations of 18.97, the 99.9 % interval.
  EXPECT_NEAR(table, 3600, 63);
}

TEST_F(TableTest, AHundredKeysACallAndWhatIsLeftIsAskedForAgain) {
  options_.sources.emr_weight = 0;
  Restart();
  Launch(40);
  world_.calls.clear();
  NextRound();
  EXPECT_EQ(world_.Count("BatchGetItem"), 2);
  Call first = world_.Take("BatchGetItem");
  EXPECT_EQ(first.service, Service::kDynamoDb);
  EXPECT_EQ(KeysOf(first).size(), 100u);
  EXPECT_EQ(KeysOf(world_.Take("BatchGetItem")).size(), 20u);
  Answer(first,
         R"({"Responses":{"states":[]},"UnprocessedKeys":{"states":{"Keys":[
             {"cluster_id":{"S":"j-100"},"item":{"S":"STATE"}}]}}})");
  EXPECT_EQ(world_.Count("BatchGetItem"), 0);
  Pass(base::milliseconds(50));
  Call again = world_.Take("BatchGetItem");
  EXPECT_EQ(json::serialize(KeysOf(again)),
            R"([{"cluster_id":{"S":"j-100"},"item":{"S":"STATE"}}])");
  Fail(again, wire::ErrorClass::kThrottled);
  Pass(base::milliseconds(99));
  EXPECT_EQ(world_.Count("BatchGetItem"), 0);
  Pass(base::milliseconds(1));
  EXPECT_EQ(world_.Count("BatchGetItem"), 1);
}

TEST_F(TableTest, AClusterWithoutAnItemIsAskedForAtEmrOnceItIsStale) {
  options_.sources.emr_weight = 0;
  Restart();
  Launch(1);
  std::vector<int> described;
  for (int round = 1; round <= 12; ++round) {
    NextRound();
    while (world_.Count("BatchGetItem") > 0)
      Answer(world_.Take("BatchGetItem"), R"({"Responses":{"states":[]}})");
    while (world_.Count("DescribeCluster") > 0) {
      described.push_back(round);
      Answer(world_.Take("DescribeCluster"),
             R"({"Cluster":{"Id":"j-100","Status":{"State":"RUNNING"}}})");
    }
    while (world_.Count("ListInstanceFleets") > 0)
      Answer(world_.Take("ListInstanceFleets"), R"({"InstanceFleets":[]})");
  }
  EXPECT_EQ(described, (std::vector<int>{5, 10}));
}

TEST_F(TableTest, AnEndInTheTableIsJudgedByEmrsWord) {
  options_.sources.emr_weight = 0;
  Restart();
  Launch(1);
  NextRound();
  Answer(world_.Take("BatchGetItem"),
         base::Cat(R"({"Responses":{"states":[)", Item("j-100", "TERMINATED"), "]}}"));
  Answer(world_.Take("DescribeCluster"),
         R"({"Cluster":{"Id":"j-100","Status":{"State":"TERMINATED",
             "StateChangeReason":{"Code":"ALL_STEPS_COMPLETED"}}}})");
  Answer(world_.Take("ListSteps"),
         R"({"Steps":[{"Id":"s-1","Name":"n","Status":{"State":"COMPLETED"}}]})");
  EXPECT_EQ(store_.reader().Runs({})->rows[0].state, model::RunState::kSuccess);
}

TEST_F(TableTest, W6_AClusterThatEmrNoLongerKnowsIsLostWithoutAnySweep) {
  options_.sources.table_weight = 0;
  Restart();
  Launch(1);
  NextRound();
  const auto& cluster = driver_->emr().clusters.at(model::ClusterId("j-100"));
  for (int i = 0; i < 12 && cluster.phase != model::ClusterPhase::kLost; ++i) {
    while (world_.Count("DescribeCluster") > 0)
      Fail(world_.Take("DescribeCluster"), wire::ErrorClass::kNotFound);
    Pass(base::seconds(61));
  }
  EXPECT_EQ(cluster.phase, model::ClusterPhase::kLost);
  EXPECT_EQ(world_.Count("ListClusters"), 0);
}

TEST_F(TableTest, AnItemThatHasExpiredIsNoNews) {
  options_.sources.emr_weight = 0;
  Restart();
  Launch(1);
  NextRound();
  std::string item = Item("j-100", "TERMINATED");
  item.insert(item.size() - 1, R"(,"ttl":{"N":"1"})");
  Answer(world_.Take("BatchGetItem"), base::Cat(R"({"Responses":{"states":[)", item, "]}}"));
  EXPECT_EQ(world_.Count("DescribeCluster"), 0);
}

}  // namespace
}  // namespace driver
