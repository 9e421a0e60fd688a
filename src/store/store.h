#pragma once

// The durable state. Two halves: Store is the write half, which one driver owns; Reader answers
// what people ask. Implementations: in memory (tests, simulation) and SQLite; one contract suite
// for all.
//
// Not here: any decision. A store keeps rows (model/rows.h); the engine says which.
//
// Thread rule: a Store and the Reader it hands out are used from one thread; a ReadConnection may
// be used from another one.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/rows.h"
#include "store/filters.h"

namespace store {

struct CommitResult {
  enum class Outcome {
    kOk,       // all of the batch is durable
    kRefused,  // nothing of the batch happened (disk full, constraint)
    kFenced,   // nothing happened: a newer epoch has begun
    kUnknown,  // it may or may not have happened: drop memory, load again
  };
  Outcome outcome = Outcome::kOk;
  std::string reason;
};

// Lists of runs leave out what is longer: RunRow::conf is "" there.
inline constexpr size_t kListedConfMax = size_t{1} << 10;

// By what a list of runs can be ordered and filtered. Absent times come first, states in the order
// of their names.
enum class RunColumn {
  kId,
  kDag,
  kRun,
  kState,
  kLogicalDate,
  kRunAfter,
  kStartDate,
  kEndDate,
  kDuration,     // from its start to its end
  kTriggeredBy,  // a person; absent where a schedule or a job did it
};
struct RunOrder {
  RunColumn column = RunColumn::kId;  // kId: as they were created
  bool is_descending = false;
};

// Where a page begins: the rows after `row` in the list's order; backward: those before it, as many
// as are asked for, the nearest ones. Of `row` only its key and what the list is ordered by count,
// and they may be older than what is stored now.
template <typename Row>
struct Edge {
  Row row;
  bool is_backward = false;
};

struct RunQuery {
  std::optional<model::DagId> dag;
  std::vector<model::RunState> states;  // none: all; so below
  std::vector<model::DagId> dags = {};
  std::vector<model::RunType> types = {};
  std::vector<NumberRange<RunColumn>> ranges = {};  // each must hold; so below
  std::vector<TextMatch<RunColumn>> matches = {};
  int limit = 100;
  int offset = 0;
  // The first counts most. Runs that are equal come as they were created, in the direction of the
  // first. None: the newest first.
  std::vector<RunOrder> order;
  std::optional<Edge<model::RunRow>> from;
};

// Of a run's jobs: all rows; or those of the jobs themselves (`last` is -1); or those of instances
// of one mapped job.
struct Instances {
  std::optional<model::JobId> job = {};
  std::optional<model::LaneId> lane = {};
  int first = -1;
  int last = std::numeric_limits<int>::max();
};

// How many instances of a mapped job have a task in a state.
struct InstanceCount {
  model::JobId job;
  model::LaneId lane;
  int task = 0;
  model::TaskState state = model::TaskState::kNone;
  int64_t instances = 0;
  friend bool operator==(const InstanceCount&, const InstanceCount&) = default;
};

// By what a list of tasks can be ordered and filtered.
enum class TaskColumn {
  kRunNo,  // as their runs were created
  kDag,
  kRun,
  kJob,
  kLane,
  kIndex,
  kTask,
  kState,
  kTryNumber,
  kLogicalDate,  // of the run; so the next
  kRunAfter,
  kQueuedAt,
  kStartDate,
  kEndDate,
  kDuration,
};
struct TaskOrder {
  TaskColumn column = TaskColumn::kRunNo;
  bool is_descending = false;
};

// A task by its job; in all of the job's instances, where it is mapped.
struct TaskName {
  model::JobId job;
  model::LaneId lane;
  int task = 0;
  bool is_alone = false;  // the job has no other task
};

// A mapped job that has its list does not stand in the answer: its instances do.
struct TaskQuery {
  std::optional<model::DagId> dag;
  std::optional<model::RunId> run;
  Instances of = {};
  std::optional<int> task = {};
  std::vector<model::TaskState> states;  // none: all; so below
  std::vector<model::DagId> dags = {};
  std::vector<model::RunId> runs = {};
  std::vector<TaskName> names = {};
  std::vector<NumberRange<TaskColumn>> ranges = {};
  std::vector<TextMatch<TaskColumn>> matches = {};
  int limit = 100;
  int offset = 0;
  // The first counts most. Tasks that are equal come by their runs, in the direction of the first,
  // and in a run by job and task. None: the newest run first.
  std::vector<TaskOrder> order = {};
  std::optional<Edge<model::TaskRow>> from;
};

struct ClusterQuery {
  bool live_only = false;  // not seen terminal
  std::optional<model::DagId> dag;
  // In one of these phases and well, or live with one of these healths; none of either: all.
  std::vector<model::ClusterPhase> phases;
  std::vector<model::ClusterHealth> healths;
  std::vector<model::DagId> dags = {};  // of attempts of these DAGs; none: all
  int limit = 100;
  int offset = 0;
  std::optional<Edge<model::ClusterRow>> from;
};

// What is named must match.
struct HistoryQuery {
  int64_t after = 0;  // rows with a greater seq
  int limit = 100;
  std::optional<model::EntityKind> kind = {};
  std::optional<model::DagId> dag = {};
  std::optional<model::RunId> run = {};
  std::optional<model::JobId> job = {};
  std::optional<model::LaneId> lane = {};
  std::optional<int> index = {};
  std::optional<model::ClusterId> cluster = {};
  std::optional<std::string> actor = {};
  std::optional<std::string> task = {};  // as the subject's text ends: "train_1.start_cluster"
  std::vector<std::string> to = {}, to_others = {};  // to one of these; to none of these
  std::vector<model::DagId> dags = {};               // about these DAGs; none: about all
  bool is_about_work = false;                        // no row of records and of access
  bool is_asked_for = false;                         // somebody asked for what made it happen
  std::optional<base::Time> from = {}, until = {};   // both are in it
  bool is_newest_first = false;
  int offset = 0;
};

// How many runs of a DAG are in a state.
struct RunCount {
  model::DagId dag;
  model::RunState state = model::RunState::kQueued;
  int64_t runs = 0;
  friend bool operator==(const RunCount&, const RunCount&) = default;
};

// What is named must match.
struct AssetEventQuery {
  std::optional<int64_t> asset = {};
  std::optional<model::DagId> dag = {};
  std::optional<model::RunId> run = {};
  std::optional<model::JobId> job = {};
  std::optional<model::LaneId> lane = {};
  std::optional<base::Time> from = {}, until = {};
  int64_t after = 0;                    // events with a greater id
  std::optional<int64_t> up_to = {};    // none with a greater one
  std::vector<model::DagId> dags = {};  // by jobs of these; none: all
  bool is_newest_first = false;
  int limit = 100;
  int offset = 0;
};

template <typename Row>
struct Page {
  std::vector<Row> rows;
  int64_t total = 0;  // without limit, offset and edge; above kCountedMax: at least so many
};

// There may be millions of rows: no list is counted further.
inline constexpr int64_t kCountedMax = 10'000;

class Reader {
 public:
  virtual ~Reader() = default;
  virtual base::Result<std::vector<model::DagRow>> Dags() = 0;  // by id
  // The gaps in a DAG's schedule, the oldest first.
  virtual base::Result<std::vector<model::HoleRow>> Holes(const model::DagId& dag) = 0;
  // kNotFound where there is none; so below.
  virtual base::Result<model::DagVersionRow> Version(const model::VersionId& version) = 0;
  // The oldest first.
  virtual base::Result<std::vector<model::DagVersionRow>> Versions(const model::DagId& dag) = 0;
  // kNotFound where the edge is no run; so below. Of a conf above kListedConfMax nothing is read,
  // however large an older version let it be; where it is above model::kConfBytesMax, triggered_by
  // is left out too.
  virtual base::Result<Page<model::RunRow>> Runs(const RunQuery& query) = 0;
  virtual base::Result<model::RunRow> Run(const model::RunKey& key) = 0;
  // The newest; nothing where the DAG has none.
  virtual base::Result<std::optional<model::RunRow>> LatestRun(const model::DagId& dag) = 0;
  // The run of this logical date; nothing where there is none. Of several a scheduled one or one of
  // a backfill, else the newest.
  virtual base::Result<std::optional<model::RunRow>> RunAt(const model::DagId& dag,
                                                           base::Time logical_date) = 0;
  virtual base::Result<std::vector<RunCount>> CountRuns() = 0;  // by DAG and state; none is 0
  // When the latest success of each DAG ended.
  virtual base::Result<std::map<model::DagId, base::Time>> LastSuccesses() = 0;
  virtual base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run,
                                                        const Instances& of) = 0;  // by key
  base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run) { return Jobs(run, {}); }
  virtual base::Result<std::vector<model::MappingRow>> Mappings(
      const model::RunKey& run) = 0;  // by key
  virtual base::Result<std::vector<model::GroupTriesRow>> GroupTries(
      const model::RunKey& run) = 0;  // by key
  virtual base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run,
                                                          const Instances& of) = 0;  // by job, task
  base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run) {
    return Tasks(run, {});
  }
  virtual base::Result<std::vector<InstanceCount>> CountInstances(
      const model::RunKey& run) = 0;  // by job, task, state
  virtual base::Result<Page<model::TaskRow>> TasksOfRuns(const TaskQuery& query) = 0;
  virtual base::Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run,
                                                                const Instances& of) = 0;
  base::Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run) {
    return Attempts(run, {});
  }
  virtual base::Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run,
                                                               const Instances& of) = 0;
  base::Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run) {
    return Launches(run, {});
  }
  virtual base::Result<std::vector<model::OutputsRow>> Outputs(const model::RunKey& run) = 0;
  virtual base::Result<std::vector<model::CauseRow>> Causes(const model::RunKey& run) = 0;
  virtual base::Result<std::vector<model::ProcessRow>> Processes(const model::RunKey& run) = 0;
  // Whatever became of its run.
  virtual base::Result<model::LaunchRow> Launch(const model::LaunchToken& token) = 0;
  // When the first launch of all was recorded; nothing where there has been none.
  virtual base::Result<std::optional<base::Time>> FirstLaunchAt() = 0;
  virtual base::Result<Page<model::ClusterRow>> Clusters(
      const ClusterQuery& query) = 0;  // newest first
  // Of all its launches, those that it did not want among them; oldest first.
  virtual base::Result<std::vector<model::ClusterRow>> ClustersOf(const model::RunKey& run) = 0;
  virtual base::Result<model::ClusterRow> Cluster(const model::ClusterId& id) = 0;
  // Of attempts, by id: those that may have cost something in the interval.
  virtual base::Result<std::vector<model::ClusterRow>> ClustersWithin(
      const base::Interval& interval) = 0;
  virtual base::Result<std::vector<model::PoolRow>> Pools() = 0;
  // Those of a DAG, or all; the newest first.
  virtual base::Result<std::vector<model::BackfillRow>> Backfills(
      const std::optional<model::DagId>& dag) = 0;
  virtual base::Result<model::BackfillRow> Backfill(int64_t id) = 0;
  virtual base::Result<std::vector<model::BackfillTickRow>> BackfillTicks(
      int64_t id) = 0;  // by number
  // Also those that are released; the newest first.
  virtual base::Result<std::vector<model::HoldRow>> Holds() = 0;
  virtual base::Result<std::vector<model::RecordRow>> Records(
      model::RecordKind kind) = 0;  // by name
  // Of a run, by job, lane and name.
  virtual base::Result<std::vector<model::DeadlineRow>> Deadlines(const model::RunKey& run) = 0;
  // Those that are final; the latest due first.
  virtual base::Result<std::vector<model::DeadlineRow>> PastDeadlines(int64_t limit) = 0;
  virtual base::Result<std::vector<model::AssetRow>> Assets() = 0;  // by id
  virtual base::Result<Page<model::AssetEventRow>> AssetEvents(const AssetEventQuery& query) = 0;
  virtual base::Result<std::vector<model::AssetQueueRow>> AssetQueues() = 0;  // by DAG
  // The newest runs that have taken events of assets.
  virtual base::Result<std::vector<model::RunRow>> RunsOfAssets(int limit) = 0;
  // Oldest first, unless the query says otherwise.
  virtual base::Result<std::vector<model::HistoryRow>> History(const HistoryQuery& query) = 0;
  // Without limit and offset; above kCountedMax: at least so many.
  virtual base::Result<int64_t> CountHistory(const HistoryQuery& query) = 0;
};

