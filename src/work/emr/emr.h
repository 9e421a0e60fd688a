#pragma once

// The kind of work `emr_job`: an attempt is one cluster (EMR: job flow) that runs the job's steps
// and ends. What EMR says comes as events; what is to be asked of EMR goes out as commands (launch,
// terminate), after the commit.
//
//   launches   from a turn to a cluster id, or to the certainty that there is none
//   clusters   what EMR says of a cluster becomes a view, a verdict and a terminate
//   deadlines  clusters and steps that take too long
//   outputs    what an attempt tells the jobs after it, read once its work is done
//   orphans    live clusters that no attempt claims
//   resume, render   which steps an attempt runs, and its request
//
// Thread rule: the engine's thread.

#include "engine/kind.h"
#include "engine/turn.h"
#include "work/emr/options.h"
#include "work/emr/state.h"

namespace work {

// What each function of this folder gets: the engine's step, and what the kind remembers.
struct EmrTurn {
  engine::Turn& engine;
  EmrState& state;
  const EmrOptions& options;

  engine::Recorder& recorder() const { return engine.recorder; }
  Time now() const { return engine.now; }
};

class Emr : public engine::Kind {
 public:
  explicit Emr(EmrOptions options) : options_(std::move(options)) {}

  const EmrState& state() const { return state_; }

  Begin begin() const override { return Begin::kInTurn; }
  std::optional<model::Vcpus> VcpusOf(const model::Job& job) const override;
  base::Result<json::object> Preview(const engine::State& state,
                                     const schedule::ZoneSet& zones,
                                     const engine::Run& run,
                                     const engine::JobInstance& job) const override;
  void Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) override;
  bool WorksOn(const engine::State&, const engine::JobInstance& job) const override {
    return state_.reading.contains(job.row.key);
  }
  void Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view cause) override;
  void Apply(engine::Turn& turn, const model::Event& event, engine::Changes& changes) override;
  void OnRunEnded(engine::Turn&, const engine::Run&) override {}
  void OnApplied() override;
  void Load(engine::State& state, const model::Snapshot& rows) override;
  void Forget(const model::RunKey& run) override;
  std::string WhyNeeded(const model::DagId&, const model::RunId&) const override { return ""; }
  std::vector<engine::Blocker> Explain(const engine::State& state,
                                       const engine::JobInstance& job) const override;
  std::vector<std::string> BrokenInvariants(const engine::State& state) const override;
  std::map<model::JobKey, int> CountLive() const override;
  int AboveSize(const engine::State& state, const model::PoolId& pool) const override;

 private:
  EmrTurn In(engine::Turn& turn) { return {turn, state_, options_}; }

  const EmrOptions options_;
  EmrState state_;
};

}  // namespace work
