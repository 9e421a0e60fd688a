#include "work/emr/orphans.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "emr/name.h"
#include "engine/invariants.h"
#include "model/dag_json.h"
#include "work/kinds.h"

namespace work {
namespace {

using model::OrphanClass;
using model::OrphansSeen;

constexpr std::string_view kIncarnation = "0123456789abcdef0123456789abcdef";

class Orphans : public testing::Test {
 protected:
  void SetUp() override {
    options_.reaper.armed = true;
    Start({});
  }
  void Start(model::Snapshot snapshot) {
    snapshot.identity = {"test", std::string(kIncarnation), 1};
    engine_ = engine::Engine::Create({}, zones_, MakeKinds({options_}), snapshot).value();
  }
  engine::Changes Apply(decltype(model::Event::body) body) {
    engine::Changes changes = engine_->Apply({now_, std::move(body)});
    for (const std::string& broken : engine::BrokenInvariants(*engine_))
      ADD_FAILURE() << broken;
    return changes;
  }
  // A stray that EMR has had for an hour.
  OrphansSeen::Stray Stray(int number, OrphanClass kind = OrphanClass::kOrphan) const {
    OrphansSeen::Stray stray;
    stray.cluster = model::ClusterId(base::Cat("j-", 100 + number));
    stray.token = model::LaunchToken(base::Cat("aaaaaaaaaaaaaaaaa", 100 + number));
    stray.name = base::Cat("sbx-test-",
                           kind == OrphanClass::kForeign ? "ffffff" : "012345",
                           "-",
                           stray.token.str(),
                           " d r j try 1");
    stray.kind = kind;
    stray.phase = model::ClusterPhase::kRunning;
    stray.created_at = begin_ - base::hours(1);
    return stray;
  }
  std::vector<OrphansSeen::Stray> Strays(int count) const {
    std::vector<OrphansSeen::Stray> strays;
    for (int i = 0; i < count; ++i)
      strays.push_back(Stray(i));
    return strays;
  }
  // A pass now, over a database that has launched for a year, beside enough claimed clusters.
  OrphansSeen Pass(std::vector<OrphansSeen::Stray> strays) const {
    OrphansSeen pass;
    pass.ours = 100 + static_cast<int>(strays.size());
    pass.strays = std::move(strays);
    pass.first_launch_at = begin_ - base::hours(24 * 365);
    pass.began_at = now_;
    return pass;
  }
  // Passes until everything that was there at the first is past its grace.
  void PassTwice(const std::vector<OrphansSeen::Stray>& strays) {
    Apply(Pass(strays));
    now_ += options_.reaper.grace;
    Apply(Pass(strays));
  }
  int Kills() const {
    int kills = 0;
    for (const auto& [id, cluster] : EmrOf(*engine_).clusters)
      kills += cluster.terminate_requested_at ? 1 : 0;
    return kills;
  }
  bool IsKilled(const OrphansSeen::Stray& stray) const {
    return EmrOf(*engine_).clusters.at(stray.cluster).terminate_requested_at.has_value();
  }
  std::string Fate(const OrphansSeen::Stray& stray) const {
    for (const OrphanView& view : ListOrphans(EmrOf(*engine_))) {
      if (view.row.id == stray.cluster)
        return view.fate;
    }
    return "not listed";
  }

