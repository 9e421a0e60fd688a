#include "store/migrations.h"

#include <array>

#include "base/text.h"

namespace store {

namespace {

using base::Cat;
using base::ErrorCode;

constexpr int64_t kApplicationId = 0x53424f58;  // "SBOX": tells our files from others'

// Locality decides the speed of durable writes: the rows of a run stand side by side, under its
// run_no. Only live states are indexed, never states over history (but for runs: step 4). Times are
// microseconds.
// `epoch` is the one that wrote the row last; `row_version` counts its puts.
constexpr std::string_view kStep1 = R"sql(
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  deployment TEXT NOT NULL, incarnation TEXT NOT NULL, epoch INTEGER NOT NULL);

CREATE TABLE dag(
  dag TEXT PRIMARY KEY, version TEXT NOT NULL, fileloc TEXT NOT NULL,
  is_paused INTEGER NOT NULL, is_active INTEGER NOT NULL,
  last_logical_date INTEGER, first_seen INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE dag_version(
  version TEXT NOT NULL UNIQUE, dag TEXT NOT NULL, resolved TEXT NOT NULL,
  created_at INTEGER NOT NULL);

CREATE TABLE run(
  run_no INTEGER PRIMARY KEY, dag TEXT NOT NULL, run TEXT NOT NULL,
  version TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL, logical_date INTEGER,
  interval_start INTEGER NOT NULL, interval_end INTEGER NOT NULL, run_after INTEGER NOT NULL,
  queued_at INTEGER NOT NULL, start_date INTEGER, end_date INTEGER,
  conf TEXT NOT NULL, triggered_by TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  UNIQUE(dag, run));
CREATE INDEX run_of_dag ON run(dag);
CREATE INDEX run_live ON run(state) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX run_fire ON run(dag, logical_date)
  WHERE type = 'scheduled' AND logical_date IS NOT NULL;

CREATE TABLE job(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL,
  idx INTEGER NOT NULL, try_number INTEGER NOT NULL, application_failures INTEGER NOT NULL,
  infrastructure_failures INTEGER NOT NULL, next_try_at INTEGER, waits_for TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane)) WITHOUT ROWID;

CREATE TABLE task(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, task INTEGER NOT NULL,
  state TEXT NOT NULL, try_number INTEGER NOT NULL,
  queued_at INTEGER, start_date INTEGER, end_date INTEGER,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, task)) WITHOUT ROWID;

CREATE TABLE attempt(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, n INTEGER NOT NULL,
  version TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, verdict TEXT,
  reason TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, n)) WITHOUT ROWID;

CREATE TABLE launch(
  token TEXT NOT NULL UNIQUE,
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, n INTEGER NOT NULL,
  launch_no INTEGER NOT NULL, intent_epoch INTEGER NOT NULL, state TEXT NOT NULL,
  request TEXT NOT NULL, created_at INTEGER NOT NULL, sent_by INTEGER,
  cluster TEXT NOT NULL, message TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL);
CREATE INDEX launch_of_run ON launch(run_no);
CREATE INDEX launch_live ON launch(state) WHERE state IN ('intent', 'unknown');

CREATE TABLE cluster(
  cluster_no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, token TEXT NOT NULL,
  run_no INTEGER, job TEXT, lane TEXT, n INTEGER,
  name TEXT NOT NULL, region TEXT NOT NULL, account TEXT NOT NULL,
  phase TEXT NOT NULL, health TEXT NOT NULL, reason_code TEXT NOT NULL,
  reason_message TEXT NOT NULL, phase_seen_at INTEGER NOT NULL,
  created_at INTEGER, ready_at INTEGER, ended_at INTEGER, in_service_since INTEGER,
  judged INTEGER NOT NULL, terminate_requested_at INTEGER, terminate_cause TEXT NOT NULL,
  zero_seen_at INTEGER, suspected TEXT NOT NULL, steps TEXT NOT NULL, fleets TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL);
CREATE INDEX cluster_of_run ON cluster(run_no) WHERE run_no IS NOT NULL;
CREATE INDEX cluster_live ON cluster(phase)
  WHERE phase IN ('STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING');

CREATE TABLE pool(
  pool TEXT PRIMARY KEY, slots INTEGER NOT NULL, description TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE command(
  aggregate TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(aggregate, sequence)) WITHOUT ROWID;

CREATE TABLE history(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, entity TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, cause TEXT NOT NULL);
)sql";

