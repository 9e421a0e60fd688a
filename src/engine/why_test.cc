// Each kind of reason for which a job does not go on, in a state of the engine in which it is the
// reason. A new kind has to have its case here.

#include "engine/test_capacity.h"

namespace engine {
namespace {

using base::hours;
using base::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;

class Why : public CapacityTest, public ::testing::WithParamInterface<BlockerKind> {
 protected:
  // The job `a` of the run `d/r` is kept back by it.
  void Arrange(BlockerKind kind) {
    switch (kind) {
      case BlockerKind::kPaused:
        Start({JobOf("a")});
        Apply(model::SetPaused{model::DagId("d"), true, "ada"});
        return;
      case BlockerKind::kStartJitter:
        Change([](model::Dag& dag) {
          dag.schedule.cron = "0 2 * * *";
          dag.start_jitter = hours(12);
        });
        Load({JobOf("a")});
        now_ += hours(2);
        Apply(model::Tick{});
        return;
      case BlockerKind::kRunQueued:
        Change([](model::Dag& dag) { dag.max_active_runs = 1; });
        Load({JobOf("a")});
        Trigger("d", "before");
        Trigger("d", "r");
        return;
      case BlockerKind::kUpstream:
        Start({After(1, JobOf("a")), JobOf("b")});
        return;
      case BlockerKind::kUpstreamDag: {
        model::Job job = JobOf("a");
        job.cross = {{.dag = model::DagId("absent"), .job = model::JobId("x")}};
        Start({job});
        return;
      }
      case BlockerKind::kPastRun: {
        model::Job job = JobOf("a");
        job.depends_on_past = true;
        Load({job});
        for (const char* run : {"before", "r"}) {
          now_ += hours(1);
          Apply(model::TriggerRun{model::DagId("d"), model::RunId(run), now_, {}, "ada"});
        }
        return;
      }
      case BlockerKind::kGroup:
      case BlockerKind::kGroupRetry:
        Change([](model::Dag& dag) { dag.groups = {{.path = "g", .retries = 1}}; });
        Start({After(1, JobOf("a")), InGroup("x"), InGroup("y")});
        Turn(9);
        Finish("d.x");
        if (kind == BlockerKind::kGroupRetry)
          Fail("d.y");
        return;
      case BlockerKind::kRetryDelay: {
        model::Job job = JobOf("a");
        job.retry_delay = minutes(10);
        Start({job});
        Turn(1);
        Fail("d.a");
        return;
      }
      case BlockerKind::kPool:
        Pool(1);
        Start({JobOf("a"), JobOf("b", {.priority_weight = 2})});
        Turn(1);
        return;
      case BlockerKind::kLimit:
        Change([](model::Dag& dag) { dag.limits = {{.by = "dag_id", .tag = "", .max = 1}}; });
        StartBehindAnother();
        return;
      case BlockerKind::kMaxActive:
        Change([](model::Dag& dag) { dag.max_active_tasks = 1; });
        StartBehindAnother();
        return;
      case BlockerKind::kSpendCap:
        project_.spend_rules.prices = {{"m5.xlarge", 5'000'000, 2'000'000, 1'000'000}};
        Change([](model::Dag& dag) {
          dag.spend_cap.per_run = 1'000'000;
          dag.max_active_tasks = 1;
        });
        StartBehindAnother();
        Begin("d.b");
        now_ += hours(2);
        Change([](model::Dag& dag) { dag.max_active_tasks = std::nullopt; });
        LoadDags();
        return;
      case BlockerKind::kHold:
        Start({JobOf("a")});
        Apply(model::PlaceHold{model::HoldScope::kAll, "", "the quota", "ada"});
        return;
      case BlockerKind::kInstances: {
        model::Job job = JobOf("a");
        job.map_over = model::MapOver{.items = {1, 2}, .expression = "", .index_template = ""};
        Start({job});
        return;
      }
      case BlockerKind::kTurn:
        Start({JobOf("a")});
        return;
      case BlockerKind::kLookUp:
        Start({JobOf("a")});
        Turn(1);
        Apply(model::LaunchUncertain{
            work::EmrOf(*engine_).launches.begin()->first, now_, "no reply"});
        return;
      case BlockerKind::kOutputs: {
        model::Job job = JobOf("a");
        std::get<model::EmrWork>(job.work).outputs = "s3://bucket/outputs.json";
        Start({job});
        Turn(1);
        Finish("d.a");
        return;
      }
      case BlockerKind::kOldWork:
        Start({JobOf("a")});
        Turn(1);
        Begin("d.a");
        Apply(model::ClearJobs{{Key().run, {Key()}, "ada", nullptr}, {}, false});
        return;
      case BlockerKind::kTrigger:
      case BlockerKind::kTriggeredRun: {
        Dag("other", {JobOf("x")});
        model::Job job = JobOf("a");
        job.work = model::TriggerWork{.dag = "other", .waits = true};
        Start({job});
        if (kind == BlockerKind::kTriggeredRun)
          Apply(model::TriggersRead{.as_of = engine_->state().last_seq,
                                    .found = {{.attempt = {Key(), 1}, .run = {}, .rows = {}}}});
        return;
      }
    }
  }

