#include "store/sqlite_load.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "store/completed.h"
#include "store/sqlite_rows.h"

namespace store {

namespace {

using base::Cat;

template <typename Row>
base::Status Read(sqlite::Database& database, std::string_view rest, std::vector<Row>& out) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, database.Prepare(Cat(SelectSql<Row>(), " ", rest)));
  ASSIGN_OR_RETURN(out, ReadRows<Row>(statement));
  return {};
}

base::Status ReadIdentity(sqlite::Database& database, model::Identity& identity) {
  ASSIGN_OR_RETURN(sqlite::Statement statement,
                   database.Prepare("SELECT deployment, incarnation, epoch FROM meta"));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found)
    return base::Fail(base::ErrorCode::kCorrupt, "the database has lost its identity row");
  identity = {statement.Text(0), statement.Text(1), statement.Int(2)};
  return {};
}

// Runs that have not ended, and ended ones with a process, a launch or a cluster that is not seen
// over.
std::string LoadedRuns() {
  return Cat("(SELECT run_no FROM run WHERE ",
             kLiveRun,
             " UNION SELECT run_no FROM process WHERE ",
             kLiveProcess,
             " UNION SELECT run_no FROM launch WHERE ",
             kLiveLaunch,
             " UNION SELECT run_no FROM cluster WHERE run_no IS NOT NULL AND ",
             kLiveCluster,
             ")");
}

// The live rows of launches and clusters, and all of loaded runs.
std::string LiveOrOfLoadedRun(std::string_view live) {
  return Cat("WHERE t.", live, " OR t.run_no IN ", LoadedRuns(), " ORDER BY ");
}

// The last task of each job, run by run in the order of their numbers: one pass over the table.
class LastTasks {
 public:
  static base::Result<LastTasks> Begin(sqlite::Database& database) {
    ASSIGN_OR_RETURN(sqlite::Statement rows,
                     database.Prepare("SELECT run_no, job, lane, state FROM task WHERE idx = -1 "
                                      "ORDER BY run_no, job, lane, task"));
    LastTasks out(std::move(rows));
    RETURN_IF_ERROR(out.Next());
    return out;
  }

  // REQUIRES: a greater number than before.
  base::Status AddTo(CompletedJobs& completed, int64_t run_no, const model::RunRow& run) {
    while (has_row_ && rows_.Int(0) < run_no)
      RETURN_IF_ERROR(Next());
    while (has_row_ && rows_.Int(0) == run_no) {
      const model::JobKey job{run.key, model::JobId(rows_.Text(1)), model::LaneId(rows_.Text(2))};
      model::TaskState state{};
      do {
        if (!internal::ParseEnum(rows_.Text(3), state))
          return base::Fail(base::ErrorCode::kCorrupt,
                            "the database holds a task state that was never written");
        RETURN_IF_ERROR(Next());
      } while (has_row_ && rows_.Int(0) == run_no && rows_.Text(1) == job.job.str() &&
               rows_.Text(2) == job.lane.str());
      completed.Add(run, job, state);
    }
    return {};
  }

 private:
  explicit LastTasks(sqlite::Statement rows) : rows_(std::move(rows)) {}
  base::Status Next() {
    ASSIGN_OR_RETURN(has_row_, rows_.Step());
    return {};
  }

  sqlite::Statement rows_;
  bool has_row_ = false;
};

base::Status ReadCompleted(sqlite::Database& database,
                           base::Time since,
                           const std::vector<model::JobRow>& live,
                           std::vector<model::Snapshot::CompletedJob>& out) {
  ASSIGN_OR_RETURN(sqlite::Statement runs,
                   database.Prepare(Cat("SELECT t.run_no, ",
                                        SelectSql<model::RunRow>().substr(sizeof("SELECT ") - 1),
                                        " WHERE NOT t.",
                                        kLiveRun,
                                        " ORDER BY t.run_no")));
  ASSIGN_OR_RETURN(LastTasks last_tasks, LastTasks::Begin(database));
  CompletedJobs completed(since, live);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, runs.Step());
    if (!more)
      break;
    ASSIGN_OR_RETURN(const auto run, ReadRow<model::RunRow>(runs, 1));
    RETURN_IF_ERROR(last_tasks.AddTo(completed, runs.Int(0), run));
  }
  out = completed.Take();
  return {};
}

