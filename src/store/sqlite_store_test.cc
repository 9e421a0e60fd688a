// What only the SQLite store has: a file, its lock, its schema version, its limits, its crashes.

#include "store/sqlite_store.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <thread>

#include "base/process.h"
#include "base/text.h"
#include "store/crash_writer.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/test_support.h"

namespace store {
namespace {

using base::ErrorCode;
using testing::At;
using testing::JobKeyOf;
using testing::RunKeyOf;
using testing::SampleHistory;
using testing::SampleRun;
using testing::SampleTask;
using ::testing::TempDir;
using Outcome = CommitResult::Outcome;
using sqlite::Database;

class SqliteStoreTest : public ::testing::Test {
 protected:
  base::Result<std::unique_ptr<Store>> Open(const SqliteOptions& options) {
    return OpenSqlite(options);
  }
  base::Result<std::unique_ptr<Store>> Open() { return Open(options_); }

  // The error of an Open that must fail; its message must name the path.
  base::Error OpenError(const SqliteOptions& options) {
    auto opened = Open(options);
    if (opened.has_value()) {
      ADD_FAILURE() << "it opened";
      return {};
    }
    EXPECT_NE(opened.error().message.find(options.path), std::string::npos)
        << opened.error().message;
    return opened.error();
  }

  void BackToSchemaEight() {
    for (const char* undo : {"DROP TABLE process",                       // of schema 13
                             "ALTER TABLE job DROP COLUMN slots_since",  // of schema 12
                             "DROP TABLE cause",                         // of schema 11
                             "DROP TABLE record",                        // of schema 10
                             "DROP TABLE group_tries",
                             "DROP TABLE trigger_wish",
                             "ALTER TABLE job DROP COLUMN end_note",
                             "ALTER TABLE run DROP COLUMN note",
                             "ALTER TABLE task DROP COLUMN note",
                             "DROP TABLE spend_rules",
                             "ALTER TABLE cluster DROP COLUMN micro_usd_per_hour",
                             "DROP INDEX cluster_seen",
                             "DROP TABLE job_limit",
                             "CREATE TABLE job_limit(by_value TEXT NOT NULL, tag TEXT NOT NULL, "
                             "most INTEGER NOT NULL, epoch INTEGER NOT NULL, row_version INTEGER "
                             "NOT NULL, PRIMARY KEY(by_value, tag)) WITHOUT ROWID",
                             "ALTER TABLE meta DROP COLUMN deleted_backfill",  // of schema 11
                             "DROP TABLE deleted_run",  // of schema 10, and the next two
                             "ALTER TABLE run DROP COLUMN deletions",
                             "ALTER TABLE meta DROP COLUMN deletions",
                             "PRAGMA user_version=8"})
      Execute(undo);
  }
  // What the steps after the third have made is taken back.
  void BackToSchemaThree() {
    BackToSchemaEight();
    Execute("DROP TABLE deadline");
    Execute("ALTER TABLE dag DROP COLUMN failed_in_row");
    for (const char* table : {"durations", "job_limit", "pool_time", "mapping", "outputs"})
      Execute(base::Cat("DROP TABLE ", table));
    BackToKeysWithoutIndex();
    for (const char* undo : {"DROP TABLE asset",
                             "DROP TABLE asset_event",
                             "DROP TABLE asset_queue",
                             "DROP INDEX run_of_assets",
                             "ALTER TABLE run DROP COLUMN asset_events",
                             "DROP INDEX run_fire",
                             "DROP INDEX run_at",
                             "CREATE UNIQUE INDEX run_fire ON run(dag, logical_date) WHERE type = "
                             "'scheduled' AND logical_date IS NOT NULL",
                             "ALTER TABLE run DROP COLUMN backfill",
                             "ALTER TABLE run DROP COLUMN marked",
                             "DROP TABLE backfill",
                             "DROP TABLE backfill_tick",
                             "DROP TABLE hold",
                             "ALTER TABLE launch DROP COLUMN outputs"})
      Execute(undo);
    for (const char* index : {"run_by_state",
                              "run_by_run_after",
                              "run_by_start",
                              "run_by_end",
                              "history_of_dag",
                              "history_of_run",
                              "history_of_job",
                              "history_of_cluster",
                              "history_by_actor",
                              "history_by_kind"})
      Execute(base::Cat("DROP INDEX ", index));
    for (const char* column :
         {"kind", "dag", "run", "job", "lane", "idx", "cluster", "actor", "means", "address"})
      Execute(base::Cat("ALTER TABLE history DROP COLUMN ", column));
    Execute("PRAGMA user_version=3");
  }
  void BackToKeysWithoutIndex() {
    const struct {
      const char* table;
      const char* columns;
      const char* key;
    } tables[] = {
        {"job",
         "run_no, job, lane, try_number, application_failures, infrastructure_failures, "
         "next_try_at, waits_for, epoch, row_version",
         "run_no, job, lane"},
        {"task",
         "run_no, job, lane, task, state, try_number, queued_at, start_date, end_date, epoch, "
         "row_version",
         "run_no, job, lane, task"},
        {"attempt",
         "run_no, job, lane, n, version, started_at, ended_at, verdict, reason, epoch, row_version",
         "run_no, job, lane, n"}};
    for (const auto& [table, columns, key] : tables) {
      Execute(base::Cat("ALTER TABLE ", table, " RENAME TO newer"));
      Execute(base::Cat(
          "CREATE TABLE ", table, "(", columns, ", PRIMARY KEY(", key, ")) WITHOUT ROWID"));
      Execute(base::Cat("INSERT INTO ", table, " SELECT ", columns, " FROM newer"));
      Execute("DROP TABLE newer");
    }
    Execute("ALTER TABLE launch DROP COLUMN idx");
    Execute("ALTER TABLE cluster DROP COLUMN idx");
  }
  void Execute(const std::string& sql) {
    auto database = Database::Open(path_, Database::Mode::kReadWriteCreate);
    ASSERT_TRUE(database.has_value());
    const base::Status done = (*database)->Execute(sql);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("signalbox.db");
  const SqliteOptions options_{.path = path_, .deployment = "demo", .reserve_bytes = 64 << 10};
};

TEST_F(SqliteStoreTest, ASecondOpenIsRefusedWithTheHoldersPid) {
  auto first = Open();
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const base::Error error = OpenError(options_);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find(
                base::Cat("is in use by another signalbox process (pid ", ::getpid(), ")")),
            std::string::npos)
      << error.message;

