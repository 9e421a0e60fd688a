#pragma once

// What can go wrong in one simulated life: one struct for each kind of disturbance. Each has its
// name on tapes (disturbance_members.h has its keys there).
//
// `at` is a moment, `from` and `lasts` are a period. All are spans from the workload's start, by
// EMR's clock.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "emulator/fault_plan.h"
#include "simulation/people.h"

namespace fault_finder {

// --- Our process, its store and its clock --------------------------------------------------------

// Our process dies before or after one of its effects.
struct CrashAtEffect {
  static constexpr std::string_view kName = "crash";
  int64_t effect = 0;  // its number since the process was last born
  bool is_after = false;
};
struct Outage {  // our process is dead
  static constexpr std::string_view kName = "outage";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct FinalDeath {  // we die and never come back
  static constexpr std::string_view kName = "death";
  base::Duration at{0};
};
struct DiskFull {  // commits are refused
  static constexpr std::string_view kName = "disk_full";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t reserve = 0;  // but for so many, which the reserve has room for; 0: 200
};
struct CommitUnknown {  // a commit answers "unknown"
  static constexpr std::string_view kName = "unknown";
  int64_t commit = 0;  // its number
  bool has_happened = false;
};
struct LostTail {  // we die, and the store comes back without its last commits
  static constexpr std::string_view kName = "lost_tail";
  base::Duration at{0};
  int64_t commits = 0;
};
// Somebody deletes the store's file while we live: commits succeed and do not last. At the period's
// end, or when we die, it is put back as it was.
struct StoreDeleted {
  static constexpr std::string_view kName = "void";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct Usurpation {  // another process opens our store while we live, and dies
  static constexpr std::string_view kName = "usurp";
  base::Duration at{0};
  bool commits_first = false;  // what is due
};
struct ClockSet {  // from then on our clock is ahead of EMR's, or behind
  static constexpr std::string_view kName = "clock";
  base::Duration at{0};
  base::Duration by{0};
  bool is_behind = false;
};

// --- Calls and replies ---------------------------------------------------------------------------

struct EmrFault {  // a fault of EMR's model, as its fault plans have it
  static constexpr std::string_view kName = "emr";
  emulator::Fault fault;
};
struct ConnectionDown {
  static constexpr std::string_view kName = "down";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct RepliesLost {  // calls take effect, and no reply comes
  static constexpr std::string_view kName = "silent";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct CredentialsExpired {
  static constexpr std::string_view kName = "credentials";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct TerminateDenied {
  static constexpr std::string_view kName = "no_terminate";
  base::Duration from{0};
  base::Duration lasts{0};
};
struct SlowReplies {
  static constexpr std::string_view kName = "slow";
  base::Duration at_most{0};  // what a reply takes longer
};
struct FlakyCalls {  // one call in so many fails with a 500, or is throttled
  static constexpr std::string_view kName = "flaky";
  int64_t one_in = 0;
  bool is_throttled = false;
};
struct PacedCalls {  // every n-th call of an action is throttled, by count
  static constexpr std::string_view kName = "paced";
  std::string action;
  int64_t every = 0;
};
struct LaunchTwice {  // EMR executes a RunJobFlow twice
  static constexpr std::string_view kName = "twice";
  int64_t launch = 0;  // its number
  base::Duration apart{0};
  bool reply_is_lost = false;
};
// Other tenants use up EMR's quotas.
struct QuotasUsedUp {
  static constexpr std::string_view kName = "busy";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t percent = 0;  // of our calls are throttled
  std::string action;   // "": of all
};

// --- What reads and events tell ------------------------------------------------------------------

// Every n-th read is answered with what was so at the read before.
struct StaleReads {
  static constexpr std::string_view kName = "stale";
  int64_t every = 0;
  base::Duration age_at_most{0};  // 0: what the product allows for
  bool is_oldest = false;         // it is the oldest answer of that age instead
};
// Every n-th list lacks a cluster that changed lately.
struct HiddenClusters {
  static constexpr std::string_view kName = "hidden";
  int64_t every = 0;
  base::Duration changed_within{0};  // 0: what the product allows for
};
struct ForgottenClusters {  // DescribeCluster does not know every n-th cluster for a moment
  static constexpr std::string_view kName = "forget";
  int64_t every = 0;
};
struct UnbornClusters {  // each kind of read knows a new cluster late
  static constexpr std::string_view kName = "unborn";
  base::Duration at_most{0};
};
struct Amnesia {  // no read knows one cluster for a while
  static constexpr std::string_view kName = "amnesia";
  int64_t cluster = 0;
  base::Duration since_launch{0};
  base::Duration at_most{0};  // for so long
};
struct ReadsBehind {  // reads of an action are always so old
  static constexpr std::string_view kName = "behind";
  std::string action;
  base::Duration by{0};
};
struct LateObjects {  // S3 shows an object this long after it was written
  static constexpr std::string_view kName = "late_objects";
  base::Duration by{0};
};
struct EmrEvents {  // EMR's events reach us, some of them twice
  static constexpr std::string_view kName = "events";
  int64_t lost_percent = 0;
  base::Duration late_at_most{0};
  bool some_are_forged = false;
};

// --- People and other tenants --------------------------------------------------------------------

struct PersonAsks {  // somebody asks something of us
  static constexpr std::string_view kName = "person";
  simulation::Deed deed;
};
struct ConsoleKill {  // a live cluster of ours is terminated in AWS's console
  static constexpr std::string_view kName = "console";
  base::Duration at{0};
  int64_t cluster = 0;  // its place among those that live
};
struct ConsoleProtect {  // somebody turns on the protection of a live cluster of ours
  static constexpr std::string_view kName = "protect";
  base::Duration at{0};
  int64_t cluster = 0;  // its place among those that live
};
struct StrangersCluster {  // another tenant launches a cluster
  static constexpr std::string_view kName = "stranger";
  base::Duration at{0};
  int64_t sort = 0;  // of its name
};
struct CrowdOfClusters {  // other tenants launch clusters, which end by themselves
  static constexpr std::string_view kName = "crowd";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t clusters = 0;
};
struct DagEdit {  // a DAG's file is edited
  static constexpr std::string_view kName = "edit";
  base::Duration at{0};
  int64_t dag = 0;
  bool fires_more_rarely = false;
  base::Duration fires_later_by{0};  // in each period
  int64_t reshapes = 0;  // 1: it gets a job; 2: it loses its last one; 3: that becomes other work
};
struct DagAbsent {  // a DAG's file is gone for a while
  static constexpr std::string_view kName = "absent";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t dag = 0;
};
// The first DAGs' files vanish at once. They come back one by one until the period's end.
struct FilesVanish {
  static constexpr std::string_view kName = "vanish";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t dags = 0;           // so many
  bool is_confirmed = false;  // meanwhile a person confirms that they are gone
};
struct CapsLifted {  // somebody takes the spend caps out of all files
  static constexpr std::string_view kName = "caps";
  base::Duration at{0};
};
struct SupervisorsDie {  // of commands' processes: one of those that run, or all
  static constexpr std::string_view kName = "supervisors";
  base::Duration at{0};
  int64_t process = 0;  // its place among those that run
  bool all = false;
};
struct DagPause {  // somebody pauses a DAG for a while
  static constexpr std::string_view kName = "pause";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t dag = 0;
};

// Somebody asks for past runs of a DAG; pauses them for a while, perhaps, and cancels them.
struct PastRuns {
  static constexpr std::string_view kName = "backfill";
  base::Duration at{0};
  int64_t dag = 0;
  int64_t ticks = 1;  // how far back: so many of its ticks, or hours
  int64_t reprocess = 0;
  int64_t max_active_runs = 1;
  bool is_reversed = false;
  bool fills_holes = false;      // those of all times
  bool names_intervals = false;  // hours, whatever the schedule is
  base::Duration pauses_after{0}, pauses_for{0};
  base::Duration cancels_after{0};  // 0: not at all
};
struct LaunchHold {  // somebody holds launches for a while
  static constexpr std::string_view kName = "hold";
  base::Duration from{0};
  base::Duration lasts{0};
  int64_t dag = 0;
  int64_t scope = 0;  // all; its first job's pool, its tag, itself
};

struct Judgement {  // a forecast judges the deadlines of all runs in memory
  static constexpr std::string_view kName = "deadlines";
  base::Duration at{0};
  base::Duration due_in{0};
  int64_t which = 0;       // the first run's status; the job
  bool is_of_job = false;  // instead of the run's
  bool is_shared = false;
  bool is_whole = false;  // what it leaves out is withdrawn
  bool is_old = false;    // it is the one before, again
  bool moves = false;     // the times at which they are due
};

// Somebody has a run, and deletes it once it has ended; so many times, under one id.
struct RunsDeleted {
  static constexpr std::string_view kName = "delete";
  base::Duration at{0};
  int64_t dag = 0;
  int64_t times = 1;
  base::Duration waits{0};  // after its end
};

struct RecordChange {  // somebody writes a record, or drops it
  static constexpr std::string_view kName = "record";
  base::Duration at{0};
  int64_t record = 0;   // which of a few
  int64_t expects = 0;  // 0: any revision; 1: that which it has; 2: that it is new; 3: another one
  bool drops = false;
  bool is_pair = false;  // the next one is written with it, both or none
  bool is_quiet = false;
};

// The logs of an attempt say why it failed.
struct CauseTold {
  static constexpr std::string_view kName = "cause";
  base::Duration at{0};
  int64_t attempt = 0;      // which of those that have failed by then, counted round
  base::Duration waits{0};  // so long what was found lies about: its run may go, or begin again
  int64_t times = 1;        // it is told
  bool is_unknown = false;  // it names a try that never was
};

struct Mail {  // people hear what goes wrong
  static constexpr std::string_view kName = "mail";
  int64_t per_minute = 20;
  bool is_pager = false;  // nothing is bundled
};

struct MailBroken {  // the post office is not well
  static constexpr std::string_view kName = "mail_broken";
  base::Duration from{0}, lasts{0};
  int64_t how = 0;  // as simulation::MailTrouble::Kind
};

// A `dag` is a place among the workload's DAGs, counted round.
using Disturbance = std::variant<CrashAtEffect,
                                 EmrFault,
                                 ConnectionDown,
                                 RepliesLost,
                                 CredentialsExpired,
                                 TerminateDenied,
                                 DiskFull,
                                 CommitUnknown,
                                 StaleReads,
                                 HiddenClusters,
                                 SlowReplies,
                                 FlakyCalls,
                                 LaunchTwice,
                                 ForgottenClusters,
                                 EmrEvents,
                                 ClockSet,
                                 PersonAsks,
                                 ConsoleKill,
                                 ConsoleProtect,
                                 StrangersCluster,
                                 CrowdOfClusters,
                                 QuotasUsedUp,
                                 DagEdit,
                                 DagAbsent,
                                 FilesVanish,
                                 CapsLifted,
                                 DagPause,
                                 SupervisorsDie,
                                 Outage,
                                 FinalDeath,
                                 Usurpation,
                                 LostTail,
                                 UnbornClusters,
                                 Amnesia,
                                 ReadsBehind,
                                 PacedCalls,
                                 StoreDeleted,
                                 PastRuns,
                                 LaunchHold,
                                 Judgement,
                                 RecordChange,
                                 Mail,
                                 MailBroken,
                                 LateObjects,
                                 RunsDeleted,
                                 CauseTold>;

template <typename... Kinds>
bool IsAnyOf(const Disturbance& disturbance) {
  return (std::holds_alternative<Kinds>(disturbance) || ...);
}

// "crash"
std::string_view KindName(const Disturbance& disturbance);
// One line that a person understands: "a crash after effect 17 of the then life".
std::string Describe(const Disturbance& disturbance);
// When it begins; 0 for one that is always there.
base::Duration StartOf(const Disturbance& disturbance);
// The length of its period; 0 for one that has none.
base::Duration LengthOf(const Disturbance& disturbance);

}  // namespace fault_finder