base::Status ReadSpend(sqlite::Database& database, model::Snapshot& out) {
  std::vector<model::SpendRulesRow> rules;
  RETURN_IF_ERROR(Read(database, "WHERE t.scope = ''", rules));
  if (!rules.empty())
    out.spend_rules = std::move(rules.front());
  const std::string has_ended = Cat("run_no IS NOT NULL AND NOT ", kLiveCluster);
  const int64_t day = base::Duration(base::hours(24)).count();
  return Read(database,
              Cat("WHERE t.run_no IS NOT NULL AND NOT t.",
                  kLiveCluster,
                  " AND t.phase_seen_at > (SELECT max(phase_seen_at) FROM cluster WHERE ",
                  has_ended,
                  ") - ",
                  day,
                  " ORDER BY t.id"),
              out.ended_clusters);
}

}  // namespace

base::Result<model::Snapshot> ReadSnapshot(sqlite::Database& database, base::Time completed_since) {
  model::Snapshot out;
  const std::string of_runs = Cat("WHERE t.run_no IN ", LoadedRuns(), " ORDER BY r.dag, r.run, ");
  RETURN_IF_ERROR(ReadIdentity(database, out.identity));
  ASSIGN_OR_RETURN(out.last_seq, database.QueryInt("SELECT max(seq) FROM history"));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.dag", out.dags));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.dag, t.first_end", out.holes));
  RETURN_IF_ERROR(Read(database,
                       Cat("WHERE t.version IN (SELECT version FROM dag UNION "
                           "SELECT version FROM run WHERE run_no IN ",
                           LoadedRuns(),
                           ") ORDER BY t.version"),
                       out.versions));
  RETURN_IF_ERROR(
      Read(database, Cat("WHERE t.run_no IN ", LoadedRuns(), " ORDER BY t.dag, t.run"), out.runs));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx"), out.jobs));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane"), out.mappings));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.path, t.lane"), out.groups));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.task"), out.tasks));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.n"), out.attempts));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.n"), out.outputs));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.n"), out.causes));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.n"), out.triggers));
  RETURN_IF_ERROR(Read(database, Cat(of_runs, "t.job, t.lane, t.idx, t.n"), out.processes));
  RETURN_IF_ERROR(Read(database, Cat(LiveOrOfLoadedRun(kLiveLaunch), "t.token"), out.launches));
  RETURN_IF_ERROR(Read(database, Cat(LiveOrOfLoadedRun(kLiveCluster), "t.id"), out.clusters));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.pool", out.pools));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.by_value, t.tag, t.market", out.limits));
  RETURN_IF_ERROR(ReadSpend(database, out));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.dag", out.pool_times));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.dag, t.job, t.lane", out.durations));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.aggregate, t.sequence", out.commands));
  RETURN_IF_ERROR(Read(database, "WHERE t.completed_at IS NULL ORDER BY t.id", out.backfills));
  RETURN_IF_ERROR(Read(database,
                       "WHERE t.backfill IN (SELECT id FROM backfill WHERE completed_at IS NULL) "
                       "ORDER BY t.backfill, t.number",
                       out.backfill_ticks));
  RETURN_IF_ERROR(Read(database, "WHERE t.released_at IS NULL ORDER BY t.id", out.holds));
  RETURN_IF_ERROR(Read(database,
                       Cat("WHERE t.status IN ('on_track', 'at_risk', 'late') OR (t.dag, t.run) IN "
                           "(SELECT dag, run FROM run WHERE run_no IN ",
                           LoadedRuns(),
                           ") ORDER BY t.dag, t.run, t.job, t.lane, t.name"),
                       out.deadlines));
  ASSIGN_OR_RETURN(out.last_backfill,
                   database.QueryInt("SELECT max(deleted_backfill, coalesce((SELECT max(id) FROM "
                                     "backfill), 0)) FROM meta"));
  ASSIGN_OR_RETURN(out.last_hold, database.QueryInt("SELECT max(id) FROM hold"));
  ASSIGN_OR_RETURN(out.last_deletion, database.QueryInt("SELECT deletions FROM meta"));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.id", out.assets));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.dag", out.asset_queues));
  RETURN_IF_ERROR(Read(database, "ORDER BY t.kind, t.name", out.records));
  ASSIGN_OR_RETURN(out.last_asset_event, database.QueryInt("SELECT max(id) FROM asset_event"));
  RETURN_IF_ERROR(ReadCompleted(database, completed_since, out.jobs, out.completed));
  return out;
}

}  // namespace store