// Reads beside the thread that commits.
class ReadConnection {
 public:
  virtual ~ReadConnection() = default;
  // Calls `read` with a Reader that sees one moment of the store, the latest commit included.
  // `give_up` is asked now and then; once it says true, reads fail with kUnavailable. An error is
  // that of the connection: `read` was not called.
  virtual base::Status Read(const std::function<bool()>& give_up,
                            const std::function<void(Reader&)>& read) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Begins a new leadership epoch and reads everything that is live. `completed_since` bounds
  // Snapshot::completed (the latest success of each job and lane is always in it).
  virtual base::Result<model::Snapshot> Load(base::Time completed_since) = 0;
  // Reads the same again within the epoch. It writes nothing, so that it works on a full disk.
  virtual base::Result<model::Snapshot> Reload(base::Time completed_since) = 0;
  // The batch in one transaction, in its order. REQUIRES: `epoch` came from Load.
  virtual CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) = 0;
  // After a refusal for want of space: gives back what was held in reserve, so that watching and
  // terminating can go on. True where there was something to give back.
  virtual bool ReleaseReserve() = 0;
  // Tries to hold the reserve (again); true where it is held now: then there is space to go on as
  // before.
  virtual bool HoldReserve() = 0;
  // Whether what is committed will still be there after a restart: kUnavailable, with what happened
  // and how to go on, where the files were deleted, replaced or cut short. Cheap.
  virtual base::Status CheckFiles() { return {}; }
  // kUnavailable where the disk has less left than the reserve is meant for.
  virtual base::Status CheckSpace() { return {}; }
  virtual Reader& reader() = 0;
  // To be used by one thread, and ended before the store. Null where there is none: then reader()
  // is asked, on the thread that commits.
  virtual base::Result<std::unique_ptr<ReadConnection>> NewReadConnection() { return nullptr; }
};

// The events that templates of the snapshot's runs may ask for, and those that are queued.
base::Status AddAssetEvents(Reader& reader, model::Snapshot& snapshot);

// One run with its version and all its rows, and the last seq of that moment, for a request that
// concerns a run which has left the engine's memory.
base::Result<model::Snapshot> ReadRun(Reader& reader, const model::RunKey& key);

}  // namespace store
