#pragma once

// What one simulated life will meet: the work, the settings, and an explicit list of disturbances.
// A plan is the tape: everything follows from it, a seed only draws one. So a failure can be made
// small by leaving parts out, and kept as a file that outlives changes of the drawing.
//
// Times are spans from the workload's start, by EMR's clock.

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "emr/defaults.h"
#include "emr/node_looks.h"
#include "emulator/fault_plan.h"
#include "simulation/people.h"
#include "simulation/workload.h"

namespace fault_finder {

enum class Mode {
  kRandom,    // disturbances come at any time in the first hours
  kLiveness,  // and some stay for ever: everything must converge all the same
};

std::string_view ToString(Mode mode);  // "random"

struct Disturbance {
  enum class Kind {
    kCrash,          // our process dies before (or `after`) its n-th effect since it was last born
    kEmr,            // a fault of EMR's model, as its fault plans have it
    kDown,           // `at` for `span`: no connection
    kSilent,         // … calls take effect, no reply comes
    kCredentials,    // … the keys are not accepted
    kNoTerminate,    // … we may not terminate
    kDiskFull,       // … commits are refused, but for the n (0: 200) that the reserve has room for
    kCommitUnknown,  // the n-th commit answers "unknown", having happened if `after`
    kStale,          // every n-th read is answered with what was so at the one before, where that
                     // is no older than `span` (0: what the product allows for), or (`after`) with
                     // the oldest that is not
    kHidden,         // every n-th list lacks a cluster that changed within `span` (0: as above)
    kSlow,           // each reply takes up to `span` longer
    kFlaky,          // one call in n fails with a 500, or (`after`) is throttled
    kTwice,          // the n-th RunJobFlow is executed twice, the second time `span` later; and,
                     // with `after`, its reply is lost
    kForget,         // DescribeCluster does not know every n-th cluster for a moment
    kEvents,         // EMR's events reach us: n % are lost, each is up to `span` late, some come
                     // twice; and, with `after`, some are forged
    kClock,          // at `at` our clock is set: from then on it is `span` ahead of EMR's, or
                     // (`after`) behind
    kPerson,         // somebody asks something of us
    kConsole,        // `at`: the n-th live cluster is terminated in AWS's console
    kProtect,        // `at`: somebody turns on the protection of the n-th live cluster
    kStranger,       // `at`: another tenant launches a cluster, with a name of the n-th sort
    kCrowd,          // `at` for `span`: other tenants launch n clusters, which end by themselves
    kBusy,           // … other tenants use up EMR's quotas: n % of our calls are throttled, of all
                     // or of the fault's action
    kEdit,           // `at`: the n-th DAG's file is edited; `after`: it fires more rarely then;
                     // `span`: it fires that much later in each period
    kAbsent,         // `at` for `span`: it is not there
    kVanish,         // `at`: the first n DAGs' files vanish at once, and are back one by one until
                     // `span` has passed; `after`: meanwhile a person confirms that they are gone
    kPause,          // `at` for `span`: somebody pauses the n-th DAG
    kOutage,         // `at` for `span`: our process is dead
    kDeath,          // `at`: we die and never come back
    kUsurp,          // `at`: another process opens our store while we live, and dies; `after`: it
                     // commits what is due first
    kLostTail,       // `at`: we die, and the store comes back without its last n commits
    kUnborn,         // each kind of read knows a new cluster only after up to `span`
    kAmnesia,        // from `at` after its launch no read knows cluster n, for up to `span`
    kBehind,         // reads of the fault's action are `span` behind, always
    kPaced,          // every n-th call of the fault's action is throttled, by count
    kVoid,           // `at`: somebody deletes the store's file while we live: commits succeed and
                     // do not last. After `span`, or when we die, it is put back as it was
  };
  Kind kind = Kind::kCrash;
  base::Duration at{0};
  base::Duration span{0};
  int64_t n = 0;
  bool after = false;
  emulator::Fault fault;  // kEmr; its action: kBusy, kBehind, kPaced
  simulation::Deed deed;  // kPerson
};
std::string_view ToString(Disturbance::Kind kind);
// One line that a person understands: "crash after effect 17".
std::string Describe(const Disturbance& disturbance);

// What the process is set to.
struct Settings {
  base::Duration poll_interval = emr::kPollInterval;
  base::Duration fleet_interval = emr::kFleetInterval;
  base::Duration reaper_interval = emr::kReaperInterval;
  base::Duration fleet_grace = emr::kFleetGrace;
  base::Duration launch_settle = emr::kLaunchSettle;
  base::Duration list_lag_max = emr::kListLagMax;
  bool reaper_without_brakes = false;  // armed; the next four do not count
  bool reaper_is_armed = true;
  base::Duration reaper_grace = emr::kReaperGrace;
  int64_t reaper_most = emr::kReaperMaxPerPass;  // in a pass
  int64_t reaper_percent = 50;                   // of live clusters that may look unclaimed
  bool is_sampled = false;  // EMR's events go to a table, which is asked in place of EMR at times
};

// What is known of the end beyond the rules, where a plan is not drawn but made (scenarios.h).
struct Ending {
  // Every run succeeds unless people said otherwise, and no attempt takes more than one cluster.
  bool is_good = false;
  int64_t attempts = 0;  // of all jobs; 0: any number
  // What people stop is dead by then.
  base::Duration stops_within = base::hours(24);
};

struct Plan {
  uint64_t seed = 0;  // of the world's own draws: spans, latencies
  Mode mode = Mode::kRandom;
  simulation::Workload work;
  Settings settings;
  emulator::Timing timing;
  std::vector<Disturbance> disturbances;
  Ending ending;
};

// Swarm testing (Groce and others, ISSTA 2012): each seed draws a subset of the kinds and their
// rates first, for faults that are always all there hide one another.
Plan DrawPlan(uint64_t seed, Mode mode);
// What others in the account and lists that lag do to a plan that is drawn: rare, and aimed.
void DrawNeighbours(Plan& plan);
// Schedules that are edited, reads of what was long ago, clocks that are set by hours.
void DrawDrifts(Plan& plan);
// Ticks that do not fire, and who waits for them.
void DrawGaps(Plan& plan);
// Reads that do not know a cluster, contradict each other, or end in the middle of a list.
void DrawLies(Plan& plan);
// A part of what was stored is lost; the reaper is set for it.
void DrawLosses(Plan& plan);
// Trigger rules, setups and teardowns, tries that may not take long.
void DrawReadiness(Plan& plan);
// Many DAG files vanish at once.
void DrawVanishes(Plan& plan);

json::value ToJson(const Plan& plan);
base::Result<Plan> ParsePlan(std::string_view text);

}  // namespace fault_finder
