// The reaper over whole accounts, in virtual time: orphans are found and ended, and nothing else
// is, whatever became of our database.

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

#include "account.h"
#include "base/text.h"
#include "emr/name.h"
#include "engine/invariants.h"
#include "model/dag_json.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "work/emr/orphans.h"

namespace sim {
namespace {

constexpr char kIncarnation[] = "0123456789abcdef0123456789abcdef";
constexpr char kOther[] = "ffffffffffffffffffffffffffffffff";
const base::Time kStart = base::ParseTime("2026-01-05T00:00:00Z").value();

driver::Options Armed() {
  driver::Options options;
  options.emr.reaper.armed = true;
  return options;
}

std::shared_ptr<const model::Dag> OneJob() {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId("d");
  dag->is_paused_upon_creation = false;
  model::Job job;
  job.id = model::JobId("a");
  auto& work = job.work.emplace<model::EmrWork>();
  work.request = base::ParseJson(R"({
      "ReleaseLabel": "emr-7.8.0", "ServiceRole": "r", "JobFlowRole": "p",
      "Instances": {"InstanceFleets": [
        {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
         "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]},
      "Steps": [{"Name": "work", "ActionOnFailure": "TERMINATE_CLUSTER",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["true"]}}]})")
                     ->as_object();
  dag->jobs = {job};
  dag->version = model::ComputeVersion(*dag);
  return dag;
}

emulator::Options LongSteps() {
  emulator::Options options;
  options.plan.timing.step = base::hours(10);
  return options;
}

simulation::Project JustOneJob() {
  return {{OneJob()}, {}};
}

std::set<std::string> Listed(Account& account) {
  std::set<std::string> ids;
  for (const work::OrphanView& view : work::ListOrphans(account.driver().emr()))
    ids.insert(view.row.id.str());
  for (const std::string& broken : engine::BrokenInvariants(account.driver().engine()))
    ADD_FAILURE() << broken;
  return ids;
}

class ReaperTest : public testing::Test {
 protected:
  store::MemoryStore store_{{"sim", kIncarnation, 0}};
};

TEST_F(ReaperTest, I1_I16_TheOrphanIsEndedAndNobodyElses) {
  RecordPastLaunch(store_, kStart - base::hours(24));
  Account account(kStart, {});
  const auto orphan = account.Launch(NameOf("sim", kIncarnation, 1));
  const auto foreign = account.Launch(NameOf("sim", kOther, 1));
  const auto elsewhere = account.Launch(NameOf("prod", kIncarnation, 1));
  const auto person = account.Launch("ada's notebook");
  const auto nearly = account.Launch("sbx-sim-012345-short d r a try 1");
  account.Start(store_, Armed());
  account.RunFor(base::hours(2));
  EXPECT_FALSE(account.Lives(orphan));
  ASSERT_TRUE(account.KilledAt(orphan));
  EXPECT_LE(*account.KilledAt(orphan), kStart + base::minutes(15) + base::minutes(5));
  for (const auto& cluster : {foreign, elsewhere, person, nearly}) {
    EXPECT_TRUE(account.Lives(cluster)) << account.Truth(cluster).name;
    EXPECT_FALSE(account.KilledAt(cluster));
  }
  EXPECT_EQ(Listed(account), std::set{foreign.str()});
  // What has ended stays to be seen.
  EXPECT_EQ(store_.reader().Cluster(orphan)->phase, model::ClusterPhase::kTerminated);
}

TEST_F(ReaperTest, F4_UnarmedItOnlyListsUntilAPersonNamesOne) {
  RecordPastLaunch(store_, kStart - base::hours(24));
  Account account(kStart, {});
  const auto orphan = account.Launch(NameOf("sim", kIncarnation, 1));
  const auto foreign = account.Launch(NameOf("sim", kOther, 1));
  account.Start(store_, {});
  account.RunFor(base::hours(5));
  EXPECT_EQ(account.Count("TerminateJobFlows"), 0);
  EXPECT_EQ(Listed(account), (std::set{orphan.str(), foreign.str()}));
  for (const auto& cluster : {orphan, foreign})
    account.driver().Post(model::TerminateCluster{cluster, "ada"});
  account.RunFor(base::minutes(30));
  EXPECT_FALSE(account.Lives(orphan));
  EXPECT_FALSE(account.Lives(foreign));
  EXPECT_TRUE(Listed(account).empty());
}

TEST_F(ReaperTest, I16_AnOrphanThatLooksDeadToNobodyIsWatchedAtNoGreatCost) {
  Account account(kStart, {});
  account.Launch(NameOf("sim", kOther, 1));
  account.Start(store_, {});
  account.RunFor(base::hours(10));
  EXPECT_LE(account.Count("DescribeCluster"), 5);
  EXPECT_LE(account.Count("ListInstanceFleets"), 1);
}

TEST_F(ReaperTest, I16_APassThatWasNotReadWholeDecidesNothing) {
  RecordPastLaunch(store_, kStart - base::hours(24));
  emulator::Options emr;
  emr.plan.quotas = false;
  emulator::Fault refuse;
  refuse.kind = emulator::FaultKind::kThrottle;
  refuse.action = "ListClusters";
  refuse.nth = 2;  // the second page of the first pass, and then for a while every page
  refuse.count = 50;
  emr.plan.faults = {refuse};
  Account account(kStart, emr);
  const auto orphan = account.Launch(NameOf("sim", kIncarnation, 1));
  for (int i = 0; i < 60; ++i)
    account.Launch("ada's notebook");
  account.Start(store_, Armed());
  account.RunFor(base::minutes(20));
  EXPECT_TRUE(Listed(account).empty());
  account.RunFor(base::hours(2));
  EXPECT_FALSE(account.Lives(orphan));
}

// An empty database, and one that was restored empty under the same incarnation.
TEST_F(ReaperTest, T8_AgainstFiveHundredClustersAnEmptyDatabaseKillsNone) {
  for (const char* incarnation : {kOther, kIncarnation}) {
    store::MemoryStore empty({"sim", kIncarnation, 0});
    emulator::Options emr;
    emr.plan.quotas = false;  // of those who launched them
    Account account(kStart, emr);
    for (int i = 0; i < 500; ++i)
      account.Launch(NameOf("sim", incarnation, i));
    account.Start(empty, Armed());
    account.RunFor(base::hours(3));
    EXPECT_EQ(account.Count("TerminateJobFlows"), 0);
    EXPECT_EQ(Listed(account).size(), 500u);
    EXPECT_EQ(account.driver().emr().reaper_refusal.empty(), incarnation == kOther);
  }
}

TEST_F(ReaperTest, T8_AnOldDatabaseAgainstFiveHundredClustersKillsNone) {
  RecordPastLaunch(store_, kStart - base::hours(24));
  emulator::Options emr;
  emr.plan.quotas = false;
  Account account(kStart, emr);
  for (int i = 0; i < 500; ++i)
    account.Launch(NameOf("sim", kIncarnation, i));
  account.Start(store_, Armed());
  account.RunFor(base::hours(3));
  EXPECT_EQ(account.Count("TerminateJobFlows"), 0);
  EXPECT_GT(account.driver().emr().counters.reaper_refusals, 50);
}

TEST_F(ReaperTest, I16_AfterEachRestartTheGraceBeginsAnew) {
  RecordPastLaunch(store_, kStart - base::hours(24));
  Account account(kStart, {});
  const auto orphan = account.Launch(NameOf("sim", kIncarnation, 1));
  for (int life = 0; life < 6; ++life) {
    account.Start(store_, Armed());
    account.RunFor(base::minutes(14));
    EXPECT_EQ(Listed(account), std::set{orphan.str()});
    account.Stop();
  }
  EXPECT_EQ(account.Count("TerminateJobFlows"), 0);
}

// EMR takes the request up hours later, when its run has ended and left memory.
TEST_F(ReaperTest, L4_L11_AClusterThatComesAfterItsRunHasEndedIsKilledAtOnce) {
  emulator::Options emr;
  emulator::Fault late;
  late.kind = emulator::FaultKind::kAcceptLate;
  late.action = "RunJobFlow";
  late.nth = 1;
  late.span = base::hours(4);
  emr.plan.faults = {late};
  Account account(kStart, emr);
  account.Start(store_, {}, JustOneJob());  // unarmed: its launch is known
  account.Trigger("d", "r");
  account.RunFor(base::hours(3));
  ASSERT_TRUE(account.driver().state().runs.empty());
  ASSERT_EQ(account.emr().Clusters().size(), 1u);
  account.RunFor(base::minutes(65));
  const auto clusters = account.emr().Clusters();
  ASSERT_EQ(clusters.size(), 2u);
  const model::ClusterId duplicate(clusters[1].id);
  ASSERT_TRUE(account.KilledAt(duplicate));
  EXPECT_LE(*account.KilledAt(duplicate), clusters[1].created_at + base::minutes(3));
  account.RunFor(base::minutes(15));
  EXPECT_FALSE(account.Lives(duplicate));
  EXPECT_FALSE(account.Truth(duplicate).RanSteps());
}

// The same, and its run is deleted meanwhile: the launch is known still.
TEST_F(ReaperTest, L4_L11_AClusterThatComesAfterItsRunWasDeletedIsKilledAtOnce) {
  emulator::Options emr;
  emulator::Fault late;
  late.kind = emulator::FaultKind::kAcceptLate;
  late.action = "RunJobFlow";
  late.nth = 1;
  late.span = base::hours(4);
  emr.plan.faults = {late};
  Account account(kStart, emr);
  account.Start(store_, {}, JustOneJob());
  account.Trigger("d", "r");
  account.RunFor(base::hours(3));
  model::DeleteRun asked;
  asked.run = {model::DagId("d"), model::RunId("r")};
  asked.by = "ada";
  asked.rows =
      std::make_shared<const model::Snapshot>(store::ReadRun(store_.reader(), asked.run).value());
  account.driver().Post(asked);
  account.RunFor(base::minutes(1));
  ASSERT_FALSE(store_.reader().Run(asked.run).has_value());
  account.Trigger("d", "r");  // another one, whose cluster has the same name but for its token
  account.RunFor(base::minutes(64));
  const auto clusters = account.emr().Clusters();
  ASSERT_EQ(clusters.size(), 3u);
  const model::ClusterId duplicate(clusters[2].id);
  ASSERT_TRUE(account.KilledAt(duplicate));
  EXPECT_LE(*account.KilledAt(duplicate), clusters[2].created_at + base::minutes(3));
  account.RunFor(base::minutes(15));
  EXPECT_FALSE(account.Lives(duplicate));
  EXPECT_FALSE(account.Truth(duplicate).RanSteps());
  EXPECT_TRUE(account.Truth(model::ClusterId(clusters[1].id)).RanSteps());
}

// It was given up as LOST, and its run is deleted: who comes back is killed all the same.
TEST_F(ReaperTest, I1_ALostClusterOfADeletedRunThatComesBackIsKilled) {
  Account account(kStart, LongSteps());
  const std::string name = NameOf("sim", kIncarnation, 1);
  const model::ClusterId id = account.Launch(name);
  const model::JobKey job{{model::DagId("d"), model::RunId("r")}, model::JobId("a"), {}};
  const auto epoch = store_.Load(kStart).value().identity.epoch;
  model::RunRow run;
  run.key = job.run;
  run.state = model::RunState::kFailed;
  model::LaunchRow launch;
  launch.token = emr::ParseClusterName(name)->token;
  launch.attempt = {job, 1};
  launch.state = model::LaunchState::kAccepted;
  launch.cluster = id;
  launch.created_at = kStart - base::hours(2);
  model::ClusterRow cluster;
  cluster.id = id;
  cluster.token = launch.token;
  cluster.attempt = launch.attempt;
  cluster.name = name;
  cluster.phase = model::ClusterPhase::kLost;
  cluster.judged = true;
  const model::Deleted deleted{1, job.run.dag, job.run.run};
  ASSERT_EQ(store_.Commit({run, launch, cluster, deleted}, epoch).reason, "");
  account.Start(store_, {});
  account.RunFor(base::hours(1));
  EXPECT_TRUE(account.KilledAt(id));
  EXPECT_FALSE(account.Lives(id));
}

// The database loses its last commits: a copy from before the second run is put back.
class LostCommits : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(dir_); }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<store::Store> Open() {
    return store::OpenSqlite({.path = dir_ + "/db", .deployment = "sim"}).value();
  }
  // Leaves the first run's cluster recorded, the second one's lost.
  void LoseTheSecondRun(Account& account, const driver::Options& options) {
    auto store = Open();
    account.Start(*store, options, JustOneJob());
    account.Trigger("d", "first");
    account.RunFor(base::minutes(20));
    account.Stop();
    store.reset();
    std::filesystem::copy_file(dir_ + "/db", dir_ + "/copy");
    store = Open();
    account.Start(*store, options, JustOneJob());
    account.Trigger("d", "second");
    account.RunFor(base::minutes(20));
    account.Stop();
    store.reset();
    std::filesystem::rename(dir_ + "/copy", dir_ + "/db");
    std::filesystem::remove(dir_ + "/db-wal");
    std::filesystem::remove(dir_ + "/db-shm");
    const auto clusters = account.emr().Clusters();
    ASSERT_EQ(clusters.size(), 2u);
    first_ = model::ClusterId(clusters[0].id);
    second_ = model::ClusterId(clusters[1].id);
  }