  // A link to the file is the same file.
  const std::string link = dir_.File("link.db");
  std::filesystem::create_symlink(path_, link);
  SqliteOptions by_link = options_;
  by_link.path = link;
  EXPECT_FALSE(Open(by_link).has_value());

  first->reset();
  EXPECT_TRUE(Open().has_value());
}

TEST_F(SqliteStoreTest, AFailedOpenLetsGoOfTheLock) {
  SqliteOptions other = options_;
  ASSERT_TRUE(Open().has_value());
  other.deployment = "other";
  const base::Error error = OpenError(other);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find("belongs to the deployment \"demo\", and this is \"other\""),
            std::string::npos)
      << error.message;
  EXPECT_TRUE(Open().has_value());
}

TEST_F(SqliteStoreTest, EachDatabaseDrawsItsOwnIncarnation) {
  SqliteOptions other = options_;
  other.path = dir_.File("other.db");
  auto a = Open();
  auto b = Open(other);
  ASSERT_TRUE(a.has_value() && b.has_value());
  auto identity_a = (*a)->Load(At(0));
  auto identity_b = (*b)->Load(At(0));
  ASSERT_TRUE(identity_a.has_value() && identity_b.has_value());
  EXPECT_NE(identity_a->identity.incarnation, identity_b->identity.incarnation);
}

TEST_F(SqliteStoreTest, ItHasALogAndASchemaVersion) {
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  auto database = Database::Open(path_, Database::Mode::kReadOnly);
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ((*database)->QueryInt("PRAGMA user_version").value_or(-1), SchemaVersion());
}

TEST_F(SqliteStoreTest, APathBelowAFileCannotBeOpened) {
  std::ofstream(dir_.File("file")) << "x";
  SqliteOptions below = options_;
  below.path = dir_.File("file") + "/signalbox.db";
  const base::Error error = OpenError(below);
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_NE(error.message.find("make its directory, or name another database"), std::string::npos)
      << error.message;
}

TEST_F(SqliteStoreTest, ADirectoryIsNoDatabase) {
  std::filesystem::create_directory(path_);
  EXPECT_EQ(OpenError(options_).code, ErrorCode::kPermission);
}

TEST_F(SqliteStoreTest, GarbageIsNotADatabaseAndStaysAsItIs) {
  const std::string garbage(10'000, 'g');
  std::ofstream(path_) << garbage;
  const base::Error error = OpenError(options_);
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_NE(error.message.find("is not a database"), std::string::npos) << error.message;
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), garbage);
}

