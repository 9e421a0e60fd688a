#include "runtime/runtime.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "engine/state.h"
#include "runtime/folder_events.h"
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

using Look = ProjectWatch::Look;
using Seen = ProjectWatch::Seen;

TEST_F(FolderTest, AChangeIsReadOnceItHasComeToRest) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNothing);
  Write("dags/b.yaml", "dag_id: b\ntasks:\n");  // somebody is still writing
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kEvent), Seen::kUnrest);
  Write("dags/b.yaml", "dag_id: b\ntasks:\n  only: {type: empty}\n");
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kEvent), Seen::kUnrest);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kEvent), Seen::kNews);
  EXPECT_THAT(watch.errors(), IsEmpty());
  EXPECT_EQ(watch.LoadedEvent({}).dags.size(), 2u);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNothing);
}

// The engine's memory, where the DAG of dags/NAME.yaml is active.
engine::State Knows(const ProjectWatch& watch) {
  engine::State state;
  for (const auto& dag : watch.LoadedEvent({}).dags) {
    engine::DagEntry& entry = state.dags[dag->id];
    entry.row.dag = dag->id;
    entry.row.fileloc = dag->fileloc;
    auto plan = std::make_shared<engine::Plan>();
    plan->dag = dag;
    entry.plan = plan;
  }
  return state;
}

TEST_F(FolderTest, AFileThatIsGoneForAMomentStaysAsItWas) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  const engine::State state = Knows(watch);
  fs::rename(folder_ + "/dags/a.yaml", folder_ + "/away");
  watch.ReadAgainIfChanged(Look::kEvent);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kEvent), Seen::kNews);
  EXPECT_EQ(watch.LoadedEvent(state).dags.size(), 1u) << "it may come back";
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNothing);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNews) << "two scans have missed it";
  EXPECT_EQ(watch.LoadedEvent(state).dags.size(), 0u);
  fs::rename(folder_ + "/away", folder_ + "/dags/a.yaml");
  watch.ReadAgainIfChanged(Look::kEvent);
  watch.ReadAgainIfChanged(Look::kEvent);
  EXPECT_EQ(watch.LoadedEvent(state).dags.size(), 1u);
}

TEST_F(FolderTest, AFolderThatCannotBeListedTellsNothingToTheEngine) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  fs::rename(folder_ + "/dags", folder_ + "/away");
  Write("dags", "");
  watch.ReadAgainIfChanged(Look::kScan);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNews);
  EXPECT_FALSE(watch.CanTell());
  ASSERT_EQ(watch.errors().size(), 1u);
  EXPECT_THAT(watch.errors()[0].message, HasSubstr("its DAGs stay as they were last read"));
  fs::remove(folder_ + "/dags");
  fs::rename(folder_ + "/away", folder_ + "/dags");
  watch.ReadAgainIfChanged(Look::kScan);
  watch.ReadAgainIfChanged(Look::kScan);
  EXPECT_TRUE(watch.CanTell());
}

TEST_F(FolderTest, AProjectFolderThatIsGoneIsToldWhileItIsGone) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  fs::rename(folder_, folder_ + ".away");
  watch.ReadAgainIfChanged(Look::kScan);
  watch.ReadAgainIfChanged(Look::kScan);
  EXPECT_THAT(watch.trouble(), HasSubstr("there is no project folder"));
  fs::rename(folder_ + ".away", folder_);
  watch.ReadAgainIfChanged(Look::kScan);
  watch.ReadAgainIfChanged(Look::kScan);
  EXPECT_EQ(watch.trouble(), "");
}

