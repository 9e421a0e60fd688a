#pragma once

// The kind of work `empty`: nothing. Its jobs succeed as soon as they are ready.

#include "engine/kind.h"
#include "engine/turn.h"

namespace work {

class Empty : public engine::Kind {
 public:
  Begin begin() const override { return Begin::kIsDone; }
  std::optional<model::Vcpus> VcpusOf(const model::Job&) const override { return model::Vcpus(); }
  base::Result<json::object> Preview(const engine::State&,
                                     const schedule::ZoneSet&,
                                     const engine::Run&,
                                     const engine::JobInstance&) const override {
    return json::object();
  }
  void Start(engine::Turn&, engine::Run&, engine::JobInstance&) override {}
  bool WorksOn(const engine::State&, const engine::JobInstance&) const override { return false; }
  void Stop(engine::Turn&, engine::JobInstance&, std::string_view) override {}
  void Apply(engine::Turn&, const model::Event&, engine::Changes&) override {}
  void OnRunEnded(engine::Turn&, const engine::Run&) override {}
  void OnApplied() override {}
  void Load(engine::State&, const model::Snapshot&) override {}
  void Forget(const model::RunKey&) override {}
  std::string WhyNeeded(const model::DagId&, const model::RunId&) const override { return ""; }
  std::vector<engine::Blocker> Explain(const engine::State&,
                                       const engine::JobInstance&) const override {
    return {};
  }
  std::vector<std::string> BrokenInvariants(const engine::State&) const override { return {}; }
  std::map<model::JobKey, int> CountLive() const override { return {}; }
  int AboveSize(const engine::State&, const model::PoolId&) const override { return 0; }
};

}  // namespace work