// A job's place is its DAG version's business.
constexpr std::string_view kStep2 = "ALTER TABLE job DROP COLUMN idx;";

// `waits_for` was "" where there was nothing to wait for. A DAG's schedule as it is now has been in
// force since it was first seen, as far as anybody remembers: the engine fills that in.
// A DAG stays active although its file is gone since `missing_since`. A cluster that is LOST may
// come back; what our own kill says of its attempt waits for its end.
constexpr std::string_view kStep3 = R"sql(
ALTER TABLE dag ADD COLUMN scheduled_until INTEGER;
ALTER TABLE dag ADD COLUMN schedules TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dag ADD COLUMN missing_since INTEGER;
UPDATE dag SET scheduled_until =
  (SELECT max(run_after) FROM run WHERE run.dag = dag.dag AND type = 'scheduled');
UPDATE job SET waits_for = '[]' WHERE waits_for = '';

CREATE TABLE hole(
  dag TEXT NOT NULL, first_end INTEGER NOT NULL, first_start INTEGER NOT NULL,
  last_start INTEGER NOT NULL, last_end INTEGER NOT NULL, ticks INTEGER NOT NULL,
  reason TEXT NOT NULL, recorded_at INTEGER NOT NULL, filled TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(dag, first_end)) WITHOUT ROWID;

ALTER TABLE cluster ADD COLUMN lost_since INTEGER;
ALTER TABLE cluster ADD COLUMN terminate_verdict TEXT;
)sql";

// People order and filter runs by these; a run is written a few times, its tasks many times.
constexpr std::string_view kStep4 = R"sql(
CREATE INDEX run_by_state ON run(state);
CREATE INDEX run_by_run_after ON run(run_after);
CREATE INDEX run_by_start ON run(start_date);
CREATE INDEX run_by_end ON run(end_date);
)sql";

// What a row of history concerns stands in columns. Of older rows it is read from `entity`: "task
// <dag>/<run>/<job>_<lane>.<task>", "step <cluster>/<step>", "launch <token>", … Whose task a name
// means, the run's tasks say.
constexpr std::string_view kStep5 = R"sql(
ALTER TABLE history ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN dag TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN run TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN job TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN idx INTEGER NOT NULL DEFAULT -1;
ALTER TABLE history ADD COLUMN cluster TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN means TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN address TEXT NOT NULL DEFAULT '';

UPDATE history SET kind = substr(entity, 1, instr(entity, ' ') - 1);
UPDATE history SET dag = substr(entity, 5) WHERE kind = 'dag';
UPDATE history SET dag = substr(entity, 5, instr(entity, '/') - 5),
  run = substr(entity, instr(entity, '/') + 1) WHERE kind = 'run';
UPDATE history SET dag = substr(entity, 6, instr(entity, '/') - 6),
  run = substr(entity, instr(entity, '/') + 1) WHERE kind = 'task';
UPDATE history SET job = substr(run, instr(run, '/') + 1),
  run = substr(run, 1, instr(run, '/') - 1) WHERE kind = 'task';
UPDATE history SET job = substr(job, 1, instr(job, '.') - 1)
  WHERE kind = 'task' AND instr(job, '.') > 0;
UPDATE history SET lane = task.lane, job = task.job FROM run JOIN task USING(run_no)
  WHERE history.kind = 'task' AND run.dag = history.dag AND run.run = history.run
    AND task.task = 0 AND task.lane <> '' AND task.job || '_' || task.lane = history.job;
UPDATE history SET cluster = substr(entity, 9) WHERE kind = 'cluster';
UPDATE history SET cluster = substr(entity, 6, instr(entity, '/') - 6) WHERE kind = 'step';
UPDATE history SET dag = run.dag, run = run.run, job = cluster.job, lane = cluster.lane
  FROM cluster JOIN run USING(run_no)
  WHERE history.kind IN ('cluster', 'step') AND cluster.id = history.cluster;
UPDATE history SET dag = run.dag, run = run.run, job = launch.job, lane = launch.lane,
    cluster = launch.cluster
  FROM launch JOIN run USING(run_no)
  WHERE history.kind = 'launch' AND launch.token = substr(history.entity, 8);