  const std::string dir_ = base::Cat(testing::TempDir(), "signalbox_lost_commits_", getpid());
  model::ClusterId first_, second_;
};

TEST_F(LostCommits, D3_TheClusterOfALostLaunchIsAnOrphanAndTheOtherGoesOn) {
  Account account(kStart, LongSteps());
  LoseTheSecondRun(account, Armed());
  auto store = Open();
  account.Start(*store, Armed(), JustOneJob());
  account.RunFor(base::minutes(10));
  EXPECT_EQ(Listed(account), std::set{second_.str()});
  EXPECT_FALSE(account.KilledAt(second_));
  account.RunFor(base::minutes(20));
  EXPECT_FALSE(account.Lives(second_));
  EXPECT_TRUE(account.Lives(first_));
  account.RunFor(base::hours(12));
  EXPECT_FALSE(account.KilledAt(first_));
  EXPECT_EQ(store->reader().Run({model::DagId("d"), model::RunId("first")})->state,
            model::RunState::kSuccess);
  account.Stop();
}

// The lost run is asked for again, before or after its cluster was listed as an orphan: it gets the
// same token, and one cluster of the two stays, the one that the run goes on with.
TEST_F(LostCommits, D3_L11_OfTwoClustersWithOneNameOneIsKilled) {
  for (base::Duration delay : {base::minutes(0), base::minutes(5)}) {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
    Account account(kStart, LongSteps());
    LoseTheSecondRun(account, {});
    auto store = Open();
    account.Start(*store, {}, JustOneJob());
    account.RunFor(delay);
    account.Trigger("d", "second");
    account.RunFor(base::minutes(20));
    const auto clusters = account.emr().Clusters();
    ASSERT_EQ(clusters.size(), 3u);
    EXPECT_EQ(clusters[1].name, clusters[2].name);
    const auto launches = store->reader().Launches({model::DagId("d"), model::RunId("second")});
    ASSERT_EQ(launches->size(), 1u);
    for (const auto& cluster : {clusters[1], clusters[2]})
      EXPECT_EQ(cluster.Live(), cluster.id == launches->front().cluster.str()) << cluster.id;
    EXPECT_TRUE(account.Lives(first_));
    account.Stop();
  }
}

// The lost run is asked for again when its cluster has long ended: a list still shows it.
TEST_F(LostCommits, D3_I5_AnOrphanThatHasEndedIsNotTakenForALaunchOfItsToken) {
  Account account(kStart, LongSteps());
  LoseTheSecondRun(account, Armed());
  auto store = Open();
  account.Start(*store, Armed(), JustOneJob());
  account.RunFor(base::minutes(40));
  ASSERT_FALSE(account.Lives(second_));
  const int kills = account.Count("TerminateJobFlows");
  account.Trigger("d", "second");
  account.RunFor(base::minutes(10));
  EXPECT_EQ(store->reader().Cluster(second_)->phase, model::ClusterPhase::kTerminated);
  EXPECT_EQ(account.Count("TerminateJobFlows"), kills);
  EXPECT_EQ(account.Count("RunJobFlow"), 3);
  account.Stop();
}

}  // namespace
}  // namespace sim
