#pragma once

// The kind of work `command`: each attempt is one process of this machine. It takes a pool slot and
// a turn, as clusters do, and no call to a cloud.
//
//   kWanted    its row is committed; the machine starts it once at the most (machine/record.h)
//   kRunning   it was seen
//   kOver      it has ended, or it is certain that it will never begin
//
// The job is kStarting (`running` to people) until the end. A person's stop is told to the process,
// and the job goes on once that has ended.
//
// Not here: processes and files (process), who asks for them (driver/processes.h). Thread rule: the
// engine's thread.

#include <map>
#include <string>
#include <vector>

#include "engine/kind.h"
#include "engine/turn.h"
#include "work/command/request.h"

namespace work {

struct Processes {
  std::map<model::JobKey, model::ProcessRow> live;  // one of a job at the most

  // Derived.
  std::map<model::ProcessToken, model::JobKey> jobs;  // of those
};

class Command : public engine::Kind {
 public:
  explicit Command(std::string region) : region_(std::move(region)) {}

  const Processes& processes() const { return processes_; }

  Begin begin() const override { return Begin::kInTurn; }
  std::optional<model::Vcpus> VcpusOf(const model::Job&) const override { return model::Vcpus(); }
  base::Result<json::object> Preview(const engine::State& state,
                                     const schedule::ZoneSet& zones,
                                     const engine::Run& run,
                                     const engine::JobInstance& job) const override {
    return RenderProcess(state, run, job, region_, zones);
  }
  void Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) override;
  bool WorksOn(const engine::State&, const engine::JobInstance&) const override { return false; }
  void Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view cause) override;
  void Apply(engine::Turn& turn, const model::Event& event, engine::Changes& changes) override;
  void OnRunEnded(engine::Turn&, const engine::Run&) override {}
  void OnApplied() override { over_.clear(); }
  void Load(engine::State& state, const model::Snapshot& rows) override;
  void Forget(const model::RunKey& run) override;
  std::string WhyNeeded(const model::DagId& dag, const model::RunId& run) const override;
  std::vector<engine::Blocker> Explain(const engine::State& state,
                                       const engine::JobInstance& job) const override;
  std::vector<std::string> BrokenInvariants(const engine::State& state) const override;
  std::map<model::JobKey, int> CountLive() const override;
  int AboveSize(const engine::State&, const model::PoolId&) const override { return 0; }

 private:
  void OnBegan(engine::Turn& turn, const model::ProcessSeen& seen, model::ProcessRow& row);
  void OnOver(engine::Turn& turn, const model::ProcessSeen& seen, model::ProcessRow& row);

  const std::string region_;
  Processes processes_;
  // Out of the list above, until the changes of the event are recorded: they may be among them.
  std::vector<std::map<model::JobKey, model::ProcessRow>::node_type> over_;
};

}  // namespace work
