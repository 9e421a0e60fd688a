#pragma once

// The engine: a deterministic state machine. An event goes in, carrying its own time; row changes
// come out, the outbox's commands among them. It has no clock, no threads, no I/O and no
// randomness: the same rows and events give the same changes, byte for byte.
//
//   driver ── event ──► Apply ──► Step { changes, outcome } ──► one commit ──► commands are
//   executed
//                                                                                │
//   driver ◄───────────────────────── results come back as events ◄─────────────┘
//
// The engine's memory runs ahead of the store between Apply and the commit: after a commit that did
// not succeed the engine must be dropped and built again from the store.
//
// Not here: what is called when (driver), and any knowledge of HTTP or SQL.
// Thread rule: one thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/rows.h"
#include "schedule/time_zone.h"

namespace engine {

struct State;

// The brakes of the reaper: see orphans.h.
struct ReaperOptions {
  bool armed = false;
  base::Duration grace = base::minutes(15);
  int max_per_pass = 5;
  double max_ratio = 0.5;
};

struct Options {
  std::string region;
  // A launch whose outcome is unknown is given up when a look-up that began this much later than
  // it can have been signed does not find it (settle: how late AWS may accept a signed request;
  // lag: how long ListClusters may hide a cluster).
  base::Duration launch_settle = base::minutes(15);
  base::Duration list_lag_max = base::minutes(3);
  // How long a cluster that has reached RUNNING may be short of nodes before that counts, and how
  // far apart two looks must be to confirm it.
  base::Duration fleet_grace = base::minutes(5);
  base::Duration fleet_confirm = base::seconds(30);
  // A cluster in WAITING without a running step is killed after this, and a running step is flagged
  // when it has taken its expected duration times the factor.
  base::Duration idle_timeout = base::minutes(10);
  double overdue_factor = 2;
  ReaperOptions reaper;
  // How far back completed jobs are held for cross-DAG edges; the latest success is always held.
  base::Duration completed_for = base::hours(24 * 35);
};

struct Step {
  std::vector<model::Change> changes;  // none: nothing to commit
  base::Status outcome;                // of an event that a person caused
  std::optional<model::RunKey> run;    // that TriggerRun created
};

class Engine {
 public:
  // kCorrupt where the rows contradict each other or a stored DAG cannot be read. `zones` must hold
  // every zone that the DAGs name, and must outlive the engine.
  static base::Result<std::unique_ptr<Engine>> Create(Options options,
                                                      const schedule::ZoneSet& zones,
                                                      const model::Snapshot& snapshot);
  ~Engine();

  // The step's changes follow those that are given, which are handed back with them: so one batch
  // of several events grows in place.
  Step Apply(const model::Event& event, std::vector<model::Change> changes = {});

  // When time alone next changes something: a Tick at that time is not a no-op.
  std::optional<base::Time> NextDue() const;
  // How many jobs would take a LaunchTurn now (queued, pool free, DAG not paused), up to `limit`.
  int Launchable(int limit) const;
  const State& state() const { return *state_; }

 private:
  Engine(Options options, const schedule::ZoneSet& zones);

  const Options options_;
  const schedule::ZoneSet& zones_;
  std::unique_ptr<State> state_;
  // Asked for after every event and at every wake; only a change of rows changes the answer.
  struct Counted {
    int limit = 0;
    int launchable = 0;
  };
  mutable std::optional<Counted> counted_;
};

}  // namespace engine
