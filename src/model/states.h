#pragma once

// The state names of the domain, with the words that users know: Airflow's for runs and tasks,
// EMR's for clusters. Texts are what rows, API answers and history hold; they never change.

#include <array>
#include <optional>
#include <string_view>

namespace model {

enum class RunState { kQueued, kRunning, kSuccess, kFailed };

// Airflow's task instance states, those that Signalbox uses.
enum class TaskState {
  kNone,        // waits for its upstream
  kScheduled,   // of a mapped job: its instances work
  kQueued,      // waits for a pool slot and for call budget; no intent yet
  kRunning,     // the launch intent is committed
  kDeferred,    // the cluster lives and is watched
  kUpForRetry,  // the attempt failed; next_try_at holds when the next one may start
  kRestarting,  // cleared while its cluster lives
  kSuccess,
  kFailed,
  kUpstreamFailed,
  kSkipped,
  kRemoved,  // an instance that the mapped job's list has no item for any more
};

// EMR's cluster states, plus LOST: EMR does not know the cluster any more. LOST is the one terminal
// phase that may be left: a read may show the cluster again.
enum class ClusterPhase {
  kStarting,
  kBootstrapping,
  kRunning,
  kWaiting,
  kTerminating,
  kTerminated,
  kTerminatedWithErrors,
  kLost,
};

enum class ClusterHealth { kOk, kZeroMaster, kZeroCore };

enum class StepState {
  kPending,
  kCancelPending,
  kRunning,
  kCompleted,
  kCancelled,
  kFailed,
  kInterrupted
};

enum class FleetRole { kMaster, kCore, kTask };

// A live cluster with our deployment's name that no attempt claims.
enum class OrphanClass {
  kOrphan,     // of this database's incarnation, and no launch of it made it
  kForeign,    // of another incarnation: an earlier database's, or another one's
  kDuplicate,  // of a launch that was over, or that had made another cluster
};

enum class LaunchState {
  kIntent,    // committed; the call may or may not have been sent
  kUnknown,   // the call's outcome is not known: only a look-up decides
  kAccepted,  // a cluster id is recorded
  kRefused,   // a clean "not yet" (throttled): costs no try
  kRejected,  // a clean failure: EMR will not take this request
  kNotFound,  // looked up past the settle time: it does not exist
};

enum class Timetable {
  kTrigger,       // Airflow 3: fires at its tick, logical_date is the tick
  kDataInterval,  // Airflow 2: fires at the interval's end, logical_date is its start
};

// When a job may begin, by how the jobs before it have ended: Airflow's trigger rules
// (airflow.task.trigger_rule). "Failed" means failed or upstream_failed.
enum class TriggerRule {
  kAllSuccess,
  kAllFailed,
  kAllDone,
  kAllDoneMinOneSuccess,  // no job is skipped, and one has succeeded
  kAllSkipped,
  kOneFailed,   // at once
  kOneSuccess,  // at once
  kOneDone,     // one has succeeded or failed, at once
  kNoneFailed,
  kNoneFailedMinOneSuccess,
  kNoneSkipped,
  kAlways,
  kAllDoneSetupSuccess,  // of teardowns alone: all are done, and one of its setups has succeeded
};

// Those that a DAG file may name.
inline constexpr std::array kTriggerRules{TriggerRule::kAllSuccess,
                                          TriggerRule::kAllFailed,
                                          TriggerRule::kAllDone,
                                          TriggerRule::kAllDoneMinOneSuccess,
                                          TriggerRule::kAllSkipped,
                                          TriggerRule::kOneFailed,
                                          TriggerRule::kOneSuccess,
                                          TriggerRule::kOneDone,
                                          TriggerRule::kNoneFailed,
                                          TriggerRule::kNoneFailedMinOneSuccess,
                                          TriggerRule::kNoneSkipped,
                                          TriggerRule::kAlways};

enum class RunType { kScheduled, kManual, kBackfill, kAssetTriggered, kOperatorTriggered };

// Somebody asked for the run, a person or a job: it is no run of the DAG's schedule, and another
// run may have its logical date.
constexpr bool IsAskedFor(RunType type) {
  return type == RunType::kManual || type == RunType::kOperatorTriggered;
}

// What has become of a job's wish for a run (TriggerRow).
enum class TriggerState {
  kAsked,    // it is not known yet whether there is such a run
  kCreated,  // the run was made
  kCleared,  // there was one, and it begins again
  kNothing,  // the attempt ended without one
};

// What has become of a command's process (ProcessRow).
enum class ProcessState {
  kWanted,   // committed; it may or may not have begun
  kRunning,  // it was seen
  kOver,     // it has ended, or will never begin
};

// Why ticks of a DAG's schedule never fired.
enum class HoleReason {
  kPaused,   // the DAG was paused when they passed
  kMissed,   // Signalbox was not running, or could not store anything
  kNoRoom,   // max_active_runs runs were active
  kEdited,   // the schedule was edited before they fired
  kCatchup,  // they passed before the DAG was unpaused, and its catchup takes only the latest
};

// How a job's wait for another DAG came about.
enum class WaitBasis {
  kDue,          // the edge's window names this data interval
  kNotBegun,     // nothing is due of the upstream DAG yet: it waits for the first that will be
  kNoMatch,      // the window finds no interval: it waits for a run with this one
  kUnscheduled,  // the upstream DAG is only triggered: any success counts
  kUnknownDag,   // there is no such DAG yet
  kLogicalDate,  // by a row from before schema 3: the interval holds a logical date twice
  kPastRun,      // depends_on_past: the previous run of the own DAG, which has this interval
  kTooOld,       // the latest due ended before what `within` allows; as kNoMatch
};

// What the ends have decided of an edge that has a rule. It stays, whatever becomes of them.
enum class WaitVerdict {
  kOpen,
  kReady,
  kSkipped,         // so is the job
  kUpstreamFailed,  // so is the job
};

// What is to be known of the end of a job that stands in a group with retries.
enum class EndNote {
  kNone,
  kForGood,     // it failed by its configuration or by a person's hand: its group is not retried
  kOutletsDue,  // its success is told to its assets once its group is settled
};

// Who is to blame for an ended attempt; decides whether and how it is retried.
enum class VerdictClass { kSuccess, kInfrastructure, kApplication, kConfiguration, kUser };

std::string_view ToString(RunState state);
std::string_view ToString(TaskState state);  // "none", "scheduled", …
std::string_view ToString(ClusterPhase phase);
std::string_view ToString(ClusterHealth health);
std::string_view ToString(StepState state);
std::string_view ToString(FleetRole role);
std::string_view ToString(LaunchState state);
std::string_view ToString(OrphanClass orphan);  // "orphan", "foreign", "duplicate"
std::string_view ToString(RunType type);
std::string_view ToString(TriggerState state);
std::string_view ToString(ProcessState state);
std::string_view ToString(VerdictClass verdict);
std::string_view ToString(TriggerRule rule);  // "all_success"
std::string_view ToString(HoleReason reason);
std::string_view ToString(WaitBasis basis);
std::string_view ToString(WaitVerdict verdict);
std::string_view ToString(EndNote note);

std::optional<RunState> ParseRunState(std::string_view text);
std::optional<TaskState> ParseTaskState(std::string_view text);
std::optional<ClusterPhase> ParseClusterPhase(std::string_view text);
std::optional<ClusterHealth> ParseClusterHealth(std::string_view text);
std::optional<StepState> ParseStepState(std::string_view text);
std::optional<FleetRole> ParseFleetRole(std::string_view text);
std::optional<LaunchState> ParseLaunchState(std::string_view text);
std::optional<RunType> ParseRunType(std::string_view text);
std::optional<TriggerState> ParseTriggerState(std::string_view text);
std::optional<ProcessState> ParseProcessState(std::string_view text);
std::optional<VerdictClass> ParseVerdictClass(std::string_view text);
std::optional<TriggerRule> ParseTriggerRule(std::string_view text);
std::optional<HoleReason> ParseHoleReason(std::string_view text);
std::optional<WaitBasis> ParseWaitBasis(std::string_view text);
std::optional<WaitVerdict> ParseWaitVerdict(std::string_view text);
std::optional<EndNote> ParseEndNote(std::string_view text);

constexpr bool IsTerminal(RunState s) {
  return s == RunState::kSuccess || s == RunState::kFailed;
}
constexpr bool IsTerminal(TaskState s) {
  return s == TaskState::kSuccess || s == TaskState::kFailed || s == TaskState::kUpstreamFailed ||
         s == TaskState::kSkipped || s == TaskState::kRemoved;
}
constexpr bool IsTerminal(ClusterPhase p) {
  return p == ClusterPhase::kTerminated || p == ClusterPhase::kTerminatedWithErrors ||
         p == ClusterPhase::kLost;
}
constexpr bool IsTerminal(StepState s) {
  return s == StepState::kCompleted || s == StepState::kCancelled || s == StepState::kFailed ||
         s == StepState::kInterrupted;
}

// The order in which phases are reached; RUNNING and WAITING share a rank, as do the terminal ones.
// A recorded phase never moves to a lower rank.
int Rank(ClusterPhase phase);

}  // namespace model