  EmrOptions options_;
  schedule::ZoneSet zones_;
  std::unique_ptr<engine::Engine> engine_;
  const base::Time begin_ = base::ParseTime("2026-01-05T00:00:00Z").value();
  base::Time now_ = begin_;
};

TEST_F(Orphans, I1_AnOrphanIsRecordedListedAndKilledAfterItsGrace) {
  const auto stray = Stray(1);
  engine::Changes changes = Apply(Pass({stray}));
  EXPECT_FALSE(changes.rows.empty());
  EXPECT_EQ(Fate(stray), "kept until 2026-01-05T00:15:00Z: reaper.grace");
  now_ += options_.reaper.grace - base::seconds(1);
  EXPECT_TRUE(Apply(Pass({stray})).rows.empty());
  now_ += base::seconds(1);
  Apply(Pass({stray}));
  EXPECT_TRUE(IsKilled(stray));
  EXPECT_EQ(engine_->state().commands.size(), 1u);
  EXPECT_EQ(EmrOf(*engine_).counters.orphans_killed, 1);
  EXPECT_NE(Fate(stray).find("is being terminated"), std::string::npos);
}

TEST_F(Orphans, I16_TheGraceAlsoCountsFromItsCreation) {
  auto stray = Stray(1);
  stray.created_at = begin_ + base::minutes(1);
  PassTwice({stray});
  EXPECT_FALSE(IsKilled(stray));
  now_ += base::minutes(1);
  Apply(Pass({stray}));
  EXPECT_TRUE(IsKilled(stray));
}

TEST_F(Orphans, I16_AfterARestartTheGraceBeginsAnew) {
  const auto stray = Stray(1);
  Apply(Pass({stray}));
  model::Snapshot snapshot;
  snapshot.clusters = {EmrOf(*engine_).clusters.at(stray.cluster)};
  snapshot.last_seq = engine_->state().last_seq;
  Start(snapshot);
  EXPECT_EQ(Fate(stray), "kept: it was not seen yet since the start");
  now_ += base::hours(2);
  Apply(Pass({stray}));
  EXPECT_FALSE(IsKilled(stray));
  now_ += options_.reaper.grace;
  Apply(Pass({stray}));
  EXPECT_TRUE(IsKilled(stray));
}

TEST_F(Orphans, I16_WhatAPassDoesNotShowAliveIsNotKilled) {
  const auto stray = Stray(1);
  Apply(Pass({stray}));
  now_ += base::hours(1);
  Apply(Pass({}));
  EXPECT_FALSE(IsKilled(stray));
  auto ending = stray;
  ending.phase = model::ClusterPhase::kTerminating;
  model::ClusterStatus status;
  status.phase = model::ClusterPhase::kTerminating;
  Apply(model::ClusterSeen{stray.cluster, now_, status, {}, {}});
  Apply(Pass({ending}));
  EXPECT_FALSE(IsKilled(stray));
}

TEST_F(Orphans, F4_UnarmedNothingIsKilledAndTheListSaysWhatWouldBe) {
  options_.reaper.armed = false;
  Start({});
  const auto stray = Stray(1);
  PassTwice({stray});
  EXPECT_EQ(Kills(), 0);
  EXPECT_EQ(Fate(stray), "kept: it would be killed if reaper.armed were true");
}

TEST_F(Orphans, I16_OnlyAFewAreKilledInAPassTheOldestFirst) {
  options_.reaper.max_per_pass = 2;
  Start({});
  auto strays = Strays(5);
  strays[3].created_at = begin_ - base::hours(3);
  strays[4].created_at = begin_ - base::hours(2);
  PassTwice(strays);
  EXPECT_EQ(Kills(), 2);
  EXPECT_TRUE(IsKilled(strays[3]) && IsKilled(strays[4]));
  EXPECT_EQ(Fate(strays[0]), "kept until a later pass: reaper.max_per_pass is 2");
  Apply(Pass(strays));
  EXPECT_EQ(Kills(), 4);
}

TEST_F(Orphans, I16_WhereTooManyLookUnclaimedNoneIsKilled) {
  const auto strays = Strays(6);
  for (int claimed : {5, 6}) {
    Start({});
    OrphansSeen pass = Pass(strays);
    pass.ours = 6 + claimed;
    Apply(pass);
    now_ += options_.reaper.grace;
    pass.began_at = now_;
    Apply(pass);
    EXPECT_EQ(Kills(), claimed == 5 ? 0 : 5) << claimed;
    EXPECT_EQ(EmrOf(*engine_).reaper_refusal.empty(), claimed == 6);
  }
  EXPECT_EQ(EmrOf(*engine_).counters.reaper_refusals, 0);
}

TEST_F(Orphans, I16_TheYoungOnesCountInTheRatioToo) {
  auto strays = Strays(6);
  for (size_t i = 1; i < strays.size(); ++i)
    strays[i].created_at = begin_ + base::minutes(10);
  OrphansSeen pass = Pass(strays);
  pass.ours = 11;
  Apply(pass);
  now_ = pass.began_at = begin_ + options_.reaper.grace;
  Apply(pass);
  EXPECT_EQ(Kills(), 0);
  EXPECT_EQ(EmrOf(*engine_).counters.reaper_refusals, 2);
  EXPECT_NE(Fate(strays[0]).find("6 of 11 live clusters look unclaimed"), std::string::npos);
}

TEST_F(Orphans, AFewMayBeAllThatLives) {
  OrphansSeen pass = Pass(Strays(2));
  pass.ours = 2;
  Apply(pass);
  now_ += options_.reaper.grace;
  pass.began_at = now_;
  Apply(pass);
  EXPECT_EQ(Kills(), 2);
}

TEST_F(Orphans, T8_ADatabaseWithoutLaunchesKillsNothing) {
  OrphansSeen pass = Pass({Stray(1)});
  pass.first_launch_at = std::nullopt;
  Apply(pass);
  now_ += base::hours(5);
  pass.began_at = now_;
  Apply(pass);
  EXPECT_EQ(Kills(), 0);
  EXPECT_NE(EmrOf(*engine_).reaper_refusal.find("has recorded no launch"), std::string::npos);
}

TEST_F(Orphans, T8_AClusterOlderThanTheDatabaseIsKept) {
  const auto stray = Stray(1);
  OrphansSeen pass = Pass({stray});
  pass.first_launch_at = *stray.created_at + base::seconds(1);
  Apply(pass);
  now_ += base::hours(5);
  pass.began_at = now_;
  Apply(pass);
  EXPECT_EQ(Kills(), 0);
  EXPECT_NE(Fate(stray).find("older than the first launch"), std::string::npos);
}

TEST_F(Orphans, I16_AForeignIncarnationIsListedAndOnlyAPersonKillsIt) {
  const auto stray = Stray(1, OrphanClass::kForeign);
  PassTwice({stray});
  now_ += base::hours(24);
  Apply(Pass({stray}));
  EXPECT_EQ(Kills(), 0);
  EXPECT_NE(Fate(stray).find("only a person kills it"), std::string::npos);
  engine::Changes changes = Apply(model::TerminateCluster{stray.cluster, "ada"});
  EXPECT_TRUE(changes.outcome);
  EXPECT_TRUE(IsKilled(stray));
  EXPECT_EQ(Fate(stray), "is being terminated: terminated by ada");
}

TEST_F(Orphans, L11_ADuplicateOfALaunchThatIsOverIsKilledAtOnceArmedOrNot) {
  options_.reaper.armed = false;
  Start({});
  const auto stray = Stray(1, OrphanClass::kDuplicate);
  Apply(Pass({stray}));
  EXPECT_TRUE(IsKilled(stray));
  EXPECT_EQ(EmrOf(*engine_).counters.unwanted_clusters, 1);
}

TEST_F(Orphans, AnOrphanThatEndsLeavesTheListAndMemory) {
  const auto stray = Stray(1);
  PassTwice({stray});
  model::ClusterStatus status;
  status.phase = model::ClusterPhase::kTerminated;
  Apply(model::ClusterSeen{stray.cluster, now_, status, std::vector<model::StepView>(), {}});
  EXPECT_TRUE(EmrOf(*engine_).orphans.empty());
  EXPECT_TRUE(EmrOf(*engine_).clusters.empty());
  EXPECT_TRUE(engine_->state().commands.empty());
}

TEST_F(Orphans, AnOrphanThatEmrForgetsLeavesTheListToo) {
  const auto stray = Stray(1);
  Apply(Pass({stray}));
  Apply(model::ClusterGone{stray.cluster, now_});
  EXPECT_EQ(EmrOf(*engine_).orphans.size(), 1u);  // it may come back
  Apply(model::ClusterGone{stray.cluster, now_ + EmrOptions().list_lag_max});
  EXPECT_TRUE(EmrOf(*engine_).orphans.empty());
  EXPECT_TRUE(EmrOf(*engine_).clusters.empty());
}

// With a job whose launch is under way, or has made its cluster.
class OrphansBesideAJob : public Orphans {
 protected:
  void SetUp() override {
    Orphans::SetUp();
    model::Dag dag;
    dag.id = model::DagId("d");
    dag.is_paused_upon_creation = false;
    model::Job job;
    job.id = model::JobId("a");
    job.work.emplace<model::EmrWork>().request =
        base::ParseJson(R"({"Instances": {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1}})")
            ->as_object();
    dag.jobs = {job};
    dag.version = model::ComputeVersion(dag);
    Apply(model::ProjectLoaded{{std::make_shared<model::Dag>(dag)}, {}});
    Apply(model::TriggerRun{model::DagId("d"), model::RunId("r"), {}, {}, "ada"});
    Apply(model::Turns{1});
    token_ = EmrOf(*engine_).launches.begin()->first;
  }
  OrphansSeen::Stray OfLaunch(OrphanClass kind) const {
    OrphansSeen::Stray stray = Stray(1, kind);
    stray.token = token_;
    return stray;
  }
  model::LaunchToken token_;
};

TEST_F(OrphansBesideAJob, I16_AClusterWhoseLaunchIsNotSettledIsNoOrphan) {
  for (OrphanClass kind : {OrphanClass::kOrphan, OrphanClass::kDuplicate}) {
    PassTwice({OfLaunch(kind)});
    EXPECT_TRUE(EmrOf(*engine_).orphans.empty());
    EXPECT_EQ(Kills(), 0);
  }
}

TEST_F(OrphansBesideAJob, I16_ALiveAttemptsClusterIsNeverKilledWhateverAPassSaysOfIt) {
  auto stray = OfLaunch(OrphanClass::kOrphan);
  Apply(model::LaunchAccepted{token_, stray.cluster, now_});
  for (OrphanClass kind : {OrphanClass::kOrphan, OrphanClass::kDuplicate, OrphanClass::kForeign}) {
    stray.kind = kind;
    PassTwice({stray});
    EXPECT_TRUE(EmrOf(*engine_).orphans.empty());
    EXPECT_EQ(Kills(), 0);
  }
}

// The database lost the launch, listed its cluster as an orphan, and then made the same token
// again.
TEST_F(OrphansBesideAJob, D3_AnOrphanWhoseTokenIsLaunchedAgainBecomesADuplicate) {
  auto twin = OfLaunch(OrphanClass::kOrphan);
  Apply(model::LaunchAccepted{token_, model::ClusterId("j-mine"), now_});
  Apply(Pass({twin}));
  EXPECT_TRUE(IsKilled(twin));
  EXPECT_EQ(Kills(), 1);
}

}  // namespace
}  // namespace work