CREATE INDEX history_of_dag ON history(dag);
CREATE INDEX history_of_run ON history(run) WHERE run <> '';
CREATE INDEX history_of_job ON history(job) WHERE job <> '';
CREATE INDEX history_of_cluster ON history(cluster) WHERE cluster <> '';
CREATE INDEX history_by_actor ON history(actor) WHERE actor <> '';
CREATE INDEX history_by_kind ON history(kind) WHERE kind <> 'task';
)sql";

// A run that a person has ended goes on until its teardowns are done.
constexpr std::string_view kStep6 = "ALTER TABLE run ADD COLUMN marked TEXT;";

// How long jobs took recently: it begins empty, and a forecast says so while it has no history.
// What decides which queued job goes first, and how many may hold slots. Backfills make runs of
// ticks: no two runs of a schedule or of a backfill have one logical date.
constexpr std::string_view kStep7 = R"sql(
CREATE TABLE durations(
  dag TEXT NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, attempts TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(dag, job, lane)) WITHOUT ROWID;

CREATE TABLE job_limit(
  by_value TEXT NOT NULL, tag TEXT NOT NULL, most INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(by_value, tag)) WITHOUT ROWID;

CREATE TABLE pool_time(
  dag TEXT PRIMARY KEY, held INTEGER NOT NULL, at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL) WITHOUT ROWID;

ALTER TABLE run ADD COLUMN backfill INTEGER NOT NULL DEFAULT 0;
DROP INDEX run_fire;
CREATE UNIQUE INDEX run_fire ON run(dag, logical_date)
  WHERE type IN ('scheduled', 'backfill') AND logical_date IS NOT NULL;
CREATE INDEX run_at ON run(dag, logical_date);

CREATE TABLE backfill(
  id INTEGER PRIMARY KEY, dag TEXT NOT NULL, from_date INTEGER NOT NULL, to_date INTEGER NOT NULL,
  is_reversed INTEGER NOT NULL, fills_holes INTEGER NOT NULL, reprocess TEXT NOT NULL,
  max_active_runs INTEGER NOT NULL, conf TEXT NOT NULL, is_paused INTEGER NOT NULL,
  is_cancelled INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  completed_at INTEGER, created_by TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL);
CREATE INDEX backfill_open ON backfill(id) WHERE completed_at IS NULL;

CREATE TABLE backfill_tick(
  backfill INTEGER NOT NULL, number INTEGER NOT NULL, logical_date INTEGER NOT NULL,
  run_after INTEGER NOT NULL, interval_start INTEGER NOT NULL, interval_end INTEGER NOT NULL,
  outcome TEXT NOT NULL, run TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(backfill, number)) WITHOUT ROWID;

CREATE TABLE hold(
  id INTEGER PRIMARY KEY, scope TEXT NOT NULL, target TEXT NOT NULL, reason TEXT NOT NULL,
  since INTEGER NOT NULL, placed_by TEXT NOT NULL, released_at INTEGER, released_by TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL);
)sql";

// A job may be mapped over a list: then it has instances, with an index. These tables come first,
// for they are made again: a key cannot get a column.
// What became of deadlines. How many runs of a DAG have failed in a row: counted from now on.
// Assets, their events and what is queued of them: the events of one asset, or of one job, are read
// in the order of their ids.
constexpr std::string_view kStep8 = R"sql(
ALTER TABLE job RENAME TO job_before;
CREATE TABLE job(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  try_number INTEGER NOT NULL, application_failures INTEGER NOT NULL,
  infrastructure_failures INTEGER NOT NULL, next_try_at INTEGER, waits_for TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx)) WITHOUT ROWID;
INSERT INTO job SELECT run_no, job, lane, -1, try_number, application_failures,
  infrastructure_failures, next_try_at, waits_for, epoch, row_version FROM job_before;
DROP TABLE job_before;

ALTER TABLE task RENAME TO task_before;
CREATE TABLE task(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  task INTEGER NOT NULL, state TEXT NOT NULL, try_number INTEGER NOT NULL,
  queued_at INTEGER, start_date INTEGER, end_date INTEGER,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, task)) WITHOUT ROWID;
INSERT INTO task SELECT run_no, job, lane, -1, task, state, try_number, queued_at, start_date,
  end_date, epoch, row_version FROM task_before;
DROP TABLE task_before;

ALTER TABLE attempt RENAME TO attempt_before;
CREATE TABLE attempt(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  n INTEGER NOT NULL, version TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
  verdict TEXT, reason TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, n)) WITHOUT ROWID;
