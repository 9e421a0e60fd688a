#include "runtime/runtime.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/state.h"
#include "runtime/project_watch.h"
#include "store/sqlite_store.h"

namespace runtime {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kDag[] = "dag_id: a\ntasks:\n  only: {type: empty}\n";
constexpr char kBroken[] = "dag_id: a\ntasks:\n  only: {type: empti}\n";

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = ::testing::TempDir() + "/signalbox_runtime_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    Write("signalbox.yaml", "deployment: demo\nemr: {region: us-east-1}\n");
    Write("dags/a.yaml", kDag);
  }
  ~FolderTest() override { fs::remove_all(folder_); }

  void Write(const std::string& path, std::string_view text) {
    fs::create_directories(fs::path(folder_ + "/" + path).parent_path());
    std::ofstream(folder_ + "/" + path) << text;
  }

  std::string folder_;
};

TEST_F(FolderTest, AFileThatIsTooLargeIsTold) {
  Write("dags/a.yaml", std::string(yaml::kMaxBytes + 100, '#'));
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  ASSERT_EQ(watch.errors().size(), 1u);
  EXPECT_EQ(watch.errors()[0].file, "dags/a.yaml");
}

TEST_F(FolderTest, AChangeIsReadOnceItHasComeToRest) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  EXPECT_FALSE(watch.ReadAgainIfChanged());
  Write("dags/b.yaml", "dag_id: b\ntasks:\n");  // somebody is still writing
  EXPECT_FALSE(watch.ReadAgainIfChanged());
  Write("dags/b.yaml", "dag_id: b\ntasks:\n  only: {type: empty}\n");
  EXPECT_FALSE(watch.ReadAgainIfChanged());
  EXPECT_TRUE(watch.ReadAgainIfChanged());
  EXPECT_THAT(watch.errors(), IsEmpty());
  EXPECT_EQ(watch.LoadedEvent({}).dags.size(), 2u);
  EXPECT_FALSE(watch.ReadAgainIfChanged());
}

TEST_F(FolderTest, ABrokenProjectFileKeepsTheLastGoodOne) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  Write("signalbox.yaml", "deployment: [1]\n");
  watch.ReadAgainIfChanged();
  EXPECT_TRUE(watch.ReadAgainIfChanged());
  EXPECT_FALSE(watch.project_is_good());
  EXPECT_EQ(watch.project().deployment, "demo");
}

// What a Runtime needs of its surroundings.
class RuntimeTest : public FolderTest {
 protected:
  base::Result<std::unique_ptr<Runtime>> Create() {
    auto open = [this](const std::string& deployment, const std::string&) {
      opened_ = deployment;
      return store::OpenSqlite(
          {.path = folder_ + "/db", .deployment = deployment, .reserve_bytes = 4096});
    };
    return Runtime::Create(
        {.project_dir = folder_, .open_store = open, .environment = environment_},
        loop_,
        base::Clock());
  }

  // Triggers a run and serves until that is answered.
  driver::Outcome Trigger(Runtime& runtime, const std::string& run) {
    driver::Outcome outcome = base::Fail(base::ErrorCode::kInternal, "no answer");
    runtime.Trigger({.dag = model::DagId("a"), .run_id = model::RunId(run)},
                    [&](const driver::Outcome& answer) {
                      outcome = answer;
                      loop_.Stop();
                    });
    http::Timer limit = loop_.After(base::seconds(30), [&] { loop_.Stop(); });
    loop_.Run();
    return outcome;
  }

  base::Error Refusal() {
    auto runtime = Create();
    return runtime ? base::Error{} : runtime.error();
  }

  Environment environment_{{"AWS_ACCESS_KEY_ID", "test"},
                           {"AWS_SECRET_ACCESS_KEY", "test"},
                           {"AWS_ENDPOINT_URL_EMR", "http://127.0.0.1:9"}};
  std::string opened_;
  http::Loop loop_;
};

