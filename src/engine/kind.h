#pragma once

// A kind of work, as the engine sees it. The engine knows when a job is ready, has a turn, is tried
// again or is stopped; the kind knows what an attempt of it does. What a kind remembers beyond the
// engine's rows is its own; it is built from the store's rows when the engine is, and dropped with
// it.
//
// A kind tells the engine what has become of an attempt by attempts.h. Not here: who carries out
// the commands that a kind commits (driver). Thread rule: the engine's thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/blockers.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "model/event.h"
#include "model/rows.h"

namespace engine {

struct Turn;

class Kind {
 public:
  virtual ~Kind() = default;

  // How its jobs begin once they are ready.
  enum class Begin {
    kIsDone,  // they succeed at once, and nothing else here is called for them
    kAtOnce,  // they need neither a pool slot nor a turn
    kInTurn,  // they wait for both
  };
  virtual Begin begin() const = 0;
  // What an attempt of the job takes at the most; nothing if that cannot be told.
  virtual std::optional<model::Vcpus> VcpusOf(const model::Job& job) const = 0;
  // What the job's open attempt would ask for; empty for a kind that asks nobody. `run` is not in
  // memory, and nothing comes of it. An error is why the attempt would fail.
  virtual base::Result<json::object> Preview(const State& state,
                                             const schedule::ZoneSet& zones,
                                             const Run& run,
                                             const JobInstance& job) const = 0;
  // The job has its turn: goes on with the attempt that is open. The job's state is kQueued; under
  // kAtOnce it is kStarting.
  virtual void Start(Turn& turn, Run& run, JobInstance& job) = 0;
  // The job's open attempt works on although nothing of it is live.
  virtual bool WorksOn(const State& state, const JobInstance& job) const = 0;
  // A person has ended the job's attempt: what still works for the job is to end.
  virtual void Stop(Turn& turn, JobInstance& job, std::string_view cause) = 0;
  // An event that the engine does not know: of this kind, or of another.
  virtual void Apply(Turn& turn, const model::Event& event, Changes& changes) = 0;
  // The run has ended so. It may begin again later.
  virtual void OnRunEnded(Turn& turn, const Run& run) = 0;
  // The changes of the event are recorded: what they took out of memory may go.
  virtual void OnApplied() = 0;

  // Rows of the store, of live runs at the start or of one run that comes back. The engine has its
  // own rows already.
  virtual void Load(State& state, const model::Snapshot& rows) = 0;
  // The run has left memory.
  virtual void Forget(const model::RunKey& run) = 0;

  // Why the run, which has ended, may not be deleted, a sentence with the fix; "" where it may. The
  // run "": all runs of the DAG.
  virtual std::string WhyNeeded(const model::DagId& dag, const model::RunId& run) const = 0;

  // What a job of the kind waits for, beyond what the engine knows; for people.
  virtual std::vector<Blocker> Explain(const State& state, const JobInstance& job) const = 0;
  // What is broken in the kind's memory, a sentence each.
  virtual std::vector<std::string> BrokenInvariants(const State& state) const = 0;
  // How many things of each job may still cost money, counted from the kind's rows.
  virtual std::map<model::JobKey, int> CountLive() const = 0;
  // How many slots of the pool may be held beyond its size.
  virtual int AboveSize(const State& state, const model::PoolId& pool) const = 0;
};

inline Kind& KindOf(const Kinds& kinds, const model::Job& job) {
  return *kinds[job.work.index()];
}

inline bool BeginsAtOnce(const Kinds& kinds, const model::Job& job) {
  return KindOf(kinds, job).begin() == Kind::Begin::kAtOnce;
}

}  // namespace engine
