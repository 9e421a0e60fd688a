// Durable task transitions per second: the driver with its engine and the SQLite store (up to 100
// events applied, then one commit), against a bare program that writes the same rows.
//
// A transition is one change of a task instance's state, committed together with its history row.
// The bare program is the limit of this disk and this SQLite: no engine, none of the store's code,
// only prepared INSERTs of the very task and history rows, in the same order, in one transaction
// for each of the driver's, into the same schema under the same pragmas. It is spared what the
// engine writes besides (runs, jobs).
//
// Both run in this process, in turns, each pass on new files in a folder beside this program.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "driver/driver.h"
#include "model/dag_json.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace {

using Batch = std::vector<model::Change>;

constexpr int kRounds = 3;
constexpr int kPasses = 5;  // a round: one pass is too short to be steady
constexpr int kTreeDepth = 10;
constexpr const char* kDag = "throughput";

// ---- What is run -------------------------------------------------------------------------------

struct Shape {
  std::string name;
  std::vector<model::Job> jobs;
  int runs = 0;
  int events_per_commit = 0;  // each event triggers a run, which ends in the same step
};

std::vector<model::Job> EmptyJobs(int count, const std::function<int(int)>& upstream_of) {
  std::vector<model::Job> jobs(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    model::Job& job = jobs[static_cast<size_t>(i)];
    job.id = model::JobId(base::Cat("job", i));
    if (i > 0)
      job.upstream = {upstream_of(i)};
  }
  return jobs;
}

std::vector<Shape> Shapes() {
  const int tree = (2 << kTreeDepth) - 1;
  return {
      {"1,000 runs of 10 jobs in a line", EmptyJobs(10, [](int i) { return i - 1; }), 1000, 100},
      {"one job, then 1,000 (10 runs)", EmptyJobs(1001, [](int) { return 0; }), 10, 1},
      {"binary tree, depth 10 (10 runs)",
       EmptyJobs(tree, [](int i) { return (i - 1) / 2; }),
       10,
       1},
  };
}

// ---- Driver, engine and store ------------------------------------------------------------------

model::ProjectLoaded ProjectOf(const Shape& shape) {
  auto dag = std::make_shared<model::Dag>();
  dag->id = model::DagId(kDag);
  dag->is_paused_upon_creation = false;
  dag->jobs = shape.jobs;
  dag->version = model::ComputeVersion(*dag);
  return {{dag}, {}};
}

// Nothing here launches a cluster, so there is nothing to call.
class World : public driver::World {
 public:
  base::Time Now() override { return now; }
  void Submit(const driver::Call&) override { CHECK(false); }
  base::Time now = base::ParseTime("2026-01-05T02:00:00Z").value();
};

// Lets the driver make every run of the shape; returns the seconds from the first event to the last
// commit.
double Drive(store::Store& store, const Shape& shape) {
  static const schedule::ZoneSet kZones;  // no DAG here names one
  World world;
  const std::unique_ptr<driver::Driver> driver =
      driver::Driver::Create({}, world, store, kZones).value();
  driver->Post(ProjectOf(shape));
  driver->Pump();
  int made = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int run = 0; run < shape.runs;) {
    for (int i = 0; i < shape.events_per_commit; ++i, ++run) {
      world.now += base::milliseconds(1);
      driver->Post(model::TriggerRun{model::DagId(kDag), std::nullopt, world.now, {}, "bench"},
                   [&](const driver::Outcome& outcome) { made += outcome.has_value() ? 1 : 0; });
    }
    driver->Pump();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  CHECK(!driver->fatal() && made == shape.runs);
  CHECK(driver->state().runs.empty());  // every run has ended
  return took.count();
}

std::unique_ptr<store::Store> OpenStore(const std::string& path) {
  auto store = store::OpenSqlite({.path = path, .deployment = "bench"});
  if (!store.has_value()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    std::exit(1);
  }
  return std::move(*store);
}

// Keeps what is committed. The same events give the same changes in every store.
class RecordingStore : public store::Store {
 public:
  base::Result<model::Snapshot> Load(base::Time since) override { return memory_.Load(since); }
  base::Result<model::Snapshot> Reload(base::Time since) override { return memory_.Reload(since); }
  store::CommitResult Commit(const Batch& batch, int64_t epoch) override {
    batches.push_back(batch);
    return memory_.Commit(batch, epoch);
  }
  bool ReleaseReserve() override { return memory_.ReleaseReserve(); }
  bool HoldReserve() override { return memory_.HoldReserve(); }
  store::Reader& reader() override { return memory_.reader(); }
  std::vector<Batch> batches;

 private:
  store::MemoryStore memory_{{"bench", std::string(32, '0'), 0}};
};

std::vector<Batch> BatchesOf(const Shape& shape) {
  RecordingStore store;
  Drive(store, shape);
  store.batches.erase(store.batches.begin());  // the project's, which is not timed
  return std::move(store.batches);
}

bool IsTransition(const model::Change& change) {
  const auto* history = std::get_if<model::HistoryRow>(&change);
  return history != nullptr && history->subject.text.starts_with("task ");
}

// ---- The bare program --------------------------------------------------------------------------