TEST_F(RuntimeTest, ABadProjectIsRefusedBeforeTheStoreIsOpened) {
  Write("signalbox.yaml", "deploiment: demo\n");
  Write("dags/a.yaml", kBroken);
  base::Error error = Refusal();
  EXPECT_EQ(error.code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("dags/a.yaml:3:16: "));
  EXPECT_THAT(error.message, HasSubstr("\nsignalbox.yaml:1:1: ")) << "every diagnostic, one a line";
  EXPECT_EQ(opened_, "");
}

TEST_F(RuntimeTest, ABadDagIsAnImportErrorOnly) {
  Write("dags/a.yaml", kBroken);
  auto runtime = Create();
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ((*runtime)->import_errors().size(), 1u);
  EXPECT_EQ(opened_, "demo");
  EXPECT_EQ((*runtime)->region(), "us-east-1");
}

TEST_F(RuntimeTest, WithoutCredentialsNothingStarts) {
  environment_.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(Refusal().code, base::ErrorCode::kPermission);
}

TEST_F(RuntimeTest, AWrongTimeOutIsTold) {
  environment_["SIGNALBOX_HTTP_TIMEOUT"] = "5";
  EXPECT_THAT(Refusal().message, HasSubstr("SIGNALBOX_HTTP_TIMEOUT='5'"));
}

TEST_F(RuntimeTest, AMissingFolderIsNotFound) {
  fs::remove_all(folder_);
  EXPECT_EQ(Refusal().code, base::ErrorCode::kNotFound);
}

TEST_F(RuntimeTest, AnOverrideInTheEnvironmentWins) {
  environment_["SIGNALBOX__EMR__REGION"] = "eu-west-1";
  auto runtime = Create();
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ((*runtime)->region(), "eu-west-1");
}

constexpr char kUnpaused[] =
    "dag_id: a\nis_paused_upon_creation: false\ntasks:\n  only: {type: empty}\n";

TEST_F(RuntimeTest, ATriggeredRunIsAnsweredAfterItsCommit) {
  Write("dags/a.yaml", kUnpaused);
  auto runtime = Create();
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  (*runtime)->Start();
  driver::Outcome outcome = Trigger(**runtime, "r");
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  model::RunKey key{model::DagId("a"), model::RunId("r")};
  EXPECT_EQ(*outcome, key);
  EXPECT_EQ((*runtime)->reader().Run(key)->state, model::RunState::kSuccess);
}

TEST_F(RuntimeTest, AFileThatIsBrokenAtTheStartKeepsItsStoredVersion) {
  Write("dags/a.yaml", kUnpaused);
  {
    auto runtime = Create();
    ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
    (*runtime)->Start();
    ASSERT_TRUE(Trigger(**runtime, "first").has_value());
  }
  Write("dags/a.yaml", kBroken);
  auto runtime = Create();
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  (*runtime)->Start();
  driver::Outcome outcome = Trigger(**runtime, "second");
  EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ((*runtime)->import_errors().size(), 1u);
  EXPECT_EQ(Trigger(**runtime, "first").error().code, base::ErrorCode::kConflict);
}

TEST_F(RuntimeTest, C3_AnotherRegionIsRefusedWhileClustersLiveInTheFirst) {
  {
    auto store =
        store::OpenSqlite({.path = folder_ + "/db", .deployment = "demo", .reserve_bytes = 4096});
    ASSERT_TRUE(store.has_value());
    auto snapshot = (*store)->Load({});
    model::ClusterRow cluster;
    cluster.id = model::ClusterId("j-1");
    cluster.region = "eu-west-1";
    cluster.phase = model::ClusterPhase::kRunning;
    cluster.judged = true;
    ASSERT_EQ((*store)->Commit({base::Boxed(cluster)}, snapshot->identity.epoch).outcome,
              store::CommitResult::Outcome::kOk);
  }
  auto refused = Create();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().message,
            "the region is us-east-1, and the cluster j-1 of this database is still live in "
            "eu-west-1; set emr.region back to eu-west-1 until it has ended");
  Write("signalbox.yaml", "deployment: demo\nemr: {region: eu-west-1}\n");
  EXPECT_TRUE(Create().has_value());
}

}  // namespace
}  // namespace runtime