INSERT INTO attempt SELECT run_no, job, lane, -1, n, version, started_at, ended_at, verdict, reason,
  epoch, row_version FROM attempt_before;
DROP TABLE attempt_before;

ALTER TABLE durations ADD COLUMN instances INTEGER NOT NULL DEFAULT 0;
ALTER TABLE launch ADD COLUMN idx INTEGER NOT NULL DEFAULT -1;
ALTER TABLE cluster ADD COLUMN idx INTEGER DEFAULT -1;

CREATE TABLE mapping(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL,
  items TEXT NOT NULL, names TEXT NOT NULL, instances INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane)) WITHOUT ROWID;

CREATE TABLE deadline(
  dag TEXT NOT NULL, run TEXT NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, name TEXT NOT NULL,
  due INTEGER NOT NULL, status TEXT NOT NULL, since INTEGER NOT NULL, expected INTEGER,
  holds_up TEXT NOT NULL, epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(dag, run, job, lane, name)) WITHOUT ROWID;
CREATE INDEX deadline_open ON deadline(due) WHERE status IN ('on_track', 'at_risk', 'late');
CREATE INDEX deadline_by_due ON deadline(due);

ALTER TABLE dag ADD COLUMN failed_in_row INTEGER NOT NULL DEFAULT 0;

CREATE TABLE outputs(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL, n INTEGER NOT NULL,
  outputs TEXT NOT NULL, read_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, n)) WITHOUT ROWID;
ALTER TABLE launch ADD COLUMN outputs TEXT NOT NULL DEFAULT '';

CREATE TABLE asset(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, uri TEXT NOT NULL, asset_group TEXT NOT NULL,
  is_active INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL);

CREATE TABLE asset_event(
  id INTEGER PRIMARY KEY, asset INTEGER NOT NULL, at INTEGER NOT NULL, extra TEXT NOT NULL,
  dag TEXT NOT NULL, run TEXT NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL,
  created_by TEXT NOT NULL);
CREATE INDEX asset_event_of_asset ON asset_event(asset, id);
CREATE INDEX asset_event_of_dag ON asset_event(dag, id) WHERE dag <> '';

CREATE TABLE asset_queue(
  dag TEXT PRIMARY KEY, last_run INTEGER, assets TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL) WITHOUT ROWID;

ALTER TABLE run ADD COLUMN asset_events TEXT NOT NULL DEFAULT '[]';
CREATE INDEX run_of_assets ON run(type) WHERE type = 'asset_triggered';
)sql";

// A limit may count vCPUs, also those of one market. Clusters have a price. Groups of jobs have
// tries. Jobs trigger runs. People write
// notes.
constexpr std::string_view kStep9 = R"sql(
ALTER TABLE job_limit RENAME TO job_limit_before;
CREATE TABLE job_limit(
  by_value TEXT NOT NULL, tag TEXT NOT NULL, market TEXT NOT NULL,
  most INTEGER NOT NULL, most_vcpus INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(by_value, tag, market)) WITHOUT ROWID;
INSERT INTO job_limit SELECT by_value, tag, 'any', most, 0, epoch, row_version
  FROM job_limit_before;
DROP TABLE job_limit_before;

CREATE TABLE spend_rules(
  scope TEXT PRIMARY KEY, cap_per_day INTEGER, prices TEXT NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL) WITHOUT ROWID;
ALTER TABLE cluster ADD COLUMN micro_usd_per_hour INTEGER;
CREATE INDEX cluster_seen ON cluster(phase_seen_at);

CREATE TABLE group_tries(
  run_no INTEGER NOT NULL, path TEXT NOT NULL, lane TEXT NOT NULL,
  failures INTEGER NOT NULL, next_try_at INTEGER,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, path, lane)) WITHOUT ROWID;
ALTER TABLE job ADD COLUMN end_note TEXT NOT NULL DEFAULT '';

CREATE TABLE trigger_wish(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  n INTEGER NOT NULL, wanted_dag TEXT NOT NULL, wanted_run TEXT NOT NULL, logical_date INTEGER,
  finds_by_date INTEGER NOT NULL, conf TEXT NOT NULL, state TEXT NOT NULL, ended TEXT,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, n)) WITHOUT ROWID;

ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE task ADD COLUMN note TEXT NOT NULL DEFAULT '';
)sql";

