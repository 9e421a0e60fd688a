#pragma once

// The engine: a deterministic state machine. An event goes in, carrying its own time; row changes
// come out, the outbox's commands among them. It has no clock, no threads, no I/O and no
// randomness: the same rows and events give the same changes, byte for byte.
//
//   driver ─ event ─► Apply ─► Changes { rows, outcome } ─► one commit ─► commands are executed
//   driver ◄───────────── their results come back as events ◄──────────────────────┘
//
// It knows jobs, attempts, readiness, retries, pools and runs, and no kind of work: what an attempt
// does is behind kind.h.
//
// The engine's memory runs ahead of the store between Apply and the commit: after a commit that did
// not succeed the engine must be dropped and built again from the store.
//
// Not here: what is called when (driver), and any knowledge of HTTP or SQL.
// Thread rule: one thread.

#include <array>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/rows.h"
#include "schedule/time_zone.h"

namespace secrets {
class Book;
}

namespace engine {

struct State;
class Kind;
// One of each alternative of model::Work, in its order.
using Kinds = std::array<std::unique_ptr<Kind>, std::variant_size_v<model::Work>>;

struct Options {
  // How far back completed jobs are held for cross-DAG edges; the latest success is always held.
  base::Duration completed_for = base::hours(24 * 35);
  // What opens variables and connections; it must outlive the engine. Null: nothing does.
  const secrets::Book* book = nullptr;
};

// What one event changes.
struct Changes {
  std::vector<model::Change> rows;   // none: nothing to commit
  base::Status outcome;              // of an event that a person caused
  std::optional<model::RunKey> run;  // that the event created or changed
  std::optional<int64_t> id;         // of the backfill or the hold
  // DAGs have other names now, and nothing else has happened yet: once that is committed, the
  // engine has to be built again from the store and the event has to be applied again.
  bool is_renaming = false;
};

class Engine {
 public:
  // kCorrupt if the rows contradict each other or a stored DAG cannot be read. `zones` must hold
  // every zone that the DAGs name, and must outlive the engine. `kinds` are new ones.
  static base::Result<std::unique_ptr<Engine>> Create(Options options,
                                                      const schedule::ZoneSet& zones,
                                                      Kinds kinds,
                                                      const model::Snapshot& snapshot);
  ~Engine();

  Changes Apply(const model::Event& event);
  // Its rows follow those of `earlier`: so a batch of several events grows in place.
  Changes Apply(const model::Event& event, std::vector<model::Change> earlier);

  // When time alone next changes something: a Tick at that time is not a no-op.
  std::optional<base::Time> NextDue() const;
  // How many jobs would take a turn now (queued, pool free, DAG not paused), up to `limit`: of
  // those that begin with a call to a cloud, and of those of this machine, each as if there were no
  // other.
  int Startable(int limit) const;
  int StartableHere(int limit) const;
  const State& state() const { return *state_; }
  const Kinds& kinds() const { return kinds_; }

 private:
  Engine(Options options, const schedule::ZoneSet& zones, Kinds kinds);

  const Options options_;
  const schedule::ZoneSet& zones_;
  std::unique_ptr<State> state_;
  Kinds kinds_;
  // Asked for after every event and at every wake; only a change of rows changes the answer, or a
  // new day, whose money is not spent.
  struct Counted {
    int limit = 0;
    int startable = 0;
    base::Time day;
  };
  int Count(std::optional<Counted>& counted, model::Turns limit) const;
  mutable std::optional<Counted> counted_;
  mutable std::optional<Counted> counted_here_;
};

}  // namespace engine