class BareProgram {
 public:
  explicit BareProgram(const std::string& path) {
    OpenStore(path).reset();  // makes the schema, and the file keeps its log's mode
    CHECK(sqlite3_open_v2(
              path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) ==
          SQLITE_OK);
    CHECK(sqlite3_exec(connection_,
                       "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000; "
                       "PRAGMA cache_size=-65536",
                       nullptr,
                       nullptr,
                       nullptr) == SQLITE_OK);
    begin_ = Prepare("BEGIN IMMEDIATE");
    commit_ = Prepare("COMMIT");
    task_ = Prepare("INSERT INTO task VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1)");
    history_ =
        Prepare("INSERT INTO history VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }
  BareProgram(const BareProgram&) = delete;
  ~BareProgram() {
    for (sqlite3_stmt* statement : {begin_, commit_, task_, history_})
      sqlite3_finalize(statement);
    sqlite3_close(connection_);
  }

  // Returns the seconds that it took.
  double Write(const std::vector<Batch>& batches) {
    const auto begun = std::chrono::steady_clock::now();
    for (const Batch& batch : batches) {
      Run(begin_);
      for (const model::Change& change : batch) {
        if (const auto* task = std::get_if<model::TaskRow>(&change))
          Insert(*task);
        else if (const auto* history = std::get_if<model::HistoryRow>(&change))
          Insert(*history);
        else if (std::holds_alternative<model::RunRow>(change))
          ++run_no_;  // a run's tasks come after it
      }
      Run(commit_);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return took.count();
  }

 private:
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(connection_, sql, -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }

  static void Run(sqlite3_stmt* statement) {
    CHECK(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
  }

  static void Bind(sqlite3_stmt* statement, int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static void Bind(sqlite3_stmt* statement, int at, const std::optional<base::Time>& time) {
    if (time.has_value())
      sqlite3_bind_int64(statement, at, base::ToMicros(*time));
    else
      sqlite3_bind_null(statement, at);
  }

  void Insert(const model::TaskRow& row) {
    sqlite3_bind_int64(task_, 1, run_no_);
    Bind(task_, 2, row.job.job.str());
    Bind(task_, 3, row.job.lane.str());
    sqlite3_bind_int(task_, 4, row.task);
    Bind(task_, 5, ToString(row.state));
    sqlite3_bind_int(task_, 6, row.try_number);
    Bind(task_, 7, row.queued_at);
    Bind(task_, 8, row.start_date);
    Bind(task_, 9, row.end_date);
    Run(task_);
  }
  void Insert(const model::HistoryRow& row) {
    sqlite3_bind_int64(history_, 1, row.seq);
    Bind(history_, 2, row.at);
    Bind(history_, 3, row.subject.text);
    Bind(history_, 4, row.from);
    Bind(history_, 5, row.to);
    Bind(history_, 6, row.cause);
    Bind(history_, 7, ToString(row.subject.kind));
    Bind(history_, 8, row.subject.dag.str());
    Bind(history_, 9, row.subject.run.str());
    Bind(history_, 10, row.subject.job.str());
    Bind(history_, 11, row.subject.lane.str());
    sqlite3_bind_int64(history_, 12, row.subject.index);
    Bind(history_, 13, row.subject.cluster.str());
    Bind(history_, 14, row.by.name);
    Bind(history_, 15, row.by.means);
    Bind(history_, 16, row.by.address);
    Run(history_);
  }

  sqlite3* connection_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* task_ = nullptr;
  sqlite3_stmt* history_ = nullptr;
  int64_t run_no_ = 0;
};

// ---- Rounds and report -------------------------------------------------------------------------

// A new folder on the disk that holds the build, gone at the end: /tmp may be memory.
class Folder {
 public:
  Folder() {
    path_ = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "throughput-XXXXXX";
    CHECK(mkdtemp(path_.data()) != nullptr);
  }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(std::string_view name) const { return base::Cat(path_, "/", name); }

 private:
  std::string path_;
};

struct Spread {
  explicit Spread(std::array<double, kRounds> values) {
    std::sort(values.begin(), values.end());
    min = values.front();
    median = values[kRounds / 2];
    max = values.back();
  }
  std::string Text(const char* unit) const {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.0f%s (%.0f-%.0f)", median, unit, min, max);
    return text.data();
  }
  double min, median, max;
};

void Measure(const Shape& shape) {
  const std::vector<Batch> batches = BatchesOf(shape);
  int64_t transitions = 0;
  for (const Batch& batch : batches)
    transitions += std::count_if(batch.begin(), batch.end(), IsTransition);
  CHECK(transitions == shape.runs * static_cast<int64_t>(shape.jobs.size()));
  std::array<double, kRounds> ours{}, bare{}, ratio{};
  for (size_t round = 0; round < kRounds; ++round) {
    double our_seconds = 0;
    double bare_seconds = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
      const Folder folder;
      our_seconds += Drive(*OpenStore(folder.File("signalbox.db")), shape);
      bare_seconds += BareProgram(folder.File("bare.db")).Write(batches);
    }
    const auto count = static_cast<double>(kPasses * transitions);
    ours[round] = count / our_seconds;
    bare[round] = count / bare_seconds;
    ratio[round] = 100 * ours[round] / bare[round];
  }
  std::printf("%-32s %11lld %8zu  %-24s %-24s %s\n",
              shape.name.c_str(),
              static_cast<long long>(transitions),
              batches.size(),
              Spread(ours).Text("").c_str(),
              Spread(bare).Text("").c_str(),
              Spread(ratio).Text(" %").c_str());
}

}  // namespace

int main() {
  std::printf(
      "durable task transitions per second; median of %d rounds (min-max), %d passes each\n",
      kRounds,
      kPasses);
  std::printf("%-32s %11s %8s  %-24s %-24s %s\n",
              "shape",
              "transitions",
              "commits",
              "signalbox",
              "bare SQLite",
              "ratio");
  for (const Shape& shape : Shapes())
    Measure(shape);
}
