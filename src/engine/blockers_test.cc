#include "engine/blockers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/engine.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// first → second → third in the DAG d, and a lone job beside them; one slot in the pool.
class BlockersTest : public testing::Test {
 protected:
  BlockersTest() {
    model::Snapshot empty;
    empty.identity = {"test", "0123456789abcdef0123456789abcdef", 1};
    engine_ = Engine::Create({}, zones_, work::MakeKinds({}), empty).value();
    for (const char* name : {"first", "second", "third", "lone"}) {
      model::Job job;
      job.id = model::JobId(name);
      job.pool = model::PoolId("small");
      job.retries = 1;
      job.work = model::EmrWork{
          .request = json::object{
              {"ReleaseLabel", "emr-7.8.0"},
              {"Instances",
               json::object{{"MasterInstanceType", "m5.xlarge"}, {"InstanceCount", 1}}}}};
      if (job.id.str() == "second" || job.id.str() == "third")
        job.upstream = {static_cast<int>(dag_.jobs.size()) - 1};
      dag_.jobs.push_back(job);
    }
    dag_.id = model::DagId("d");
    dag_.is_paused_upon_creation = false;
    dag_.max_active_runs = 1;
    dag_.version = model::ComputeVersion(dag_);
    Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(dag_)},
                               {{model::PoolId("small"), 1, ""}}});
    Trigger("r");
  }

  void Apply(decltype(model::Event::body) body) { engine_->Apply({now_, std::move(body)}); }
  void Trigger(const std::string& run) {
    Apply(model::TriggerRun{dag_.id, model::RunId(run), {}, {}, "ada"});
  }
  model::JobKey Job(const std::string& job, const std::string& run = "r") const {
    return {{dag_.id, model::RunId(run)}, model::JobId(job), model::LaneId()};
  }
  model::LaunchToken LaunchOf(const std::string& job) const {
    for (const auto& [token, launch] : work::EmrOf(*engine_).launches) {
      if (launch.attempt.job == Job(job))
        return token;
    }
    return {};
  }
  // "kind: sentence" of each.
  std::vector<std::string> Blockers(const std::string& job, const std::string& run = "r") const {
    std::vector<std::string> lines;
    for (const Blocker& blocker : BlockersOf(*engine_, Job(job, run)))
      lines.push_back(base::Cat(ToString(blocker.kind), ": ", blocker.sentence));
    return lines;
  }

  schedule::ZoneSet zones_;
  std::unique_ptr<Engine> engine_;
  model::Dag dag_;
  base::Time now_ = base::ParseTime("2026-01-05T00:00:00Z").value();
};

TEST_F(BlockersTest, NameOnlyWhatIsMissing) {
  EXPECT_THAT(Blockers("first"),
              ElementsAre("launch_turn: it waits for its turn: EMR's quota of RunJobFlow calls"));
  EXPECT_THAT(Blockers("second"), ElementsAre("upstream: it waits for first"));
  EXPECT_THAT(Blockers("third"), ElementsAre("upstream: it waits for second"));
  Apply(model::MarkJobs{{Job("first").run, {Job("first")}, "ada", nullptr},
                        model::TaskState::kSuccess});
  EXPECT_THAT(Blockers("first"), IsEmpty());
  EXPECT_THAT(Blockers("second"),
              ElementsAre("launch_turn: it waits for its turn: EMR's quota of RunJobFlow calls"));
}

TEST_F(BlockersTest, NameAFullPool) {
  Apply(model::Turns{5});
  EXPECT_THAT(Blockers("first"), IsEmpty()) << "it is being launched";
  EXPECT_THAT(Blockers("lone"),
              ElementsAre("pool: the pool 'small' is full: 1 of 1 slots are used"));
}

TEST_F(BlockersTest, NameALaunchOfWhichNothingIsKnown) {
  Apply(model::Turns{1});
  Apply(model::LaunchUncertain{LaunchOf("first"), now_, "no reply"});
  EXPECT_THAT(Blockers("first"),
              ElementsAre("look_up: EMR's reply to its launch was lost: its clusters are listed"));
}

TEST_F(BlockersTest, NameThePauseAndTheWayOut) {
  const std::string pause = "paused: the DAG is paused: `signalbox dags unpause d`";
  Apply(model::SetPaused{dag_.id, true, "ada"});
  EXPECT_THAT(Blockers("first"), ElementsAre(pause));
  EXPECT_THAT(Blockers("second"), ElementsAre(pause, "upstream: it waits for first"));
}

TEST_F(BlockersTest, NameAHoldWithItsReasonAndWho) {
  const std::string hold =
      "hold: ada holds the launches of the pool 'small' since 2026-01-05T00:00:00Z (the quota): "
      "`signalbox holds release 1`";
  Apply(model::PlaceHold{model::HoldScope::kPool, "small", "the quota", "ada"});
  EXPECT_THAT(Blockers("first"), ElementsAre(hold));
  EXPECT_THAT(Blockers("second"), ElementsAre("upstream: it waits for first"));
  Apply(model::ReleaseHold{1, "bob"});
  EXPECT_THAT(Blockers("first"),
              ElementsAre("launch_turn: it waits for its turn: EMR's quota of RunJobFlow calls"));
}

TEST_F(BlockersTest, NameTheRunsThatAreActive) {
  Trigger("r2");
  EXPECT_THAT(Blockers("first", "r2"),
              ElementsAre("run_queued: the run is queued: 1 of max_active_runs 1 runs are active"));
  EXPECT_THAT(Blockers("first", "none"), IsEmpty());
}

TEST_F(BlockersTest, NameTheDelayAndTheOldCluster) {
  Apply(model::Turns{1});
  Apply(model::LaunchAccepted{LaunchOf("first"), model::ClusterId("j-1"), now_});
  Apply(model::ClearJobs{{Job("first").run, {Job("first")}, "ada", nullptr}, {}, false});
  EXPECT_THAT(Blockers("first"),
              ElementsAre("old_cluster: it waits for the end of its old cluster j-1"));
}

}  // namespace
}  // namespace engine