// Records of people and of the outer parts. Runs can be deleted: their launches and clusters stay,
// and hold the number, below 0, of a deleted run.
constexpr std::string_view kStep10 = R"sql(
CREATE TABLE record(
  kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, revision INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(kind, name)) WITHOUT ROWID;

ALTER TABLE meta ADD COLUMN deletions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN deletions INTEGER NOT NULL DEFAULT 0;
CREATE TABLE deleted_run(run_no INTEGER PRIMARY KEY, dag TEXT NOT NULL, run TEXT NOT NULL);
)sql";

// The greatest id of a backfill whose DAG was deleted: it is not given again.
constexpr std::string_view kStep11 = R"sql(
ALTER TABLE meta ADD COLUMN deleted_backfill INTEGER NOT NULL DEFAULT 0;
CREATE TABLE cause(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  n INTEGER NOT NULL, text TEXT NOT NULL, found_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, n)) WITHOUT ROWID;
)sql";

// Since when a job holds its pool's slots. Of those that hold them now: since their attempt began.
constexpr std::string_view kStep12 = R"sql(
ALTER TABLE job ADD COLUMN slots_since INTEGER;
UPDATE job SET slots_since = (SELECT max(a.started_at) FROM attempt a
  WHERE a.run_no = job.run_no AND a.job = job.job AND a.lane = job.lane AND a.idx = job.idx)
  WHERE EXISTS (SELECT 1 FROM attempt a WHERE a.run_no = job.run_no AND a.job = job.job
    AND a.lane = job.lane AND a.idx = job.idx AND a.ended_at IS NULL);
)sql";

// The processes of commands.
constexpr std::string_view kStep13 = R"sql(
CREATE TABLE process(
  run_no INTEGER NOT NULL, job TEXT NOT NULL, lane TEXT NOT NULL, idx INTEGER NOT NULL,
  n INTEGER NOT NULL, token TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
  wanted_at INTEGER NOT NULL, began_at INTEGER, ended_at INTEGER, end_text TEXT NOT NULL,
  stop_requested_at INTEGER,
  epoch INTEGER NOT NULL, row_version INTEGER NOT NULL,
  PRIMARY KEY(run_no, job, lane, idx, n)) WITHOUT ROWID;
CREATE INDEX process_live ON process(run_no) WHERE state IN ('wanted', 'running');
)sql";

constexpr std::array kSteps{kStep1,
                            kStep2,
                            kStep3,
                            kStep4,
                            kStep5,
                            kStep6,
                            kStep7,
                            kStep8,
                            kStep9,
                            kStep10,
                            kStep11,
                            kStep12,
                            kStep13};

// An error leaves the transaction open: the connection, and with it the step, is given up.
base::Status RunStep(sqlite::Database& database, int step) {
  return database.Execute(Cat("BEGIN IMMEDIATE;",
                              kSteps[static_cast<size_t>(step)],
                              "PRAGMA application_id=",
                              kApplicationId,
                              ";PRAGMA user_version=",
                              step + 1,
                              ";COMMIT;"));
}

}  // namespace

int SchemaVersion() {
  return static_cast<int>(kSteps.size());
}

base::Result<bool> IsEmpty(sqlite::Database& database) {
  ASSIGN_OR_RETURN(const int64_t application, database.QueryInt("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t tables, database.QueryInt("SELECT count(*) FROM sqlite_schema"));
  return application == 0 && version == 0 && tables == 0;
}

base::Status Migrate(sqlite::Database& database, const std::string& path) {
  ASSIGN_OR_RETURN(const int64_t application, database.QueryInt("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const bool is_empty, IsEmpty(database));
  if (!is_empty && application != kApplicationId)
    return base::Fail(
        ErrorCode::kConflict,
        Cat("the database ", path, " belongs to another program: name another file for Signalbox"));
  if (version > SchemaVersion())
    return base::Fail(ErrorCode::kConflict,
                      Cat("the database ",
                          path,
                          " has schema version ",
                          version,
                          ", and this signalbox knows versions up to ",
                          SchemaVersion(),
                          ": run the newer signalbox that wrote it"));
  for (auto step = static_cast<int>(version); step < SchemaVersion(); ++step)
    RETURN_IF_ERROR(RunStep(database, step));
  return {};
}

}  // namespace store
