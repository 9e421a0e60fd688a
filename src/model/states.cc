#include "model/states.h"

#include <array>
#include <utility>

#include "model/deadline.h"
#include "model/missing.h"

namespace model {

namespace {

template <typename Enum, size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

template <typename Enum, size_t N>
std::string_view NameOf(const Names<Enum, N>& names, Enum value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value)
      return name;
  }
  return "?";
}

template <typename Enum, size_t N>
std::optional<Enum> ValueOf(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text)
      return value;
  }
  return std::nullopt;
}

constexpr Names<RunState, 4> kRunStates{{{RunState::kQueued, "queued"},
                                         {RunState::kRunning, "running"},
                                         {RunState::kSuccess, "success"},
                                         {RunState::kFailed, "failed"}}};
constexpr Names<TaskState, 12> kTaskStates{{{TaskState::kNone, "none"},
                                            {TaskState::kScheduled, "scheduled"},
                                            {TaskState::kQueued, "queued"},
                                            {TaskState::kRunning, "running"},
                                            {TaskState::kDeferred, "deferred"},
                                            {TaskState::kUpForRetry, "up_for_retry"},
                                            {TaskState::kRestarting, "restarting"},
                                            {TaskState::kSuccess, "success"},
                                            {TaskState::kFailed, "failed"},
                                            {TaskState::kUpstreamFailed, "upstream_failed"},
                                            {TaskState::kSkipped, "skipped"},
                                            {TaskState::kRemoved, "removed"}}};
constexpr Names<ClusterPhase, 8> kPhases{
    {{ClusterPhase::kStarting, "STARTING"},
     {ClusterPhase::kBootstrapping, "BOOTSTRAPPING"},
     {ClusterPhase::kRunning, "RUNNING"},
     {ClusterPhase::kWaiting, "WAITING"},
     {ClusterPhase::kTerminating, "TERMINATING"},
     {ClusterPhase::kTerminated, "TERMINATED"},
     {ClusterPhase::kTerminatedWithErrors, "TERMINATED_WITH_ERRORS"},
     {ClusterPhase::kLost, "LOST"}}};
constexpr Names<ClusterHealth, 3> kHealths{{{ClusterHealth::kOk, "OK"},
                                            {ClusterHealth::kZeroMaster, "ZERO_MASTER"},
                                            {ClusterHealth::kZeroCore, "ZERO_CORE"}}};
constexpr Names<StepState, 7> kStepStates{{{StepState::kPending, "PENDING"},
                                           {StepState::kCancelPending, "CANCEL_PENDING"},
                                           {StepState::kRunning, "RUNNING"},
                                           {StepState::kCompleted, "COMPLETED"},
                                           {StepState::kCancelled, "CANCELLED"},
                                           {StepState::kFailed, "FAILED"},
                                           {StepState::kInterrupted, "INTERRUPTED"}}};
constexpr Names<FleetRole, 3> kRoles{
    {{FleetRole::kMaster, "MASTER"}, {FleetRole::kCore, "CORE"}, {FleetRole::kTask, "TASK"}}};
constexpr Names<LaunchState, 6> kLaunchStates{{{LaunchState::kIntent, "intent"},
                                               {LaunchState::kUnknown, "unknown"},
                                               {LaunchState::kAccepted, "accepted"},
                                               {LaunchState::kRefused, "refused"},
                                               {LaunchState::kRejected, "rejected"},
                                               {LaunchState::kNotFound, "not_found"}}};
constexpr Names<OrphanClass, 3> kOrphanClasses{{{OrphanClass::kOrphan, "orphan"},
                                                {OrphanClass::kForeign, "foreign"},
                                                {OrphanClass::kDuplicate, "duplicate"}}};
constexpr Names<RunType, 5> kRunTypes{{{RunType::kScheduled, "scheduled"},
                                       {RunType::kManual, "manual"},
                                       {RunType::kBackfill, "backfill"},
                                       {RunType::kAssetTriggered, "asset_triggered"},
                                       {RunType::kOperatorTriggered, "operator_triggered"}}};
constexpr Names<TriggerState, 4> kTriggerStates{{{TriggerState::kAsked, "asked"},
                                                 {TriggerState::kCreated, "created"},
                                                 {TriggerState::kCleared, "cleared"},
                                                 {TriggerState::kNothing, "nothing"}}};
