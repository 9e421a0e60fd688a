// Limits of vCPUs and spend caps, over whole runs of the engine, and the same after a restart.

#include "engine/test_capacity.h"

namespace engine {
namespace {

using base::Cat;
using base::hours;
using base::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr model::MicroUsd kUsd = 1'000'000;

model::Job Sized(const std::string& id, int64_t vcpus, const std::string& lane = "") {
  return JobOf(id, {.vcpus = vcpus}, lane);
}

// One instance of m5.xlarge: 4 vCPUs, 6 USD an hour.
class CapsTest : public CapacityTest {
 protected:
  CapsTest() {
    Pool(99);
    project_.spend_rules.prices = {{"m5.xlarge", 5 * kUsd, 2 * kUsd, 1 * kUsd}};
  }
};

TEST_F(CapsTest, JobsTakeTurnsWhileTheirVcpusFitInTheLimit) {
  Dag("d", {Sized("a", 40), Sized("b", 30), Sized("c", 20), JobOf("e")});
  project_.limits = {{{.max_vcpus = 64}}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a", "d.c", "d.e")) << "e has 4, as its request says";
  EXPECT_THAT(Blockers("d", "b"),
              ElementsAre("limit: the limit 'max_vcpus: 64' of signalbox.yaml has 0 of 64 vCPUs "
                          "left, and the job takes 30; the others are held by a, c, e"));
  Start();
  EXPECT_THAT(Turn(9), IsEmpty());
  Finish("d.c");
  EXPECT_THAT(Turn(9), IsEmpty());
  Finish("d.a");
  EXPECT_THAT(Turn(9), ElementsAre("d.b"));
}

TEST_F(CapsTest, ALimitIsRaisedInTheFileAndReleasesAtOnce) {
  Dag("d", {Sized("a", 40), Sized("b", 40)});
  project_.limits = {{{.max_vcpus = 64}}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a"));
  project_.limits = {{{.max_vcpus = 80}}};
  LoadDags();
  EXPECT_THAT(Turn(9), ElementsAre("d.b"));
}

TEST_F(CapsTest, VcpusAreCountedByValueAndByTagAndForADagAlone) {
  Dag("d", {Sized("a", 8, "1"), Sized("a", 8, "2"), Sized("b", 8, "1")}).limits = {
      {.by = "lane.id", .max_vcpus = 15}};
  Dag("e", {Sized("a", 8), Sized("b", 8)}).tags = {"weekly"};
  project_.limits = {{{.tag = "weekly", .max_vcpus = 8}}};
  LoadDags();
  Trigger("d", "r");
  Trigger("e", "r");
  EXPECT_THAT(Turn(9), UnorderedElementsAre("d.a_1", "d.a_2", "e.a"));
}

// The master of a fleet is on demand, and the core nodes are spot.
TEST_F(CapsTest, ALimitOfOneMarketCountsItsVcpusAlone) {
  model::Job job = JobOf("a");
  const auto fleet = [](const char* role, const char* target, int units) {
    return json::object{
        {"InstanceFleetType", role},
        {target, units},
        {"InstanceTypeConfigs", json::array{json::object{{"InstanceType", "m5.xlarge"}}}}};
  };
  std::get<model::EmrWork>(job.work).request["Instances"] =
      json::object{{"InstanceFleets",
                    json::array{fleet("MASTER", "TargetOnDemandCapacity", 1),
                                fleet("CORE", "TargetSpotCapacity", 4)}}};
  std::vector<model::Job> jobs;
  for (const char* lane : {"1", "2", "3"}) {
    jobs.push_back(job);
    jobs.back().lane = model::LaneId(lane);
  }
  Dag("d", std::move(jobs));
  project_.limits = {{{.max_vcpus = 32, .market = model::Market::kSpot}},
                     {{.max_vcpus = 9, .market = model::Market::kOnDemand}}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a_1", "d.a_2"));
}

TEST_F(CapsTest, ForOneThatIsOverdueVcpusAreKeptUntilThereAreEnough) {
  Dag("d", {Sized("s1", 16), Sized("s2", 16), Sized("s3", 16), Sized("s4", 16)});
  Dag("big", {Sized("a", 64)});
  project_.limits = {{{.max_vcpus = 64}}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(3), ElementsAre("d.s1", "d.s2", "d.s3"));
  Trigger("big", "r");
  now_ += minutes(1);
  Trigger("d", "later");
  EXPECT_THAT(Turn(1), ElementsAre("d.s4")) << "it passes";
  now_ += hours(4);
  Finish("d.s1");
  EXPECT_THAT(Turn(9), IsEmpty()) << "a job of the later run would fit";
  EXPECT_THAT(Blockers("big", "a"), ElementsAre(HasSubstr("16 of 64 vCPUs left")));
  for (const char* name : {"d.s2", "d.s3", "d.s4"})
    Finish(name);
  EXPECT_THAT(Turn(9), ElementsAre("big.a"));
}

TEST_F(CapsTest, AJobWhoseVcpusAreNotKnownWaitsUntilItsFileTellsThem) {
  model::Job job = JobOf("a");
  std::get<model::EmrWork>(job.work).request["Instances"] =
      json::object{{"MasterInstanceType", "{{ params.type }}"}, {"InstanceCount", 1}};
  model::Dag& dag = Dag("d", {job});
  project_.limits = {{{.max_vcpus = 64}}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), IsEmpty());
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("limit: a limit counts vCPUs, and those of the job are not known: give "
                          "it the key 'vcpus'"));
  dag.params = {{"type", "m5.xlarge"}};
  dag.jobs[0].capacity.vcpus = 65;
  LoadDags();
  EXPECT_THAT(Turn(9), IsEmpty());
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("limit: the limit 'max_vcpus: 64' of signalbox.yaml is smaller than the "
                          "job, which takes 65 vCPUs: raise it"));
  dag.jobs[0].capacity.vcpus = 64;
  LoadDags();
  Start();
  EXPECT_EQ(Startable(), 1);
}

TEST_F(CapsTest, WhatIsSpentTodayHoldsLaunchesUntilTheNextDay) {
  project_.spend_rules.cap_per_day = 12 * kUsd;
  Dag("d", {JobOf("a"), JobOf("b")});
  Dag("e", {JobOf("a")});
  LoadDags();
  now_ += hours(20);
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.a"));
  const model::ClusterId first = Begin("d.a");
  now_ += hours(2) - base::seconds(1);
  EXPECT_EQ(Startable(), 1) << "11.99 USD";
  now_ += base::seconds(1);
  Apply(model::Tick{});
  EXPECT_EQ(Startable(), 0) << "what is up counts";
  Trigger("e", "r");
  EXPECT_THAT(Turn(9), IsEmpty()) << "of all DAGs together";
  Start();
  EXPECT_THAT(Turn(9), IsEmpty()) << "a restart changes nothing";
  End(first);
  Start();
  now_ += minutes(30);
  Apply(model::Tick{});
  EXPECT_THAT(Turn(9), IsEmpty());
  EXPECT_THAT(Blockers("d", "b"),
              ElementsAre("spend_cap: the project's spend cap of 12.00 USD a day is reached (an "
                          "estimate of 12.00 so far); launches go on at 2026-01-06T00:00:00Z"));
  EXPECT_EQ(engine_->NextDue(), base::ParseTime("2026-01-06T00:00:00Z").value());
  now_ = *engine_->NextDue();
  Apply(model::Tick{});
  EXPECT_EQ(Startable(), 2);
  EXPECT_THAT(Turn(9), UnorderedElementsAre("d.b", "e.a"));
}

TEST_F(CapsTest, ACapThatIsRaisedInTheFileReleasesAtOnce) {
  model::Dag& dag = Dag("d", {JobOf("a"), JobOf("b"), JobOf("c")});
  dag.spend_cap.per_day = 6 * kUsd;
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.a"));
  const model::ClusterId first = Begin("d.a");
  now_ += hours(1);
  End(first);
  EXPECT_THAT(Turn(9), IsEmpty());
  EXPECT_THAT(Blockers("d", "b"), ElementsAre(HasSubstr("the DAG's spend cap of 6.00 USD a day")));
  dag.spend_cap.per_day = 7 * kUsd;
  LoadDags();
  EXPECT_THAT(Turn(1), ElementsAre("d.b"));
  dag.spend_cap = {.per_run = 6 * kUsd, .per_day = {}};
  LoadDags();
  EXPECT_THAT(Turn(9), IsEmpty());
  EXPECT_THAT(Blockers("d", "c"),
              ElementsAre("spend_cap: the spend cap of 6.00 USD for a run is reached (an estimate "
                          "of 6.00 so far): launches go on if spend_cap.per_run of its DAG is "
                          "raised"));
  now_ += hours(24);
  Apply(model::Tick{});
  EXPECT_THAT(Turn(9), IsEmpty()) << "a run's money stays spent";
  dag.spend_cap = {};
  LoadDags();
  EXPECT_THAT(Turn(9), ElementsAre("d.c"));
}

TEST_F(CapsTest, AClusterOverMidnightCostsEachDayItsPart) {
  Dag("d", {JobOf("a"), JobOf("b")}).spend_cap.per_day = 9 * kUsd;
  LoadDags();
  now_ += hours(23);
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.a"));
  const model::ClusterId first = Begin("d.a");
  now_ += hours(2);  // 6 USD yesterday, 6 today
  End(first);
  EXPECT_EQ(Startable(), 1);
  EXPECT_THAT(Turn(1), ElementsAre("d.b"));
}

TEST_F(CapsTest, AClusterThatWasLostAndComesBackIsCountedOnce) {
  Dag("d", {JobOf("a"), JobOf("b")}).spend_cap.per_run = 12 * kUsd;
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.a"));
  const model::ClusterId first = Begin("d.a");
  now_ += minutes(30);
  Apply(model::ClusterGone{first, now_});
  now_ += minutes(30);
  Apply(model::ClusterGone{first, now_});  // LOST: 6 USD
  Start();
  now_ += minutes(30);
  model::ClusterSeen seen{first, now_, model::ClusterStatus(), {}, {}};
  seen.status->phase = model::ClusterPhase::kRunning;
  Apply(seen);  // it is back: 9 USD
  Start();
  EXPECT_EQ(engine_->state().expenses.size(), 1u);
  EXPECT_EQ(CostOf(engine_->state().expenses.begin()->second, now_), 9 * kUsd);
  EXPECT_EQ(Startable(), 1);
  now_ += minutes(30);
  Apply(model::Tick{});
  EXPECT_EQ(Startable(), 0);
}

TEST_F(CapsTest, WhatACapBoundsIsNotLaunchedWithoutAPrice) {
  project_.spend_rules = {.scope = "", .cap_per_day = kUsd, .prices = {}};
  model::Job job = JobOf("a");
  job.retries = 0;
  Dag("d", {job});
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a"));
  EXPECT_TRUE(work::EmrOf(*engine_).launches.empty());
}

TEST_F(CapsTest, ExpensesOfThePastAreForgottenOnceADay) {
  Dag("d", {JobOf("a")});
  LoadDags();
  now_ += hours(1);
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a"));
  Finish("d.a");
  EXPECT_TRUE(engine_->state().runs.empty());
  EXPECT_EQ(engine_->state().expenses.size(), 1u);
  Start();
  EXPECT_EQ(engine_->state().expenses.size(), 1u) << "it may count for today";
  now_ += hours(24);
  Apply(model::Tick{});
  EXPECT_TRUE(engine_->state().expenses.empty());
}

}  // namespace
}  // namespace engine
