#pragma once

// What goes wrong, and how long things take: plain data, built in code by tests or read from the
// YAML file of `--faults`.
//
//   quotas: off
//   timing: {provisioning: 4m, bootstrap: 2m, step: 10m, shutdown: 90s, replacement: 5m,
//            jitter: 0.2, steps: {'*training*': 20m}}
//   faults:
//     - {name: '*training_2*try 1', on: RUNNING, after: 30s, do: lose_fleet, fleet: CORE,
//        cluster: WAITING}
//     - {name: '*build*', on: RUNNING, do: lose_fleet, instances: 1}
//     - {name: '*build*', do: purge, for: 2h}
//     - {name: '*eval*', do: fail_provisioning, reason: VALIDATION_ERROR, message: EC2 QUOTA
//     EXCEEDED}
//     - {action: RunJobFlow, nth: 5, do: throttle}
//     - {name: '*try 1', from: 2026-01-07T06:00Z, until: 2026-01-07T20:00Z, do: lose_fleet}
//
// Faults are chosen by name and ordinal, never by the order of random draws. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace emulator {

// All spans are world time.
struct Timing {
  base::Duration provisioning = base::minutes(4);
  base::Duration bootstrap = base::minutes(2);
  base::Duration step = base::minutes(10);
  base::Duration shutdown = base::seconds(90);
  base::Duration replacement = base::minutes(5);  // of lost instances where some are left; exact
  double jitter = 0.2;  // each span is drawn from [1 - jitter, 1 + jitter) times itself
  // Step times by glob over the step's or the cluster's name; the first that matches counts.
  std::vector<std::pair<std::string, base::Duration>> steps;
};

enum class FaultKind {
  // On a cluster, chosen by its name:
  kLoseFleet,         // `after` it entered `on`, `instances` of `fleet` are lost
  kFailStep,          // step number `step` fails after its normal time
  kHangStep,          // step number `step` never ends
  kFailBootstrap,     // TERMINATED_WITH_ERRORS, BOOTSTRAP_FAILURE
  kFailProvisioning,  // TERMINATED_WITH_ERRORS, INTERNAL_ERROR: out of capacity; or as `code` says
  kHangProvisioning,  // stays in STARTING until it is told to terminate
  kListLag,           // invisible to ListClusters while it is younger than `span` (world)
  kPurge,             // no call knows it any more once `span` (world) has passed since its end
  // On a call, chosen by its action (and, where given, by the name of the cluster that it is
  // about):
  kThrottle,    // "Rate exceeded"; nothing happened
  kHttp500,     // after (`executed`) or instead of the effect
  kDropReply,   // executed; the connection closes without an answer after `span` (wall)
  kDelayReply,  // executed at once; the answer is held for `span` (wall)
  kAcceptLate,  // no answer, and the effect comes only after `span` (wall)
  kIgnore,      // answered as if it were done; nothing happened
  kDeny,        // AccessDeniedException, as IAM refuses; nothing happened
};

enum class FleetType { kMaster, kCore, kTask };

struct Fault {
  // What becomes of the cluster that lost a whole fleet.
  enum class Outcome {
    kRunning,  // stays as it is with its step hanging; the fleet is RESIZING with nothing
               // provisioned
    kWaiting,  // the running step fails, the rest is cancelled, the cluster sits in WAITING
    kDies,     // TERMINATED_WITH_ERRORS, INSTANCE_FAILURE
  };
  enum class Phase { kStarting, kBootstrapping, kRunning, kWaiting };

  FaultKind kind = FaultKind::kThrottle;
  std::string name = "*";  // a glob over the cluster's Name
  std::string action;      // calls only
  // Counted over what matches the name (and the action), from 1; 0 means every one.
  int64_t nth = 0;
  int64_t count = 1;  // how many in a row, beginning with the nth
  // Only clusters that are launched, or calls that come, from then until before then.
  std::optional<base::Time> from, until;

  Phase on = Phase::kRunning;
  base::Duration after{0};
  FleetType fleet = FleetType::kCore;
  // How many are lost of each fleet of that type, spot ones first; 0: all. Where some are left
  // the cluster works on, and the fleet is RESIZING until `replace`ments come.
  int64_t instances = 0;
  bool replace = true;
  Outcome outcome = Outcome::kDies;
  int64_t step = 1;
  base::Duration span{0};
  bool executed = false;
  std::string code, message;  // of kFailProvisioning: the reason that EMR gives; "": no capacity

  bool OnCall() const { return kind >= FaultKind::kThrottle; }
  bool IsOn(base::Time now) const { return (!from || now >= *from) && (!until || now < *until); }
  // Whether the `ordinal`-th match (from 1) is meant.
  bool Hits(int64_t ordinal) const { return nth == 0 || (ordinal >= nth && ordinal < nth + count); }
};

std::string_view Text(FaultKind kind);  // as in the file: "lose_fleet"

struct FaultPlan {
  Timing timing;
  bool quotas = true;
  std::vector<Fault> faults;
};

// `file` names the text in errors: "faults.yaml:3:12: …".
base::Result<FaultPlan> ParseFaultPlan(std::string_view text, std::string_view file);

}  // namespace emulator
