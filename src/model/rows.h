#pragma once

// The rows of the store: the whole durable state, as plain data. A row is written whole ("put");
// the engine is the only one who decides what stands in it. Times are world time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/boxed.h"
#include "base/json.h"
#include "base/time.h"
#include "model/asset.h"
#include "model/backfill.h"
#include "model/dag.h"
#include "model/history.h"
#include "model/hold.h"
#include "model/ids.h"
#include "model/record.h"
#include "model/spend.h"
#include "model/states.h"

namespace model {

using base::Time;

// One row in the whole store: who this database is.
struct Identity {
  std::string deployment;   // [a-z0-9]{2,20}
  std::string incarnation;  // 32 hex digits, drawn when the database is created or restored
  int64_t epoch = 0;        // leadership epoch: +1 at every start
};

// A schedule that a DAG has had. Its ticks count from then until the next one's begin.
struct SchedulePeriod {
  Schedule schedule;
  std::string timezone;
  Time since;
  friend bool operator==(const SchedulePeriod&, const SchedulePeriod&) = default;
};

struct DagRow {
  DagId dag;
  VersionId version;  // the one that new runs take
  std::string fileloc;
  bool is_paused = true;
  bool is_active = true;  // its file is still there
  // Of the latest scheduled run that was created: the next one's is later.
  std::optional<Time> last_logical_date;
  Time first_seen;
  // Each tick up to then has its run or stands in a hole; none: the DAG was never unpaused.
  std::optional<Time> scheduled_until;
  std::vector<SchedulePeriod> schedules;  // the oldest first; the last one is in force
  // Its file is gone together with many others: it stays active until a person confirms, or until
  // the file is back.
  std::optional<Time> missing_since;
  // Of its latest runs to end, backfills' not among them: so many failed, with no person's help.
  int failed_in_row = 0;
  friend bool operator==(const DagRow&, const DagRow&) = default;
};

// A gap in a DAG's schedule: ticks that never fired and will not. It takes no fire key: a run with
// one of its data intervals may be triggered, and fills it.
struct HoleRow {
  DagId dag;
  base::Interval first, last;  // the data intervals of its first and its last tick
  int64_t ticks = 0;           // counted up to a bound (kMostTicksCounted)
  HoleReason reason = HoleReason::kMissed;
  Time recorded_at;
  std::vector<Time> filled;  // the ends of those intervals that a run has succeeded for, ascending
  friend bool operator==(const HoleRow&, const HoleRow&) = default;
};
inline constexpr int64_t kMostTicksCounted = 100'000;

// Content-addressed: never changes.
struct DagVersionRow {
  VersionId version;
  DagId dag;
  std::string resolved;  // DagToJson, canonical
  Time created_at;
  friend bool operator==(const DagVersionRow&, const DagVersionRow&) = default;
};

struct RunRow {
  RunKey key;
  VersionId version;  // pinned, but for a clear that asks for the newest one
  RunType type = RunType::kScheduled;
  RunState state = RunState::kQueued;
  std::optional<Time> logical_date;
  base::Interval data_interval;
  Time run_after;
  Time queued_at;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  std::string conf;  // JSON object: the run's params
  std::string triggered_by;
  // A person has ended the run so, and its teardowns still work: it ends so once they are done.
  std::optional<RunState> marked;
  int64_t backfill = 0;                   // that it belongs to, and counts for; 0: none
  std::vector<TakenEvents> asset_events;  // of kAssetTriggered: what it was made for
  std::string note;                       // of people
  // How many deletions there had been when it was made: a run that was deleted may have had its id,
  // and the two must not share launch tokens.
  int64_t deletions = 0;
  friend bool operator==(const RunRow&, const RunRow&) = default;
};

// A run of another DAG that a job waits for: decided when its own run was created. It is over once
// `job` has succeeded in all of `lanes`, in any run with exactly this data interval; under a rule,
// once that says so of all waits of the edge.
struct UpstreamWait {
  DagId dag;
  JobId job;  // "": the run itself; `lanes` is {""}
  std::vector<LaneId> lanes;
  std::optional<base::Interval> interval;  // none: kUnscheduled, kUnknownDag
  WaitBasis basis = WaitBasis::kDue;
  bool skips_holes = false;  // a hole in place of the run will do
  RunId run;  // of kPastRun: the previous run of the own DAG; the job must have succeeded in this
              // very run, or have been skipped
  // Of an edge with a rule: its place in the job's edges; -1: it has none.
  int edge = -1;
  TriggerRule rule = TriggerRule::kAllSuccess;
  bool ends_job = false;
  WaitVerdict verdict = WaitVerdict::kOpen;  // the same in all waits of the edge
  friend bool operator==(const UpstreamWait&, const UpstreamWait&) = default;
};

// What a job knows beyond its version and its tasks: attempts and edges from other DAGs. Written
// once there is such a thing; a job without a row has none.
struct JobRow {
  JobKey key;
  int try_number = 0;            // attempts begun
  int application_failures = 0;  // since the last clear
  int infrastructure_failures = 0;
  std::optional<Time> next_try_at;
  std::vector<UpstreamWait> waits_for;
  EndNote end_note = EndNote::kNone;
  std::optional<Time> slots_since;  // it holds its pool's slots; none: it holds none
  friend bool operator==(const JobRow&, const JobRow&) = default;
};

// The tries of a group in one lane. Written once one of them has failed.
struct GroupTriesRow {
  GroupKey key;
  int failures = 0;  // since the last clear
  std::optional<Time> next_try_at;
  friend bool operator==(const GroupTriesRow&, const GroupTriesRow&) = default;
};

// The list of a mapped job. It is decided when the run reaches the job, and then there is one
// instance of the job for each item.
struct MappingRow {
  JobKey key;             // of the job itself
  std::string items;      // a JSON list; "" while none is in force: before that, and once cleared
  std::string names;      // JSON list of the instances' shown names (map_index_template); "": none
  int64_t instances = 0;  // that were ever made; those beyond the list are removed
  friend bool operator==(const MappingRow&, const MappingRow&) = default;
};

struct TaskRow {
  JobKey job;
  int task = 0;  // its place in TaskIds(job)
  TaskState state = TaskState::kNone;
  int try_number = 0;
  std::optional<Time> queued_at;
  std::optional<Time> start_date;
  std::optional<Time> end_date;
  std::string note;  // of people
  friend bool operator==(const TaskRow&, const TaskRow&) = default;
};

// Append-only: a row is closed once (ended_at and verdict) and then never changes.
struct AttemptRow {
  AttemptKey key;
  VersionId version;
  Time started_at;
  std::optional<Time> ended_at;
  std::optional<VerdictClass> verdict;
  std::string reason;  // a sentence that a person understands
  friend bool operator==(const AttemptRow&, const AttemptRow&) = default;
};

// What an attempt tells the jobs after its own, committed with its success. It never changes, and
// counts while the job has succeeded by this attempt.
struct OutputsRow {
  AttemptKey key;
  std::string outputs;  // a JSON object, as its work wrote it
  Time read_at;
  friend bool operator==(const OutputsRow&, const OutputsRow&) = default;
};

// Why an attempt failed, as its logs say it. It is looked for once they are in S3, minutes after
// the attempt, and decides nothing. It never changes.
struct CauseRow {
  AttemptKey key;
  std::string text;  // one paragraph
  Time found_at;
  friend bool operator==(const CauseRow&, const CauseRow&) = default;
};
inline constexpr size_t kCauseCharactersMax = 2000;
// How the line of history begins that tells it: "why try 2 failed: …".
inline constexpr std::string_view kCauseLead = "why try ";

// The run that an attempt of a job wants (TriggerWork), as its texts were rendered; it begins with
// the attempt, and the run is made in the commit that says so.
struct TriggerRow {
  AttemptKey key;
  RunKey run;  // of kCleared: the one that was there
  std::optional<Time> logical_date;
  bool finds_by_date = false;  // a run with that logical date will do, whatever its id
  std::string conf;            // a JSON object
  TriggerState state = TriggerState::kAsked;
  // A job that waits takes neither end of the run for its own: so it ended, if it has not begun
  // again.
  std::optional<RunState> ended;
  friend bool operator==(const TriggerRow&, const TriggerRow&) = default;
};

// The process of an attempt of CommandWork. It is written before anything is started, so that a
// process that nobody remembers can't be; its token names its record on the machine, under which it
// begins once at the most.
struct ProcessRow {
  AttemptKey key;
  ProcessToken token;
  std::string request;  // JSON, rendered; secrets stand in it as marks
  ProcessState state = ProcessState::kWanted;
  Time wanted_at;
  std::optional<Time> began_at, ended_at;
  std::string end;  // a sentence: how it ended; "" while that is not known
  // A person's doing: it is told to end, and killed if it does not.
  std::optional<Time> stop_requested_at;
  friend bool operator==(const ProcessRow&, const ProcessRow&) = default;
};
inline bool IsLive(const ProcessRow& row) {
  return row.state != ProcessState::kOver;
}

// A text that is longer is no outputs.
inline constexpr size_t kOutputsBytesMax = size_t{48} << 10;

// How an attempt ended and how long it took, from its launch on.
struct PastAttempt {
  base::Duration took{};
  VerdictClass verdict = VerdictClass::kSuccess;
  friend bool operator==(const PastAttempt&, const PastAttempt&) = default;
};

// How long a job took recently, in all of its DAG's runs: what a forecast draws from. Attempts that
// a person ended or that a mistake in the configuration ended are not among them.
struct DurationsRow {
  DagId dag;
  JobId job;
  LaneId lane;
  std::vector<PastAttempt> attempts;  // the oldest first; bounded (engine/durations.h)
  int64_t instances = 0;              // of a mapped job: how many its latest list made
  friend bool operator==(const DurationsRow&, const DurationsRow&) = default;
};

struct LaunchRow {
  LaunchToken token;
  AttemptKey attempt;
  int launch_no = 0;
  int64_t epoch = 0;  // of the process that decided it: evidence for people
  LaunchState state = LaunchState::kIntent;
  std::string request;  // the RunJobFlow JSON, exactly as sent
  Time created_at;
  // No request under this token can be signed later than this; look-ups count from it.
  std::optional<Time> sent_by;
  ClusterId cluster;    // "" until known
  std::string message;  // why it is not accepted
  std::string outputs;  // the URI at which its work leaves its outputs; "": it leaves none
  friend bool operator==(const LaunchRow&, const LaunchRow&) = default;
};

struct StepView {
  std::string id, name;
  StepState state = StepState::kPending;
  std::string failure;  // FailureDetails as a sentence
  std::optional<Time> start, end;
  bool overdue = false;  // it ran for much longer than expected: shown, nothing more
  friend bool operator==(const StepView&, const StepView&) = default;
};

struct FleetView {
  std::string id;
  FleetRole role = FleetRole::kMaster;
  std::string state;  // EMR's word
  int target = 0;     // on-demand + spot units
  int running = 0;    // provisioned units
  friend bool operator==(const FleetView&, const FleetView&) = default;
};

struct ClusterRow {
  ClusterId id;
  LaunchToken token;  // "" for a cluster that is not ours
  std::optional<AttemptKey> attempt;
  std::string name, region, account;
  ClusterPhase phase = ClusterPhase::kStarting;
  ClusterHealth health = ClusterHealth::kOk;
  std::string reason_code, reason_message;
  Time phase_seen_at;  // source time of the look that gave `phase`
  // EMR has answered "no such cluster" since then, several times: shown as LOST. The phase becomes
  // LOST, and the attempt ends, once that has lasted; until then any read may show the cluster
  // again.
  std::optional<Time> lost_since;
  std::optional<Time> created_at, ready_at, ended_at;  // EMR's Timeline
  std::optional<Time> in_service_since;  // first seen RUNNING or WAITING: the grace for fleets
  bool judged = false;                   // its attempt's verdict is given
  std::optional<Time> terminate_requested_at;
  std::string terminate_cause;
  // The verdict that our own kill gives, unless the cluster's end says more; none for other kills.
  std::optional<VerdictClass> terminate_verdict;
  // The first look at fleets that found no running master or core; a second look confirms.
  std::optional<Time> zero_seen_at;
  ClusterHealth suspected = ClusterHealth::kOk;
  std::vector<StepView> steps;
  std::vector<FleetView> fleets;
  // What an hour of it costs at the most, by the prices when it was launched; none: not known.
  std::optional<MicroUsd> micro_usd_per_hour;
  friend bool operator==(const ClusterRow&, const ClusterRow&) = default;
};

// EMR's reads do not know the cluster, as far as they were believed.
inline bool IsLost(const ClusterRow& cluster) {
  return cluster.lost_since || cluster.phase == ClusterPhase::kLost;
}

// What people are shown as the cluster's state: LOST, ZERO_MASTER and ZERO_CORE take the place of
// EMR's word while the cluster lives.
inline std::string_view ShownState(const ClusterRow& cluster) {
  if (IsTerminal(cluster.phase))
    return ToString(cluster.phase);
  if (cluster.lost_since)
    return ToString(ClusterPhase::kLost);
  return cluster.health == ClusterHealth::kOk ? ToString(cluster.phase) : ToString(cluster.health);
}

struct PoolRow {
  PoolId id;
  int slots = 0;
  std::string description;
  friend bool operator==(const PoolRow&, const PoolRow&) = default;
};

// A limit of the project, over all its DAGs. KeyOf(limit) is its key.
struct LimitRow {
  JobLimit limit;  // one that bounds nothing is not in force any more
  friend bool operator==(const LimitRow&, const LimitRow&) = default;
};

// What the project says of money: one row in the whole store, of the scope "".
struct SpendRulesRow {
  std::string scope;
  std::optional<MicroUsd> cap_per_day;  // of all DAGs together
  std::vector<Price> prices;            // by type
  friend bool operator==(const SpendRulesRow&, const SpendRulesRow&) = default;
};

// How long the jobs of a DAG have held pool slots, each as many times as it has taken: what the
// fair share between DAGs goes by. It halves each day; what is held now comes on top.
struct PoolTimeRow {
  DagId dag;
  base::Duration held{0};  // as it stood at `at`
  Time at;
  friend bool operator==(const PoolTimeRow&, const PoolTimeRow&) = default;
};

struct DeadlineKey {
  JobKey job;        // its job is "": the deadline is of the whole run
  std::string name;  // of a deadline that several DAGs share; "": of the DAG or the job alone
  friend auto operator<=>(const DeadlineKey&, const DeadlineKey&) = default;
};

// What becomes of a deadline of a run that exists. Written when its status changes, and no more
// once that is final.
struct DeadlineRow {
  DeadlineKey key;
  Time due;
  DeadlineStatus status = DeadlineStatus::kOnTrack;
  Time since;                    // the status
  std::optional<Time> expected;  // the finish that nine passes in ten did not exceed; none: never
  std::string holds_up;          // a sentence
  friend bool operator==(const DeadlineRow&, const DeadlineRow&) = default;
};

// A command that was decided and is not known to be done. Its id is (aggregate, sequence).
enum class CommandKind {
  kLaunch,     // RunJobFlow for a launch token; done when the launch row leaves intent and unknown
  kTerminate,  // TerminateJobFlows; done when the cluster is seen terminal
  kReadOutputs,  // the outputs of a launch's work; done when its attempt has ended
};
struct CommandRow {
  std::string aggregate;  // the launch token or the cluster id
  int64_t sequence = 0;
  CommandKind kind = CommandKind::kLaunch;
  Time created_at;
  friend bool operator==(const CommandRow&, const CommandRow&) = default;
};

struct CommandDone {
  std::string aggregate;
  int64_t sequence = 0;
  friend bool operator==(const CommandDone&, const CommandDone&) = default;
};

// The DAG has another id from here on: every row that names it does. The texts of `history` stay as
// they were said, and so do stored versions (DagOf).
struct DagRenamed {
  DagId from, to;  // no row names `to`
  friend bool operator==(const DagRenamed&, const DagRenamed&) = default;
};

// A run is gone with its rows, or a DAG with all that it had. What was done at EMR stays: launches
// and clusters, under a name that no run can have (NameOfDeleted). History stays as it was said.
struct Deleted {
  int64_t number = 0;  // counts deletions: 1, 2, …
  DagId dag;
  RunId run;  // "": the whole DAG
  friend bool operator==(const Deleted&, const Deleted&) = default;
};
// "manual__2026-01-05 (deleted 7)": what launches and clusters of a deleted run name.
RunId NameOfDeleted(const RunId& run, int64_t number);

// One durable change: a row put whole (insert or replace by its key), a history row appended, a
// command taken off the outbox, a record dropped, a DAG renamed, or a run or DAG deleted. The large
// rows are boxed, for they are rare.
using Change = std::variant<DagRow,
                            HoleRow,
                            DagVersionRow,
                            RunRow,
                            JobRow,
                            TaskRow,
                            AttemptRow,
                            DurationsRow,
                            base::Boxed<LaunchRow>,
                            base::Boxed<ClusterRow>,
                            PoolRow,
                            LimitRow,
                            SpendRulesRow,
                            PoolTimeRow,
                            CommandRow,
                            CommandDone,
                            DagRenamed,
                            HistoryRow,
                            BackfillRow,
                            BackfillTickRow,
                            HoldRow,
                            DeadlineRow,
                            MappingRow,
                            GroupTriesRow,
                            OutputsRow,
                            CauseRow,
                            TriggerRow,
                            ProcessRow,
                            AssetRow,
                            AssetEventRow,
                            AssetQueueRow,
                            RecordRow,
                            RecordDropped,
                            Deleted>;

// What the engine needs to go on: everything that is live, and what cross-DAG edges look back at.
struct Snapshot {
  Identity identity;
  int64_t last_seq = 0;  // of history
  std::vector<DagRow> dags;
  std::vector<HoleRow> holes;
  std::vector<DagVersionRow> versions;  // those of live runs and of dags
  std::vector<RunRow> runs;             // not ended, or with something live
  std::vector<JobRow> jobs;             // of those runs
  std::vector<MappingRow> mappings;     // of those runs
  std::vector<GroupTriesRow> groups;    // of those runs
  std::vector<TaskRow> tasks;           // of those runs
  std::vector<AttemptRow> attempts;     // of those runs
  std::vector<OutputsRow> outputs;      // of those runs
  std::vector<CauseRow> causes;         // of those runs
  std::vector<TriggerRow> triggers;     // of those runs
  std::vector<ProcessRow> processes;    // of those runs
  std::vector<LaunchRow> launches;      // of those runs, and every one not settled
  std::vector<ClusterRow> clusters;     // of those runs, and every one not seen terminal
  std::vector<PoolRow> pools;
  std::vector<LimitRow> limits;  // those that are not in force any more among them
  SpendRulesRow spend_rules;
  // Seen terminal within a day before the latest that was, of whatever run: what today's money goes
  // by. They may stand in `clusters`, too.
  std::vector<ClusterRow> ended_clusters;
  std::vector<PoolTimeRow> pool_times;
  std::vector<DurationsRow> durations;
  std::vector<CommandRow> commands;  // the outbox
  // Runs that ended, newest first, within the look-back of cross-DAG edges, with their tasks'
  // final states; the latest success of each job; the latest run of each DAG, and those that a job
  // waits for (kPastRun), however old.
  struct CompletedJob {
    JobKey job;
    RunType type = RunType::kScheduled;
    std::optional<Time> logical_date;
    base::Interval data_interval;
    TaskState state = TaskState::kSuccess;  // of the job's last task
    bool run_succeeded = false;
    std::optional<Time> ended_at = {};  // the run
    bool is_of_whole_run = true;        // the run's other jobs are there, too
  };
  std::vector<CompletedJob> completed;
  std::vector<BackfillRow> backfills;           // not completed
  std::vector<BackfillTickRow> backfill_ticks;  // of those
  std::vector<HoldRow> holds;                   // in force
  std::vector<DeadlineRow> deadlines;           // not final, or of those runs
  int64_t last_backfill = 0, last_hold = 0;     // the greatest ids there are
  int64_t last_deletion = 0;                    // the number of the latest
  std::vector<AssetRow> assets;                 // those that are not active any more among them
  std::vector<AssetQueueRow> asset_queues;
  int64_t last_asset_event = 0;  // the greatest id there is
  // What those runs have taken and what is queued, of each the newest kTriggeringEventsMax.
  std::vector<AssetEventRow> asset_events;
  std::vector<RecordRow> records;
};

}  // namespace model