TEST_F(SqliteStoreTest, ADamagedDatabaseIsSaidToBeDamaged) {
  ASSERT_TRUE(Open().has_value());
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);  // past the file header: the root page of the schema
  file << std::string(3000, '\xff');
  file.close();
  const base::Error error = OpenError(options_);
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_NE(error.message.find("is damaged"), std::string::npos) << error.message;
}

TEST_F(SqliteStoreTest, AValueThatWasNeverWrittenIsDamage) {
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  auto snapshot = (*opened)->Load(At(0));
  ASSERT_EQ((*opened)->Commit({SampleRun(RunKeyOf("d", "r"))}, snapshot->identity.epoch).outcome,
            Outcome::kOk);
  Execute("UPDATE run SET type = 'weekly'");
  snapshot = (*opened)->Load(At(0));
  ASSERT_FALSE(snapshot.has_value());
  EXPECT_EQ(snapshot.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(snapshot.error().message.find("run.type"), std::string::npos);
  // The failed load has not begun an epoch, nor left its transaction open.
  Execute("UPDATE run SET type = 'manual'");
  snapshot = (*opened)->Load(At(0));
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ(snapshot->identity.epoch, 2);
}

TEST_F(SqliteStoreTest, AWaitThatCannotBeReadIsDamageAndNeverNothingToWaitFor) {
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  auto snapshot = (*opened)->Load(At(0));
  const model::RunKey run = RunKeyOf("d", "r");
  ASSERT_EQ((*opened)
                ->Commit({SampleRun(run), testing::SampleJob(testing::JobKeyOf(run, "j"))},
                         snapshot->identity.epoch)
                .outcome,
            Outcome::kOk);
  for (const std::string text : {"",
                                 "[",
                                 "{}",
                                 "[1]",
                                 R"([{"dag":"u","job":"j","lanes":[""],"basis":"due"}])",
                                 R"([{"dag":"u","job":"j","lanes":[],"basis":"unknown_dag"}])",
                                 R"([{"job":"j","lanes":[""],"basis":"unknown_dag"}])",
                                 R"([{"dag":"u","job":"j","lanes":[""],"basis":"?"}])",
                                 R"([{"dag":"u","job":"j","lanes":[""]}])"}) {
    Execute(base::Cat("UPDATE job SET waits_for = '", text, "'"));
    snapshot = (*opened)->Load(At(0));
    ASSERT_FALSE(snapshot.has_value()) << text;
    EXPECT_EQ(snapshot.error().code, ErrorCode::kCorrupt) << text;
    EXPECT_NE(snapshot.error().message.find("job.waits_for"), std::string::npos) << text;
  }
}

// As the first release wrote it: an interval was a logical date, and "" was nothing to wait for.
TEST_F(SqliteStoreTest, ADatabaseOfSchemaTwoIsUnderstood) {
  ASSERT_TRUE(Open().has_value());
  BackToSchemaThree();
  Execute("DROP TABLE hole");
  Execute("ALTER TABLE dag DROP COLUMN scheduled_until");
  Execute("ALTER TABLE dag DROP COLUMN schedules");
  Execute("ALTER TABLE dag DROP COLUMN missing_since");
  Execute("ALTER TABLE cluster DROP COLUMN lost_since");
  Execute("ALTER TABLE cluster DROP COLUMN terminate_verdict");
  Execute(
      "INSERT INTO dag VALUES('d', 'v', 'f', 0, 1, 5000000, 1000000, 1, 1), "
      "('e', 'v', 'f', 1, 1, NULL, 2000000, 1, 1)");
  Execute(
      "INSERT INTO run VALUES(1, 'd', 'a', 'v', 'scheduled', 'running', 5, 4, 5, 6000000, 6, "
      "NULL, NULL, '{}', 'schedule', 1, 1), (2, 'd', 'b', 'v', 'manual', 'running', 7, 7, 7, "
      "9000000, 9, NULL, NULL, '{}', 'ada', 1, 1)");
  Execute(
      R"(INSERT INTO job VALUES(1, 'i', '', 0, 0, 0, NULL, '', 1, 1), (1, 'j', '', 0, 0, 0, NULL,
         '[{"dag":"u","job":"k","lanes":["1"],"until_us":8,"logical_date_us":3000000},
           {"dag":"v","job":"k","lanes":[""],"until_us":8}]', 1, 1))");
  Execute("PRAGMA user_version=2");
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  auto snapshot = (*opened)->Load(At(0));
  ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
  ASSERT_EQ(snapshot->dags.size(), 2);
  EXPECT_EQ(snapshot->dags[0].scheduled_until, base::FromMicros(6'000'000));
  EXPECT_FALSE(snapshot->dags[1].scheduled_until.has_value());
  EXPECT_TRUE(snapshot->dags[0].schedules.empty());
  ASSERT_EQ(snapshot->jobs.size(), 2);
  EXPECT_TRUE(snapshot->jobs[0].waits_for.empty());
  const base::Time date = base::FromMicros(3'000'000);
  const std::vector<model::UpstreamWait> wanted = {{model::DagId("u"),
                                                    model::JobId("k"),
                                                    {model::LaneId("1")},
                                                    base::Interval{date, date},
                                                    model::WaitBasis::kLogicalDate},
                                                   {model::DagId("v"),
                                                    model::JobId("k"),
                                                    {model::LaneId("")},
                                                    {},
                                                    model::WaitBasis::kUnscheduled}};
  EXPECT_EQ(snapshot->jobs[1].waits_for, wanted);
}

TEST_F(SqliteStoreTest, ADatabaseOfSchemaThreeGetsTheIndicesOfItsRuns) {
  {
    auto store = Open();
    ASSERT_TRUE(store.has_value());
    const int64_t epoch = (*store)->Load(At(0))->identity.epoch;
    ASSERT_EQ((*store)->Commit({SampleRun(RunKeyOf("d", "r"))}, epoch).outcome, Outcome::kOk);
  }
  BackToSchemaThree();
  auto store = Open();
  ASSERT_TRUE(store.has_value()) << store.error().message;
  auto runs = (*store)->reader().Runs({.order = {{RunColumn::kEndDate, true}}});
  ASSERT_TRUE(runs.has_value());
  model::RunRow of_no_backfill = SampleRun(RunKeyOf("d", "r"));
  of_no_backfill.backfill = of_no_backfill.deletions = 0;
  EXPECT_EQ(runs->rows, std::vector{of_no_backfill});
  auto database = Database::Open(path_, Database::Mode::kReadOnly);
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ((*database)->QueryInt("PRAGMA user_version").value_or(0), SchemaVersion());
  EXPECT_EQ((*database)
                ->QueryInt("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'run_by_%'")
                .value_or(0),
            4);
}

TEST_F(SqliteStoreTest, LimitsFromBeforeVcpusCountJobsAlone) {
  ASSERT_TRUE(Open().has_value());
  BackToSchemaEight();
  Execute("INSERT INTO job_limit VALUES('lane.id', '', 3, 1, 1), ('', 'heavy', 4, 1, 1)");
  auto store = Open();
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ(
      (*store)->Load(At(0)).value().limits,
      (std::vector<model::LimitRow>{{{.tag = "heavy", .max = 4}}, {{.by = "lane.id", .max = 3}}}));
}

TEST_F(SqliteStoreTest, RowsFromBeforeInstancesAreOfTheJobsThemselves) {
  const model::JobKey job = testing::JobKeyOf(RunKeyOf("d", "r"), "j", "1");
  const std::vector<model::Change> rows{SampleRun(job.run),
                                        testing::SampleJob(job),
                                        testing::SampleTask(job, 1),
                                        testing::SampleAttempt({job, 2}),
                                        testing::SampleLaunch("t", {job, 2}),
                                        testing::SampleCluster("j-1", model::AttemptKey{job, 2}),
                                        testing::SampleCluster("j-2", std::nullopt, 1)};
  {
    auto store = Open();
    ASSERT_TRUE(store.has_value());
    const int64_t epoch = (*store)->Load(At(0))->identity.epoch;
    ASSERT_EQ((*store)->Commit(rows, epoch).outcome, Outcome::kOk);
  }
  BackToSchemaThree();
  auto store = Open();
  ASSERT_TRUE(store.has_value()) << store.error().message;
  const auto snapshot = (*store)->Load(At(0));
  ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
  model::JobRow row = testing::SampleJob(job);
  row.end_note = model::EndNote::kNone;  // a later column
  row.slots_since = std::nullopt;        // so is this
  EXPECT_EQ(snapshot->jobs, std::vector{row});
  EXPECT_EQ(snapshot->tasks, std::vector{testing::SampleTask(job, 1)});
  EXPECT_EQ(snapshot->attempts, std::vector{testing::SampleAttempt({job, 2})});
  model::LaunchRow launch = testing::SampleLaunch("t", {job, 2});
  launch.outputs = "";  // a later column
  EXPECT_EQ(snapshot->launches, std::vector{launch});
  std::vector<model::ClusterRow> clusters{testing::SampleCluster("j-1", model::AttemptKey{job, 2}),
                                          testing::SampleCluster("j-2", std::nullopt, 1)};
  for (model::ClusterRow& cluster : clusters)
    cluster.micro_usd_per_hour = std::nullopt;  // so is this
  EXPECT_EQ(snapshot->clusters, clusters);
}

TEST_F(SqliteStoreTest, ADatabaseOfSchemaFourReadsItsHistoryIntoColumns) {
  const model::RunKey run = RunKeyOf("d", "manual__2026-01-05T00:00:00+00:00");
  const model::JobKey job{run, model::JobId("train_on_1"), model::LaneId("2")};
  const model::JobKey lone{run, model::JobId("publish"), model::LaneId("")};
  model::LaunchRow launch{.token = model::LaunchToken("t1"), .attempt = {job, 1}};
  launch.cluster = model::ClusterId("j-1");
  const model::ClusterRow cluster{.id = launch.cluster, .attempt = launch.attempt};
  std::vector<model::HistoryRow> rows;
  auto add = [&](model::Subject subject) {
    rows.push_back({.seq = std::ssize(rows) + 1, .at = At(1), .subject = std::move(subject)});
  };
  add(model::SubjectOf(run.dag));
  add(model::SubjectOf(run));
  add(model::SubjectOf(job, "train_on_1_2.start_cluster"));
  add(model::SubjectOf(lone, "publish"));
  const auto of_cluster = [&](model::EntityKind kind, std::string text) {
    model::Subject subject = model::SubjectOf(job, "");
    subject.kind = kind;
    subject.text = std::move(text);
    subject.cluster = launch.cluster;
    return subject;
  };
  add(of_cluster(model::EntityKind::kLaunch, "launch t1"));
  add(of_cluster(model::EntityKind::kCluster, "cluster j-1"));
  add(of_cluster(model::EntityKind::kStep, "step j-1/s-1"));
  {
    auto store = Open();
    ASSERT_TRUE(store.has_value());
    std::vector<model::Change> batch{SampleRun(run),
                                     model::TaskRow{.job = job},
                                     model::TaskRow{.job = lone},
                                     base::Boxed(launch),
                                     base::Boxed(cluster)};
    batch.insert(batch.end(), rows.begin(), rows.end());
    const int64_t epoch = (*store)->Load(At(0))->identity.epoch;
    const CommitResult commit = (*store)->Commit(batch, epoch);
    ASSERT_EQ(commit.outcome, Outcome::kOk) << commit.reason;
  }
  BackToSchemaThree();
  auto store = Open();
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ((*store)->reader().History({}).value(), rows);
  EXPECT_EQ((*store)->reader().History({.job = job.job, .lane = job.lane})->size(), 4u);
}

TEST_F(SqliteStoreTest, AReadConnectionSeesOneMomentOnAThreadOfItsOwn) {
  auto store = Open();
  ASSERT_TRUE(store.has_value());
  const int64_t epoch = (*store)->Load(At(0))->identity.epoch;
  auto connection = (*store)->NewReadConnection();
  ASSERT_TRUE(connection.has_value()) << connection.error().message;
  ASSERT_NE(*connection, nullptr);
  const auto never = [] { return false; };
  const auto count = [&] {
    int64_t runs = -1;
    EXPECT_TRUE((*connection)
                    ->Read(never, [&](Reader& reader) { runs = reader.Runs({})->total; })
                    .has_value());
    return runs;
  };
  EXPECT_EQ(count(), 0);
  ASSERT_EQ((*store)->Commit({SampleRun(RunKeyOf("d", "a"))}, epoch).outcome, Outcome::kOk);
  EXPECT_EQ(count(), 1);
  std::promise<void> begun, committed;
  std::pair<int64_t, int64_t> seen;
  std::thread thread([&] {
    static_cast<void>((*connection)->Read(never, [&](Reader& reader) {
      seen.first = reader.Runs({})->total;
      begun.set_value();
      committed.get_future().wait();
      seen.second = reader.Runs({})->total;
    }));
  });
  begun.get_future().wait();
  EXPECT_EQ((*store)->Commit({SampleRun(RunKeyOf("d", "b"))}, epoch).outcome, Outcome::kOk);
  committed.set_value();
  thread.join();
  EXPECT_EQ(seen, std::pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(count(), 2);
}

TEST_F(SqliteStoreTest, AReadThatIsGivenUpFailsAndLeavesTheConnectionUsable) {
  auto store = Open();
  ASSERT_TRUE(store.has_value());
  const int64_t epoch = (*store)->Load(At(0))->identity.epoch;
  std::vector<model::Change> runs;
  for (int i = 0; i < 2000; ++i) {
    runs.emplace_back(SampleRun(RunKeyOf("d", base::Cat("r", i))));
    std::get<model::RunRow>(runs.back()).type = model::RunType::kManual;
  }
  ASSERT_EQ((*store)->Commit(runs, epoch).outcome, Outcome::kOk);
  auto connection = (*store)->NewReadConnection();
  ASSERT_TRUE(connection.has_value());
  for (const bool give_up : {true, false, true}) {
    base::Result<Page<model::RunRow>> page;
    ASSERT_TRUE((*connection)
                    ->Read([&] { return give_up; },
                           [&](Reader& reader) {
                             page = reader.Runs({.order = {{RunColumn::kRun, false}}});
                           })
                    .has_value());
    ASSERT_EQ(page.has_value(), !give_up);
    if (give_up)
      EXPECT_EQ(page.error().code, ErrorCode::kUnavailable);
  }
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefusedAndLeftAlone) {
  ASSERT_TRUE(Open().has_value());
  Execute(base::Cat("PRAGMA user_version=", SchemaVersion() + 1));
  const base::Error error = OpenError(options_);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find(base::Cat("schema version ", SchemaVersion() + 1)),
            std::string::npos)
      << error.message;
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  Execute("CREATE TABLE photos(name TEXT)");
  const base::Error error = OpenError(options_);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find("belongs to another program"), std::string::npos) << error.message;
  auto database = Database::Open(path_, Database::Mode::kReadOnly);
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ((*database)->QueryInt("SELECT count(*) FROM sqlite_schema").value_or(-1), 1);
}