  static model::Job After(int upstream, model::Job job) {
    job.upstream = {upstream};
    return job;
  }
  static model::Job InGroup(const std::string& id) {
    model::Job job = JobOf(id);
    job.group = "g";
    job.retries = 0;
    return job;
  }
  void Change(std::function<void(model::Dag&)> change) {
    change_ = std::move(change);
    if (!dags_.empty())
      change_(*dags_.back());
  }
  void Load(std::vector<model::Job> jobs) {
    if (project_.pools.empty())
      Pool(9);
    model::Dag& dag = Dag("d", std::move(jobs));
    if (change_)
      change_(dag);
    LoadDags();
  }
  void Start(std::vector<model::Job> jobs) {
    Load(std::move(jobs));
    Trigger("d", "r");
  }
  void StartBehindAnother() {
    Start({JobOf("a"), JobOf("b", {.priority_weight = 2})});
    Turn(1);
  }
  void Fail(const std::string& name) {
    model::ClusterSeen seen{Begin(name), now_, model::ClusterStatus(), {}, {}};
    seen.status->phase = model::ClusterPhase::kTerminatedWithErrors;
    seen.status->reason_code = "STEP_FAILURE";
    seen.status->ended_at = now_;
    seen.steps = {{"s-1", "s", model::StepState::kFailed, "", {}, {}}};
    Apply(seen);
  }
  model::JobKey Key() const {
    const auto& runs = engine_->state().runs;
    const model::RunKey wanted{model::DagId("d"), model::RunId("r")};
    const auto run = runs.contains(wanted) ? runs.find(wanted) : runs.begin();
    return {run->first, model::JobId("a"), model::LaneId()};
  }

  std::function<void(model::Dag&)> change_;
};

TEST_P(Why, IsTold) {
  Arrange(GetParam());
  std::vector<BlockerKind> told;
  for (const Blocker& blocker : BlockersOf(*engine_, Key())) {
    told.push_back(blocker.kind);
    EXPECT_FALSE(blocker.sentence.empty());
  }
  EXPECT_THAT(told, Contains(GetParam()));
}

std::vector<BlockerKind> AllKinds() {
  std::vector<BlockerKind> all;
  for (int i = 0; !ToString(static_cast<BlockerKind>(i)).empty(); ++i)
    all.push_back(static_cast<BlockerKind>(i));
  return all;
}

INSTANTIATE_TEST_SUITE_P(EachKind, Why, ::testing::ValuesIn(AllKinds()), [](const auto& tested) {
  return std::string(ToString(tested.param));
});

using WhyNot = Why;

TEST_F(WhyNot, AFullPoolNamesWhoIsInFront) {
  Pool(1);
  Load({JobOf("a"), JobOf("b", {.priority_weight = 9})});
  Dag("e",
      {JobOf("p", {.priority_weight = 5}),
       JobOf("q", {.priority_weight = 8}),
       JobOf("s", {.priority_weight = 7}),
       JobOf("t", {.priority_weight = 6})});
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.b"));
  EXPECT_THAT(Blockers("d", "a"), ElementsAre("pool: the pool 'p' is full: 1 of 1 slots are used"));
  Trigger("e", "r");
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("pool: the pool 'p' is full: 1 of 1 slots are used; e/r/q, e/r/s, e/r/t "
                          "and 1 more come before this one"));
  EXPECT_THAT(Blockers("e", "s"),
              ElementsAre("pool: the pool 'p' is full: 1 of 1 slots are used; q comes before this "
                          "one"));
}

TEST_F(WhyNot, APauseByFailuresNamesThem) {
  Change([](model::Dag& dag) { dag.max_consecutive_failed_dag_runs = 2; });
  model::Job job = JobOf("a");
  job.retries = 0;
  Load({job});
  for (const char* run : {"x", "y"}) {
    Trigger("d", run);
    Turn(1);
    Fail(base::Cat("d/", run, ".a"));
  }
  Trigger("d", "r");
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("paused: the DAG is paused, for 2 runs in a row have failed "
                          "(max_consecutive_failed_dag_runs): `signalbox dags list-runs d --state "
                          "failed` lists them, `signalbox dags unpause d` lets it go on"));
  Apply(model::SetPaused{model::DagId("d"), false, "ada"});
  Apply(model::SetPaused{model::DagId("d"), true, "ada"});
  EXPECT_THAT(Blockers("d", "a"),
              Contains("paused: the DAG is paused: `signalbox dags unpause d`"));
}

TEST_F(WhyNot, WaitForDownstreamIsCalledByItsName) {
  model::Job job = JobOf("a");
  job.depends_on_past = job.wait_for_downstream = true;
  Load({job, After(0, JobOf("below"))});
  for (const char* run : {"before", "r"}) {
    now_ += hours(1);
    Apply(model::TriggerRun{model::DagId("d"), model::RunId(run), now_, {}, "ada"});
  }
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("past_run: a of the previous run before has not succeeded "
                          "(depends_on_past): let it end, clear it, or mark it as success",
                          "past_run: below of the previous run before has not succeeded "
                          "(wait_for_downstream): let it end, clear it, or mark it as success"));
}

TEST_F(WhyNot, AMappedJobCountsItsInstances) {
  model::Job job = JobOf("a");
  job.map_over = model::MapOver{.items = {1, 2}, .expression = "", .index_template = ""};
  Start({job});
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("instances: it waits for the ends of its instances: 2 of 2 have not "
                          "ended"));
  model::JobKey first = Key();
  first.index = 0;
  Apply(model::MarkJobs{{first.run, {first}, "ada", nullptr}, model::TaskState::kSuccess});
  EXPECT_THAT(Blockers("d", "a"),
              ElementsAre("instances: it waits for the ends of its instances: 1 of 2 has not "
                          "ended"));
}

}  // namespace
}  // namespace engine
