#pragma once

// The kind of work `trigger_dag_run`: an attempt makes a run of a DAG, and may wait for its end.
// It takes no turn and no pool slot.
//
//   kStarting   its wish is stored; the driver reads whether there is such a run
//   kWorking    the run is there: made, or begun again, in the commit that says so
//
// The run's end ends the attempt in the same step. Until the driver has answered, nothing has
// happened; so whatever is lost, an attempt makes one run at most.
//
// Not here: what the store has (driver/triggers.h). Thread rule: the engine's thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/kind.h"
#include "engine/turn.h"
#include "model/verdict.h"

namespace work {

struct TriggerWishes {
  std::map<model::JobKey, model::TriggerRow> open;  // of attempts that are open

  // Derived.
  std::set<model::JobKey> asked;                           // of these, those that are kAsked
  std::map<model::RunKey, std::set<model::JobKey>> waits;  // for the end of that run
};

class Trigger : public engine::Kind {
 public:
  explicit Trigger(std::string region) : region_(std::move(region)) {}

  const TriggerWishes& wishes() const { return wishes_; }

  Begin begin() const override { return Begin::kAtOnce; }
  std::optional<model::Vcpus> VcpusOf(const model::Job&) const override { return model::Vcpus(); }
  base::Result<json::object> Preview(const engine::State& state,
                                     const schedule::ZoneSet& zones,
                                     const engine::Run& run,
                                     const engine::JobInstance& job) const override;
  void Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) override;
  bool WorksOn(const engine::State&, const engine::JobInstance& job) const override {
    return wishes_.open.contains(job.row.key);
  }
  void Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view cause) override;
  void Apply(engine::Turn& turn, const model::Event& event, engine::Changes& changes) override;
  void OnRunEnded(engine::Turn& turn, const engine::Run& run) override;
  void OnApplied() override { over_.clear(); }
  void Load(engine::State& state, const model::Snapshot& rows) override;
  void Forget(const model::RunKey& run) override;
  std::string WhyNeeded(const model::DagId& dag, const model::RunId& run) const override;
  std::vector<engine::Blocker> Explain(const engine::State& state,
                                       const engine::JobInstance& job) const override;
  std::vector<std::string> BrokenInvariants(const engine::State& state) const override;
  std::map<model::JobKey, int> CountLive() const override { return {}; }
  int AboveSize(const engine::State&, const model::PoolId&) const override { return 0; }

 private:
  // What becomes of a wish, now that it is known whether there is such a run.
  void Decide(engine::Turn& turn,
              engine::JobInstance& job,
              const model::TriggersRead::Found& found);
  void Create(engine::Turn& turn, engine::JobInstance& job);
  void BeginAgain(engine::Turn& turn,
                  engine::JobInstance& job,
                  const model::RunKey& there,
                  const model::Snapshot* rows);
  // The run is there, or will be in this step.
  void HasRun(engine::Turn& turn, engine::JobInstance& job, model::TriggerState state);
  void Succeed(engine::Turn& turn, engine::JobInstance& job, std::string reason);
  void End(engine::Turn& turn, engine::JobInstance& job, const model::Verdict& verdict);
  void Index(const model::TriggerRow& wish, const model::Job& def);
  void Erase(const model::JobKey& job);

  const std::string region_;
  TriggerWishes wishes_;
  // Out of the list above, until the changes of the event are recorded: they may be among them.
  std::vector<std::map<model::JobKey, model::TriggerRow>::node_type> over_;
};

}  // namespace work