TEST_F(SqliteStoreTest, ADiskWithoutSpaceForANewDatabaseIsSaidToBeFull) {
  SqliteOptions small = options_;
  small.max_pages = 5;
  const base::Error error = OpenError(small);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.message.find("no space left"), std::string::npos) << error.message;
  EXPECT_TRUE(Open().has_value());  // a step that failed left nothing behind
}

TEST_F(SqliteStoreTest, AFullDiskRefusesAndLosesNothing) {
  SqliteOptions small = options_;
  small.max_pages = 80;
  auto opened = Open(small);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  const int64_t epoch = (*opened)->Load(At(0))->identity.epoch;
  int64_t committed = 0;
  CommitResult result;
  while (result.outcome == Outcome::kOk) {
    ASSERT_LT(committed, 10'000);
    std::vector<model::Change> batch;
    for (int64_t i = 1; i <= 50; ++i)
      batch.emplace_back(SampleHistory(committed + i));
    result = (*opened)->Commit(batch, epoch);
    if (result.outcome == Outcome::kOk)
      committed += 50;
  }
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_NE(result.reason.find("no space left"), std::string::npos) << result.reason;
  EXPECT_GT(committed, 0);
  // What needs no page goes on, and so does all once there is space.
  EXPECT_EQ((*opened)->Commit({}, epoch).outcome, Outcome::kOk);
  opened->reset();
  opened = Open();
  ASSERT_TRUE(opened.has_value());
  const auto snapshot = (*opened)->Load(At(0));
  EXPECT_EQ(snapshot->last_seq, committed);
  EXPECT_EQ((*opened)->Commit({SampleHistory(committed + 1)}, snapshot->identity.epoch).outcome,
            Outcome::kOk);
}

TEST_F(SqliteStoreTest, TheReserveIsGivenBackOnceAndHeldAgain) {
  const std::string reserve = path_ + ".reserve";
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(std::filesystem::file_size(reserve), 64u << 10);
  EXPECT_TRUE((*opened)->ReleaseReserve());
  EXPECT_FALSE(std::filesystem::exists(reserve));
  EXPECT_FALSE((*opened)->ReleaseReserve());
  EXPECT_TRUE((*opened)->HoldReserve());
  EXPECT_TRUE((*opened)->HoldReserve());
  EXPECT_EQ(std::filesystem::file_size(reserve), 64u << 10);
  EXPECT_TRUE((*opened)->ReleaseReserve());
  opened->reset();
  opened = Open();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(std::filesystem::file_size(reserve), 64u << 10);
  // Where it cannot be made there is none, and that is no error of opening.
  EXPECT_TRUE((*opened)->ReleaseReserve());
  std::filesystem::create_directory(reserve);
  EXPECT_FALSE((*opened)->HoldReserve());
  opened->reset();
  EXPECT_TRUE(Open().has_value());
}

TEST_F(SqliteStoreTest, ARowSaysHowOftenAndUnderWhichEpochItWasPut) {
  auto opened = Open();
  ASSERT_TRUE(opened.has_value());
  const model::RunRow run = SampleRun(RunKeyOf("d", "r"));
  int64_t epoch = (*opened)->Load(At(0))->identity.epoch;
  ASSERT_EQ((*opened)->Commit({run, run}, epoch).outcome, Outcome::kOk);
  epoch = (*opened)->Load(At(0))->identity.epoch;
  ASSERT_EQ((*opened)->Commit({run}, epoch).outcome, Outcome::kOk);
  auto database = Database::Open(path_, Database::Mode::kReadOnly);
  EXPECT_EQ((*database)->QueryInt("SELECT row_version FROM run").value_or(-1), 3);
  EXPECT_EQ((*database)->QueryInt("SELECT epoch FROM run").value_or(-1), 2);
}

// Ten kills of a process that commits as fast as it can.
TEST_F(SqliteStoreTest, WhatWasAcknowledgedSurvivesAKillAndNothingIsTorn) {
  int64_t acknowledged = 0;
  for (int kill = 0; kill < 10; ++kill) {
    auto writer =
        base::Process::Start({.argv = {SIGNALBOX_CRASH_WRITER, path_}, .pipe_stdout = true});
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    for (int line = 0; line < 20 + 7 * kill; ++line) {
      const auto text = writer->ReadLine(base::seconds(60));
      ASSERT_TRUE(text.has_value());
      acknowledged = base::ParseInt(*text).value_or(-1);
    }
    writer->Signal(SIGKILL);
    while (const auto text = writer->ReadLine(base::seconds(60)))
      acknowledged = base::ParseInt(*text).value_or(acknowledged);  // the last may be cut off
    writer->WaitOrKill(base::seconds(60));

    auto opened = Open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const auto snapshot = (*opened)->Load(At(0));
    ASSERT_TRUE(snapshot.has_value());
    ASSERT_EQ(snapshot->last_seq % kCrashBatch, 0);
    const int64_t batch = snapshot->last_seq / kCrashBatch;
    EXPECT_GE(batch, acknowledged);
    EXPECT_EQ(snapshot->runs, std::vector{SampleRun(RunKeyOf("d", "r"), static_cast<int>(batch))});
    ASSERT_EQ(snapshot->tasks.size(), static_cast<size_t>(kCrashBatch));
    for (const model::TaskRow& task : snapshot->tasks)
      EXPECT_EQ(task.try_number, batch);
  }
}

}  // namespace
}  // namespace store
