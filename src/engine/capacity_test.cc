// Who gets the next turn, over whole runs of the engine: slots, weights, the fair share, limits,
// and the same after a restart.

#include "engine/test_capacity.h"

namespace engine {
namespace {

using base::Cat;
using base::hours;
using base::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(CapacityTest, AnAttemptTakesItsSlotsAndGivesThemBackAtItsEnd) {
  Pool(5);
  Dag("d", {JobOf("a", {.pool_slots = 3}), JobOf("b", {.pool_slots = 3}), JobOf("c")});
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a", "d.c")) << "a smaller one passes";
  EXPECT_EQ(Used(), 4);
  EXPECT_THAT(Blockers("d", "b"),
              ElementsAre("pool: the pool 'p' has 1 of 5 slots free, and the job takes 3"));
  Start();
  EXPECT_EQ(Used(), 4);
  Finish("d.a");
  EXPECT_EQ(Used(), 1);
  EXPECT_THAT(Turn(9), ElementsAre("d.b"));
}

TEST_F(CapacityTest, ForOneThatIsOverdueSlotsAreKeptUntilThereAreEnough) {
  Pool(3);
  Dag("d", {JobOf("big", {.pool_slots = 3}), JobOf("s1"), JobOf("s2"), JobOf("s3"), JobOf("s4")});
  LoadDags();
  Trigger("d", "r");
  Pool(2);
  LoadDags();
  EXPECT_THAT(Turn(9), ElementsAre("d.s1", "d.s2")) << "it does not fit in the pool as it is";
  EXPECT_THAT(Blockers("d", "big"),
              ElementsAre("pool: the pool 'p' has 2 slots, and the job takes 3: give the pool more "
                          "slots, or the job a smaller pool_slots"));
  Pool(3);
  LoadDags();
  EXPECT_THAT(Turn(9), ElementsAre("d.s3"));
  now_ += hours(4);
  Finish("d.s1");
  EXPECT_THAT(Turn(9), IsEmpty()) << "s4 would fit";
  EXPECT_THAT(Blockers("d", "s4"),
              ElementsAre("pool: the pool 'p' keeps its free slots for big, which takes 3 and has "
                          "waited for more than 4h"));
  Finish("d.s2");
  EXPECT_THAT(Turn(9), IsEmpty());
  Finish("d.s3");
  EXPECT_THAT(Turn(9), ElementsAre("d.big"));
}

TEST_F(CapacityTest, TheGreaterWeightIsFirstByItsRule) {
  Pool(1);
  using enum model::WeightRule;
  std::vector<model::Job> jobs{JobOf("light"),
                               JobOf("heavy", {.priority_weight = 5}),
                               JobOf("sums", {.priority_weight = 3, .weight_rule = kDownstream}),
                               JobOf("after", {.priority_weight = 4})};
  jobs[3].upstream = {2};
  Dag("d", std::move(jobs));
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.sums"));
  Finish("d.sums");
  EXPECT_THAT(Turn(9), ElementsAre("d.heavy"));
  Finish("d.heavy");
  EXPECT_THAT(Turn(9), ElementsAre("d.after"));
  Finish("d.after");
  EXPECT_THAT(Turn(9), ElementsAre("d.light"));
}

// Heavy jobs come every minute for ever; a light one waits for 4 hours and the job that is running
// then, and no longer.
TEST_F(CapacityTest, NobodyStarves) {
  Pool(1);
  Dag("light", {JobOf("a", {.priority_weight = -1000})});
  Dag("heavy", {JobOf("a", {.priority_weight = 1'000'000})}).max_active_runs = 10'000;
  LoadDags();
  Trigger("light", "r");
  const base::Time queued = now_;
  constexpr auto kLasts = minutes(10);
  std::string running;
  int heavy_runs = 0;
  while (now_ - queued < hours(6)) {
    Trigger("heavy", Cat("h", ++heavy_runs));
    if (!running.empty())
      Finish(running);
    const auto turn = Turn(1);
    ASSERT_EQ(turn.size(), 1u);
    running = turn[0];
    if (running == "light.a")
      break;
    now_ += kLasts;
  }
  EXPECT_EQ(running, "light.a");
  EXPECT_GE(now_ - queued, hours(4) - kLasts) << "the weight counts until then";
  EXPECT_LE(now_ - queued, hours(4) + kLasts);
}

TEST_F(CapacityTest, DagsShareAPoolByTheTimeThatTheyHaveUsed) {
  Pool(2);
  Dag("a", {JobOf("x"), JobOf("y"), JobOf("z")});
  Dag("b", {JobOf("x"), JobOf("y"), JobOf("z")});
  LoadDags();
  Trigger("a", "r");
  now_ += minutes(1);
  Trigger("b", "r");
  EXPECT_THAT(Turn(9), ElementsAre("a.x", "b.x")) << "turns of one pass go round";
  now_ += minutes(10);
  Finish("a.x");
  now_ += minutes(50);
  Finish("b.x");
  Start();
  EXPECT_THAT(Turn(1), ElementsAre("a.y")) << "10 minutes of pool time against 60";
  EXPECT_THAT(Turn(1), ElementsAre("a.z")) << "40, a look ahead of 30 among them, against 60";
  now_ += minutes(11);
  Finish("a.y");
  EXPECT_THAT(Turn(1), ElementsAre("b.y"));
}

TEST_F(CapacityTest, TheLongestWayToTheEndIsFirst) {
  Pool(1);
  std::vector<model::Job> jobs{JobOf("lone"), JobOf("head"), JobOf("tail")};
  jobs[2].upstream = {1};
  Dag("d", std::move(jobs));
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.head"));
}

// By what the jobs took before; one of which nothing is known counts as half an hour.
TEST_F(CapacityTest, AWayIsAsLongAsItsJobsTook) {
  Pool(1);
  std::vector<model::Job> jobs{JobOf("quick"), JobOf("then"), JobOf("slow")};
  jobs[1].upstream = {0};
  Dag("d", std::move(jobs));
  LoadDags();
  Trigger("d", "r");
  for (const char* job : {"d.quick", "d.slow", "d.then"}) {
    EXPECT_THAT(Turn(1), ElementsAre(job)) << "an hour against half an hour; then the longer wait";
    now_ += job == std::string("d.slow") ? hours(2) : minutes(5);
    Finish(job);
  }
  Trigger("d", "r2");
  Start();
  EXPECT_THAT(Turn(1), ElementsAre("d/r2.slow")) << "2 hours against 10 minutes";
}

TEST_F(CapacityTest, ALimitCountsThoseWithTheSameValue) {
  Pool(9);
  Dag("d",
      {JobOf("a", {}, "1"),
       JobOf("a", {}, "2"),
       JobOf("b", {}, "1"),
       JobOf("b", {}, "2"),
       JobOf("c")})
      .limits = {{.by = "lane.id", .max = 1}};
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(9), ElementsAre("d.a_1", "d.a_2", "d.c")) << "c has no lane";
  Start();
  Finish("d.a_2");
  EXPECT_THAT(Turn(9), ElementsAre("d.b_2"));
}

TEST_F(CapacityTest, TheProjectsLimitsCountOverAllDagsAndOutliveARestart) {
  Pool(9);
  Dag("d", {JobOf("a"), JobOf("b")}).params = {{"region", "eu"}};
  Dag("e", {JobOf("a")}).params = {{"region", "eu"}};
  Dag("f", {JobOf("a")}).tags = {"heavy"};
  Dag("g", {JobOf("a")}).tags = {"heavy"};
  project_.limits = {{{.by = "params.region", .max = 2}}, {{.tag = "heavy", .max = 1}}};
  LoadDags();
  for (const char* dag : {"d", "e", "f", "g"})
    Trigger(dag, "r");
  Start();
  EXPECT_THAT(Turn(9), ElementsAre("d.a", "e.a", "f.a"));
  EXPECT_THAT(Blockers("d", "b"),
              ElementsAre("limit: the limit 'by: params.region, max: 2' of signalbox.yaml is "
                          "reached for 'eu' by a, e/r/a"));
  EXPECT_THAT(Blockers("g", "a"),
              ElementsAre("limit: the limit 'tag: heavy, max: 1' of signalbox.yaml is reached by "
                          "f/r/a"));
  Trigger("d", "us", {{"region", "us"}});
  EXPECT_THAT(Turn(9), ElementsAre("d/us.a", "d/us.b"));
  project_.limits = {{{.tag = "heavy", .max = 2}}};
  LoadDags();
  Start();
  EXPECT_THAT(Turn(9), ElementsAre("g.a", "d.b"));
}

TEST_F(CapacityTest, MaxActiveTasksIsPerRun) {
  Pool(9);
  Dag("d", {JobOf("a"), JobOf("b"), JobOf("c")}).max_active_tasks = 2;
  LoadDags();
  Trigger("d", "r");
  Trigger("d", "s");
  EXPECT_THAT(Turn(9), ElementsAre("d.a", "d/s.a", "d.b", "d/s.b"));
  EXPECT_THAT(Blockers("d", "c"),
              ElementsAre("max_active: max_active_tasks is 2, and 2 jobs of the run hold slots"));
}

TEST_F(CapacityTest, MaxActiveTisCountsTheLanesOfAJobTogether) {
  Pool(9);
  model::Capacity capacity{.max_active_tis_per_dag = 2};
  Dag("d", {JobOf("a", capacity, "1"), JobOf("a", capacity, "2"), JobOf("a", capacity, "3")});
  LoadDags();
  Trigger("d", "r");
  Trigger("d", "s");
  EXPECT_EQ(Turn(9).size(), 2u);
}

TEST_F(CapacityTest, APausedDagKeepsNobodyBack) {
  Pool(2);
  Dag("d", {JobOf("big", {.pool_slots = 2, .priority_weight = 9})});
  Dag("e", {JobOf("a"), JobOf("b")});
  LoadDags();
  Trigger("d", "r");
  Trigger("e", "r");
  Apply(model::SetPaused{model::DagId("d"), true, "ada"});
  now_ += hours(5);
  EXPECT_THAT(Turn(9), ElementsAre("e.a", "e.b"));
}

}  // namespace
}  // namespace engine