constexpr Names<ProcessState, 3> kProcessStates{{{ProcessState::kWanted, "wanted"},
                                                 {ProcessState::kRunning, "running"},
                                                 {ProcessState::kOver, "over"}}};
constexpr Names<VerdictClass, 5> kVerdicts{{{VerdictClass::kSuccess, "success"},
                                            {VerdictClass::kInfrastructure, "infrastructure"},
                                            {VerdictClass::kApplication, "application"},
                                            {VerdictClass::kConfiguration, "configuration"},
                                            {VerdictClass::kUser, "user"}}};
constexpr Names<HoleReason, 5> kHoleReasons{{{HoleReason::kPaused, "paused"},
                                             {HoleReason::kMissed, "missed"},
                                             {HoleReason::kNoRoom, "max_active_runs"},
                                             {HoleReason::kEdited, "schedule_edited"},
                                             {HoleReason::kCatchup, "catchup"}}};
constexpr Names<TriggerRule, 13> kTriggerRuleNames{
    {{TriggerRule::kAllSuccess, "all_success"},
     {TriggerRule::kAllFailed, "all_failed"},
     {TriggerRule::kAllDone, "all_done"},
     {TriggerRule::kAllDoneMinOneSuccess, "all_done_min_one_success"},
     {TriggerRule::kAllSkipped, "all_skipped"},
     {TriggerRule::kOneFailed, "one_failed"},
     {TriggerRule::kOneSuccess, "one_success"},
     {TriggerRule::kOneDone, "one_done"},
     {TriggerRule::kNoneFailed, "none_failed"},
     {TriggerRule::kNoneFailedMinOneSuccess, "none_failed_min_one_success"},
     {TriggerRule::kNoneSkipped, "none_skipped"},
     {TriggerRule::kAlways, "always"},
     {TriggerRule::kAllDoneSetupSuccess, "all_done_setup_success"}}};
constexpr Names<WaitBasis, 8> kWaitBases{{{WaitBasis::kDue, "due"},
                                          {WaitBasis::kNotBegun, "not_begun"},
                                          {WaitBasis::kNoMatch, "no_match"},
                                          {WaitBasis::kUnscheduled, "unscheduled"},
                                          {WaitBasis::kUnknownDag, "unknown_dag"},
                                          {WaitBasis::kLogicalDate, "logical_date"},
                                          {WaitBasis::kPastRun, "past_run"},
                                          {WaitBasis::kTooOld, "too_old"}}};
constexpr Names<WaitVerdict, 4> kWaitVerdicts{{{WaitVerdict::kOpen, "open"},
                                               {WaitVerdict::kReady, "ready"},
                                               {WaitVerdict::kSkipped, "skipped"},
                                               {WaitVerdict::kUpstreamFailed, "upstream_failed"}}};
constexpr Names<EndNote, 3> kEndNotes{
    {{EndNote::kNone, ""}, {EndNote::kForGood, "for_good"}, {EndNote::kOutletsDue, "outlets_due"}}};
constexpr Names<MissingBecause, 12> kMissingBecause{
    {{MissingBecause::kUnknownDag, "unknown_dag"},
     {MissingBecause::kInactive, "inactive"},
     {MissingBecause::kNoMatch, "no_match"},
     {MissingBecause::kHole, "hole"},
     {MissingBecause::kNotBegun, "not_begun"},
     {MissingBecause::kPaused, "paused"},
     {MissingBecause::kRunning, "running"},
     {MissingBecause::kNotRun, "not_run"},
     {MissingBecause::kNotSucceeded, "not_succeeded"},
     {MissingBecause::kPastRun, "past_run"},
     {MissingBecause::kTooOld, "too_old"},
     {MissingBecause::kRule, "rule"}}};
constexpr Names<DeadlineStatus, 6> kDeadlineStatuses{{{DeadlineStatus::kOnTrack, "on_track"},
                                                      {DeadlineStatus::kAtRisk, "at_risk"},
                                                      {DeadlineStatus::kLate, "late"},
                                                      {DeadlineStatus::kMissed, "missed"},
                                                      {DeadlineStatus::kMet, "met"},
                                                      {DeadlineStatus::kWithdrawn, "withdrawn"}}};

}  // namespace