TEST_F(FolderTest, ABrokenProjectFileKeepsTheLastGoodOne) {
  schedule::ZoneSet zones;
  ProjectWatch watch(folder_, {}, zones);
  ASSERT_TRUE(watch.Read().has_value());
  Write("signalbox.yaml", "deployment: [1]\n");
  watch.ReadAgainIfChanged(Look::kScan);
  EXPECT_EQ(watch.ReadAgainIfChanged(Look::kScan), Seen::kNews);
  EXPECT_FALSE(watch.CanTell());
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

  static std::vector<yaml::Diagnostic> ErrorsOf(const Runtime& runtime) {
    return *runtime.views().Publish().import_errors;
  }

  // What `query` reads on a thread of its own.
  template <typename Query>
  auto Read(const Runtime& runtime, Query query) {
    std::decay_t<decltype(*query(std::declval<store::Reader&>()))> value;
    runtime.views().Read(
        ReadPool::Turn::kUsual,
        [&](store::Reader& rows) {
          auto result = query(rows);
          EXPECT_TRUE(result.has_value());
          value = *std::move(result);
        },
        [&](const base::Status& status) {
          EXPECT_TRUE(status.has_value());
          loop_.Stop();
        });
    loop_.Run();
    return value;
  }

  // Triggers a run and serves until that is answered.
  Outcome Trigger(Runtime& runtime, const std::string& run) {
    Outcome outcome = base::Fail(base::ErrorCode::kInternal, "no answer");
    runtime.commands().Trigger({.dag = model::DagId("a"), .run_id = model::RunId(run)},
                               [&](const Outcome& answer) {
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
  EXPECT_EQ(ErrorsOf(**runtime).size(), 1u);
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
  Outcome outcome = Trigger(**runtime, "r");
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  model::RunKey key{model::DagId("a"), model::RunId("r")};
  EXPECT_EQ(outcome->run, key);
  EXPECT_EQ(Read(**runtime, [&](store::Reader& rows) { return rows.Run(key); }).state,
            model::RunState::kSuccess);
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
  Outcome outcome = Trigger(**runtime, "second");
  EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(ErrorsOf(**runtime).size(), 1u);
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

// Until `done`, at most half a minute of wall time.
void ServeUntil(http::Loop& loop, const std::function<bool()>& done) {
  std::function<void()> look;
  http::Timer next, limit = loop.After(base::seconds(30), [&] { loop.Stop(); });
  look = [&] {
    if (done())
      return loop.Stop();
    next = loop.After(base::milliseconds(20), look);
  };
  look();
  loop.Run();
}

class FolderEventsTest : public FolderTest {
 protected:
  FolderEventsTest() : events_(loop_, folder_, [this] { ++changes_; }) { events_.Watch(); }

  // Whether an event comes of what is done.
  bool Notices(const std::function<void()>& change) {
    changes_ = 0;
    change();
    ServeUntil(loop_, [this] { return changes_ > 0; });
    return changes_ > 0;
  }

  http::Loop loop_;
  int changes_ = 0;
  FolderEvents events_;
};

TEST_F(FolderEventsTest, WritesRenamesAndRemovalsAreNoticed) {
  EXPECT_TRUE(Notices([&] { Write("dags/b.yaml", kDag); }));
  EXPECT_TRUE(Notices([&] { fs::remove(folder_ + "/dags/b.yaml"); }));
  Write("dags/.a.yaml.swp", kDag);
  EXPECT_TRUE(Notices([&] {
    fs::rename(folder_ + "/dags/.a.yaml.swp", folder_ + "/dags/a.yaml");  // an editor saves
  }));
  EXPECT_TRUE(Notices([&] { Write("signalbox.yaml", "deployment: demo\n"); }));
}

TEST_F(FolderEventsTest, AFileIsToldOfWhenItIsClosedAndALinkAtOnce) {
  std::ofstream open(folder_ + "/dags/b.yaml");
  open << kDag << std::flush;
  int turns = 0;
  ServeUntil(loop_, [&] { return ++turns > 5; });
  EXPECT_EQ(changes_, 0) << "somebody is still writing";
  EXPECT_TRUE(Notices([&] { open.close(); }));
  EXPECT_TRUE(
      Notices([&] { fs::create_symlink(folder_ + "/dags/b.yaml", folder_ + "/dags/c.yaml"); }));
}

TEST_F(FolderEventsTest, AFolderThatIsReplacedIsWatchedAgain) {
  EXPECT_TRUE(Notices([&] { fs::create_directories(folder_ + "/clusters"); }));
  EXPECT_TRUE(Notices([&] { fs::rename(folder_ + "/dags", folder_ + "/old"); }));
  EXPECT_TRUE(Notices([&] { fs::create_directories(folder_ + "/dags"); }));
  events_.Watch();
  EXPECT_TRUE(Notices([&] { Write("dags/c.yaml", kDag); }));
}

TEST_F(FolderEventsTest, OfFoldersOfAirflowsFilesEachFileCounts) {
  fs::create_directories(folder_ + "/dags/lib");
  Write("dags/a.py", "x");
  int turns = 0;
  ServeUntil(loop_, [&] { return ++turns > 5; });
  changes_ = 0;
  events_.Watch({"dags", folder_ + "/dags/lib"});
  EXPECT_TRUE(Notices([&] { Write("dags/a.py", "y"); }));
  EXPECT_TRUE(Notices([&] { Write("dags/lib/words.json", "{}"); }));
  changes_ = 0;
  Write("dags/lib/.words.swp", "");
  turns = 0;
  ServeUntil(loop_, [&] { return ++turns > 5; });
  EXPECT_EQ(changes_, 0);
}

TEST_F(FolderEventsTest, WhatIsNotTheProjectsIsPassedOver) {
  Write("dags/.c.yaml.swp", "");
  Write("notes.txt", "");
  int turns = 0;
  ServeUntil(loop_, [&] { return ++turns > 5; });
  EXPECT_EQ(changes_, 0);
  EXPECT_TRUE(Notices([&] { Write("dags/z.yaml", kDag); }));
}

TEST_F(RuntimeTest, ManyFilesThatAreGoneAreAnImportErrorUntilAPersonConfirms) {
  for (int i = 0; i < 8; ++i)
    Write(base::Cat("dags/d", i, ".yaml"),
          base::Cat("dag_id: d", i, "\ntasks:\n  only: {type: empty}\n"));
  auto runtime = Create();
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  (*runtime)->Start();
  const auto dags = [&] {
    return Read(**runtime, [](store::Reader& rows) { return rows.Dags(); });
  };
  for (int i = 0; i < 100'000 && dags().size() < 9; ++i) {
  }
  for (int i = 0; i < 6; ++i)
    fs::remove(base::Cat(folder_, "/dags/d", i, ".yaml"));
  ServeUntil(loop_, [&] { return !ErrorsOf(**runtime).empty(); });
  ASSERT_EQ(ErrorsOf(**runtime).size(), 1u);
  EXPECT_THAT(ErrorsOf(**runtime)[0].message, HasSubstr("6 of 9 DAG files are gone"));
  auto active = [&] {
    return std::ranges::count_if(dags(), [](const model::DagRow& row) { return row.is_active; });
  };
  EXPECT_EQ(active(), 9);
  model::DeactivateDags request{{}, "ada"};
  for (int i = 0; i < 6; ++i)
    request.dags.emplace_back(base::Cat("d", i));
  bool answered = false;
  (*runtime)->commands().DeactivateDags(
      request, [&](const Outcome& outcome) { answered = outcome.has_value(); });
  ServeUntil(loop_, [&] { return answered; });
  EXPECT_EQ(active(), 3);
  EXPECT_THAT(ErrorsOf(**runtime), IsEmpty());
}

}  // namespace
}  // namespace runtime
