#pragma once

// Everything that can happen to the engine. An event carries its own time; applying the same events
// to the same rows gives the same bytes.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "model/dag.h"
#include "model/ids.h"
#include "model/principal.h"
#include "model/rows.h"
#include "model/select.h"
#include "model/states.h"

namespace model {

// Time has passed: schedules fire, retry delays end. Also the way to say "nothing else happened".
struct Tick {};

// The project was read. DAGs that are not in the list become inactive, and their live runs go on;
// but if many are missing at once, they stay active until a person confirms.
struct ProjectLoaded {
  std::vector<std::shared_ptr<const Dag>> dags;
  std::vector<PoolRow> pools;
  std::vector<LimitRow> limits = {};
  SpendRulesRow spend_rules = {};
};

struct TriggerRun {
  DagId dag;
  std::optional<RunId> run_id;
  std::optional<Time> logical_date;  // none: the run has none
  json::object conf;
  Principal by;
  std::optional<base::Interval> data_interval;  // none: by the schedule
  std::string note = {};
};

struct SetPaused {
  DagId dag;
  bool is_paused = false;
  Principal by;
};

// A person confirms that DAGs whose files are missing are to become inactive.
struct DeactivateDags {
  std::vector<DagId> dags;
  Principal by;
};

// What a person asks of one run. Its jobs are named without lanes they do not have; none means all.
// `rows` is the run as the store has it, where it is not in the engine's memory any more (an ended
// run): the version, the run and its rows.
struct RunRequest {
  RunKey run;
  std::vector<JobKey> jobs;
  Principal by;
  std::shared_ptr<const Snapshot> rows;
};

// The jobs run again, with new retry counts; their live clusters are terminated first.
struct ClearJobs : RunRequest {
  Reach reach;
  bool only_failed = false;         // of these, those that failed
  bool on_latest_version = false;   // the run takes its DAG's newest version first
  bool only_new = false;            // nothing else is cleared: the new jobs of that version run
  std::optional<std::string> note;  // for the run if it names no jobs, else for those it clears
};

// The jobs end as told; their live clusters are terminated.
struct MarkJobs : RunRequest {
  TaskState state = TaskState::kSuccess;  // or kFailed, kSkipped
};

// What people write on a run, or on task instances, for each other; "": nothing any more.
struct SetNote : RunRequest {  // of its jobs, if it names some; else of the run
  int task = 0;                // of its jobs: their task with this place
  std::string note;
};

// The run ends as told, with every job that has not ended: kFailed is what others call abort.
struct MarkRun : RunRequest {
  RunState state = RunState::kFailed;  // or kSuccess
};

// The logs of an attempt say why it failed. An attempt that is gone by now, or whose cause is
// known, stays as it is.
struct CauseFound : RunRequest {
  AttemptKey attempt;     // of the run
  int64_t deletions = 0;  // RunRow::deletions, as it was: another run may have the id since
  std::string text;
};

// A person wants an ended run gone, with its rows.
struct DeleteRun : RunRequest {};

// A person wants a DAG gone, with its runs and all that is known of it. If its file is there, the
// DAG begins again, empty.
struct DeleteDag {
  DagId dag;
  Principal by;
};

// A person wants past runs of a DAG: of the ticks whose logical dates are in a range, of a list of
// data intervals, or of the ticks that its holes have in the range.
struct CreateBackfill {
  DagId dag;
  std::optional<Time> from, to;  // of a range both; of holes: none is all
  std::vector<base::Interval> intervals;
  bool fills_holes = false;
  bool is_reversed = false;
  Reprocess reprocess = Reprocess::kNone;
  int max_active_runs = kBackfillActiveRuns;
  json::object conf;
  Principal by;
};

struct ChangeBackfill {
  enum class To { kPaused, kGoesOn, kCancelled };
  int64_t id = 0;
  To to = To::kPaused;
  Principal by;
};

// What the store has for the next ticks of a backfill, as of a moment of the history: if anything
// has happened since, the event changes nothing. `rows` is the run, if it has ended and is to run
// again.
struct BackfillTicksRead {
  struct Found {
    int number = 0;
    std::optional<RunRow> run;  // with the tick's logical date; none: there is no such run
    std::shared_ptr<const Snapshot> rows;
  };
  int64_t id = 0;
  int64_t as_of = 0;  // the last seq
  std::vector<Found> ticks;
  Principal by;  // who asked for the backfill
};

// What the store has of the runs that jobs want (TriggerRow), as of a moment of the history: if
// anything has happened since, the event changes nothing. `rows` is the run, if it has ended and is
// to begin again.
struct TriggersRead {
  struct Found {
    AttemptKey attempt;
    std::optional<RunRow> run;  // none: there is no such run
    std::shared_ptr<const Snapshot> rows;
  };
  int64_t as_of = 0;  // the last seq
  std::vector<Found> found;
};

// A person holds launches. One that is in force already, for the same reason, is not placed twice.
struct PlaceHold {
  HoldScope scope = HoldScope::kAll;
  std::string target;
  std::string reason;
  Principal by;
};

struct ReleaseHold {
  int64_t id = 0;
  Principal by;
};

// A forecast says what becomes of deadlines. Those of runs that have ended meanwhile, and of runs
// that are yet to come, change nothing.
struct DeadlinesJudged {
  struct Judged {
    DeadlineKey key;
    Time due;
    DeadlineStatus status = DeadlineStatus::kOnTrack;
    std::optional<Time> expected;
    std::string holds_up;
  };
  std::vector<Judged> judged;
  bool is_whole = false;  // of all runs that had not ended at as_of: what is not here is withdrawn
  Time as_of;
};

// A person tells that an asset was made.
struct CreateAssetEvent {
  int64_t asset = 0;
  json::object extra;
  Principal by;
};

// A person drops what is queued of an asset: for one DAG, or for all; none: of all of a DAG's.
struct DropQueuedEvents {
  std::optional<DagId> dag;
  std::optional<int64_t> asset;
  Principal by;
  std::optional<Time> before = {};  // only what was queued before that; none: all
};

// People or the outer parts write records: all of these, or none. kConflict where one has another
// revision than is expected.
struct ChangeRecords {
  struct One {
    RecordKey id;
    std::optional<std::string> body;  // none: it is dropped
    std::optional<int64_t> expected;  // its revision, 0 for a record that must be new; none: any
    bool may_be_gone = false;         // of one that is dropped: then there is nothing to do
    // For the history, without secrets: what it was, and what it is; "": no more than that it is
    // there.
    std::string before = {}, after = {};
  };
  std::vector<One> records;
  std::string what;       // "password changed": for the history
  bool is_quiet = false;  // no history row reports it
  Principal by;
};

// Somebody was refused, so many times alike: for the history.
struct Refused {
  std::string what;  // "POST /api/v2/pools"
  std::string why;
  int64_t times = 1;
  Principal by;
};

// A person wants this cluster dead, whatever its job is doing.
struct TerminateCluster {
  ClusterId cluster;
  Principal by;
};

// So many more jobs may start now: the driver has the means to carry it out. Of those whose
// attempts begin with a call to a cloud, and of those of this machine (KindInfo::is_local).
struct Turns {
  int calls = 0;
  int local = 0;
};

// RunJobFlow answered with a cluster.
struct LaunchAccepted {
  LaunchToken token;
  ClusterId cluster;
  Time sent_at;
};

// RunJobFlow answered no, cleanly: no cluster exists under this token.
struct LaunchRefused {
  enum class Kind {
    kNotYet,    // throttled, or nothing was sent: the job is queued again, no try is used
    kRejected,  // EMR will not take the request: a configuration failure
  };
  LaunchToken token;
  Kind kind = Kind::kNotYet;
  std::string message;
};

// RunJobFlow may or may not have created a cluster.
struct LaunchUncertain {
  LaunchToken token;
  Time sent_at;
  std::string message;
};

// A complete look at ListClusters, unfiltered by state, created since before the oldest asked
// token: what it found of the launches whose outcome is not known.
struct LaunchesLookedUp {
  struct Found {
    LaunchToken token;
    ClusterId cluster;
    std::string name;
    Time created_at;
    bool has_failed = false;  // it has ended with errors
  };
  std::vector<LaunchToken> asked;
  std::vector<Found> found;  // several of one token where it was accepted more than once
  Time began_at;
};

// One of the ErrorDetails with which EMR explains some failures.
struct ErrorDetail {
  std::string code, message;
  std::string instance_type, availability_zone;  // "" where it names none
};

// A cluster's Status as EMR reports it.
struct ClusterStatus {
  ClusterPhase phase = ClusterPhase::kStarting;
  std::string reason_code, reason_message;
  std::vector<ErrorDetail> errors;
  std::optional<Time> created_at, ready_at, ended_at;
  std::string account;  // of its ARN; "" where the reply has none
};

// What EMR said of one cluster in one reply (or in several of one look). Parts that were not asked
// for are absent.
struct ClusterSeen {
  ClusterId cluster;
  Time source_at;  // world time when the (first) request was sent
  std::optional<ClusterStatus> status;
  std::optional<std::vector<StepView>> steps;
  std::optional<std::vector<FleetView>> fleets;
};

// A list shows a cluster that was given up as LOST and whose run is not in memory any more. `rows`
// is the run as the store has it.
struct LostClusterSeen {
  ClusterSeen seen;
  std::shared_ptr<const Snapshot> rows;
};

// EMR says it does not know the cluster: the answer that confirms it, and each one after that.
struct ClusterGone {
  ClusterId cluster;
  Time source_at;
};

// A complete pass over the account's live clusters, the cloud first and the database second: those
// that bear our deployment's name and belong to no launch that the engine holds.
struct OrphansSeen {
  struct Stray {
    ClusterId cluster;
    std::string name;
    LaunchToken token;
    OrphanClass kind = OrphanClass::kForeign;
    ClusterPhase phase = ClusterPhase::kStarting;
    std::optional<Time> created_at;
  };
  std::vector<Stray> strays;
  int ours = 0;                         // live clusters of this incarnation, claimed or not
  std::optional<Time> first_launch_at;  // that the database remembers; none: it has had none
  Time began_at;
};

// What a read of a launch's outputs has brought.
struct OutputsSeen {
  enum class Kind {
    kThere,
    kMissing,
    kTooLarge,
    kDenied,
    kNoBucket,
    kRefused,  // for another reason that does not pass
  };
  LaunchToken token;
  Kind kind = Kind::kMissing;
  std::string text;                // of kThere; else what the store said
  std::optional<Time> written_at;  // at the latest, by the store's clock; of kThere
  Time source_at;                  // when the request was sent
};

// What the machine says of a command's process.
struct ProcessSeen {
  enum class Kind {
    kBegan,
    kEnded,     // by itself, or because it was told to
    kRefused,   // it never began: the request cannot be carried out
    kNotBegun,  // it never began: the machine had no room for it, or it was stopped before
    kLost,      // it runs no more, and nobody has seen how it ended
  };
  ProcessToken token;
  Kind kind = Kind::kBegan;
  // Of kEnded: one of the two.
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool timed_out = false;              // it was ended for its execution_timeout
  std::string text;                    // the last line of its stderr, or why it never began
  std::optional<std::string> outputs;  // what it has left, of kEnded; none: it was not there
  bool outputs_too_large = false;
  std::optional<Time> began_at, ended_at;
};

// What an event of a person has made: the run or the row with this id.
struct Made {
  std::optional<RunKey> run;
  std::optional<int64_t> id;
};

struct Event {
  Time at;
  std::variant<Tick,
               ProjectLoaded,
               TriggerRun,
               SetPaused,
               DeactivateDags,
               ClearJobs,
               MarkJobs,
               MarkRun,
               SetNote,
               CauseFound,
               TerminateCluster,
               Turns,
               LaunchAccepted,
               LaunchRefused,
               LaunchUncertain,
               LaunchesLookedUp,
               ClusterSeen,
               LostClusterSeen,
               ClusterGone,
               OrphansSeen,
               CreateBackfill,
               ChangeBackfill,
               BackfillTicksRead,
               TriggersRead,
               PlaceHold,
               ReleaseHold,
               DeadlinesJudged,
               OutputsSeen,
               ProcessSeen,
               CreateAssetEvent,
               DropQueuedEvents,
               ChangeRecords,
               DeleteRun,
               DeleteDag,
               Refused>
      body;
};

}  // namespace model