std::string_view ToString(RunState state) {
  return NameOf(kRunStates, state);
}
std::string_view ToString(TaskState state) {
  return NameOf(kTaskStates, state);
}
std::string_view ToString(ClusterPhase phase) {
  return NameOf(kPhases, phase);
}
std::string_view ToString(ClusterHealth health) {
  return NameOf(kHealths, health);
}
std::string_view ToString(StepState state) {
  return NameOf(kStepStates, state);
}
std::string_view ToString(FleetRole role) {
  return NameOf(kRoles, role);
}
std::string_view ToString(LaunchState state) {
  return NameOf(kLaunchStates, state);
}
std::string_view ToString(OrphanClass orphan) {
  return NameOf(kOrphanClasses, orphan);
}
std::string_view ToString(RunType type) {
  return NameOf(kRunTypes, type);
}
std::string_view ToString(TriggerState state) {
  return NameOf(kTriggerStates, state);
}
std::string_view ToString(ProcessState state) {
  return NameOf(kProcessStates, state);
}
std::string_view ToString(VerdictClass verdict) {
  return NameOf(kVerdicts, verdict);
}
std::string_view ToString(HoleReason reason) {
  return NameOf(kHoleReasons, reason);
}
std::string_view ToString(TriggerRule rule) {
  return NameOf(kTriggerRuleNames, rule);
}
std::string_view ToString(WaitBasis basis) {
  return NameOf(kWaitBases, basis);
}

std::string_view ToString(WaitVerdict verdict) {
  return NameOf(kWaitVerdicts, verdict);
}
std::string_view ToString(EndNote note) {
  return NameOf(kEndNotes, note);
}

std::string_view ToString(MissingBecause because) {
  return NameOf(kMissingBecause, because);
}

std::string_view ToString(DeadlineStatus status) {
  return NameOf(kDeadlineStatuses, status);
}

std::optional<RunState> ParseRunState(std::string_view t) {
  return ValueOf(kRunStates, t);
}
std::optional<TaskState> ParseTaskState(std::string_view t) {
  return ValueOf(kTaskStates, t);
}
std::optional<ClusterPhase> ParseClusterPhase(std::string_view t) {
  return ValueOf(kPhases, t);
}
std::optional<ClusterHealth> ParseClusterHealth(std::string_view t) {
  return ValueOf(kHealths, t);
}
std::optional<StepState> ParseStepState(std::string_view t) {
  return ValueOf(kStepStates, t);
}
std::optional<FleetRole> ParseFleetRole(std::string_view t) {
  return ValueOf(kRoles, t);
}
std::optional<LaunchState> ParseLaunchState(std::string_view t) {
  return ValueOf(kLaunchStates, t);
}
std::optional<RunType> ParseRunType(std::string_view t) {
  return ValueOf(kRunTypes, t);
}
std::optional<TriggerState> ParseTriggerState(std::string_view t) {
  return ValueOf(kTriggerStates, t);
}
std::optional<ProcessState> ParseProcessState(std::string_view t) {
  return ValueOf(kProcessStates, t);
}
std::optional<VerdictClass> ParseVerdictClass(std::string_view t) {
  return ValueOf(kVerdicts, t);
}
std::optional<HoleReason> ParseHoleReason(std::string_view t) {
  return ValueOf(kHoleReasons, t);
}
std::optional<TriggerRule> ParseTriggerRule(std::string_view t) {
  return ValueOf(kTriggerRuleNames, t);
}
std::optional<WaitBasis> ParseWaitBasis(std::string_view t) {
  return ValueOf(kWaitBases, t);
}
std::optional<WaitVerdict> ParseWaitVerdict(std::string_view t) {
  return ValueOf(kWaitVerdicts, t);
}
std::optional<EndNote> ParseEndNote(std::string_view t) {
  return ValueOf(kEndNotes, t);
}
std::optional<DeadlineStatus> ParseDeadlineStatus(std::string_view t) {
  return ValueOf(kDeadlineStatuses, t);
}

int Rank(ClusterPhase phase) {
  switch (phase) {
    case ClusterPhase::kStarting:
      return 0;
    case ClusterPhase::kBootstrapping:
      return 1;
    case ClusterPhase::kRunning:
      return 2;
    case ClusterPhase::kWaiting:
      return 2;
    case ClusterPhase::kTerminating:
      return 3;
    case ClusterPhase::kTerminated:
      return 4;
    case ClusterPhase::kTerminatedWithErrors:
      return 4;
    case ClusterPhase::kLost:
      return 4;
  }
  return 4;
}

}  // namespace model
