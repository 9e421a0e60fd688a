#include "work/emr/launches.h"

#include "engine/test_capacity.h"
#include "work/emr/orphans.h"

namespace work {
namespace {

using engine::JobOf;
using ::testing::ElementsAre;

const model::RunKey kRun{model::DagId("d"), model::RunId("r")};

class Launches : public engine::CapacityTest {
 protected:
  model::LaunchToken TokenOf(const std::string& name) const {
    for (const auto& [token, launch] : EmrOf(*engine_).launches) {
      if (NameOf(launch.attempt.job) == name)
        return token;
    }
    ADD_FAILURE() << name << " has no launch";
    return {};
  }
  // Its reply is lost, and two looks at EMR's list do not find a cluster.
  void GiveUp(const model::LaunchToken& token) {
    Apply(model::LaunchUncertain{token, now_, "no reply"});
    for (int look = 0; look < 2; ++look) {
      now_ += base::hours(1);
      Apply(model::LaunchesLookedUp{{token}, {}, now_});
    }
    ASSERT_EQ(EmrOf(*engine_).launches.at(token).state, model::LaunchState::kNotFound);
  }
};

// EMR accepts a launch after all that it is believed to take, and a person has given the run a
// version without the job meanwhile. The run ends; the cluster is watched until it has.
TEST_F(Launches, AClusterWhoseJobIsGoneIsWatchedUntilItHasEnded) {
  Pool(9);
  model::Dag& dag = Dag("d", {JobOf("a"), JobOf("b")});
  LoadDags();
  Trigger("d", "r");
  EXPECT_THAT(Turn(1), ElementsAre("d.a"));
  const model::LaunchToken token = TokenOf("d.a");
  GiveUp(token);
  Apply(model::MarkRun{{kRun, {}, "ada", nullptr}, model::RunState::kFailed});
  dag.jobs = {JobOf("b")};
  LoadDags();
  model::ClearJobs clear;
  clear.run = kRun;
  clear.by = "ada";
  clear.on_latest_version = true;
  clear.rows = std::make_shared<const model::Snapshot>(*store::ReadRun(rows_.reader(), kRun));
  Apply(clear);
  EXPECT_THAT(Turn(9), ElementsAre("d.b"));
  const model::ClusterId late("j-late");
  Apply(model::LaunchAccepted{token, late, now_});
  Finish("d.b");
  ASSERT_FALSE(engine_->state().runs.contains(kRun));
  const auto is_watched = [&] {
    const auto orphans = ListOrphans(EmrOf(*engine_));
    return orphans.size() == 1 && orphans[0].row.id == late &&
           orphans[0].row.terminate_requested_at.has_value();
  };
  EXPECT_TRUE(is_watched());
  Start();
  EXPECT_TRUE(is_watched());
  End(late);
  EXPECT_TRUE(ListOrphans(EmrOf(*engine_)).empty());
}

}  // namespace
}  // namespace work
