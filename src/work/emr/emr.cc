#include "work/emr/emr.h"

#include <algorithm>

#include "base/overload.h"
#include "base/text.h"
#include "emr/instances.h"
#include "engine/attempts.h"
#include "work/emr/clusters.h"
#include "work/emr/invariants.h"
#include "work/emr/launches.h"
#include "work/emr/orphans.h"
#include "work/emr/outputs.h"

namespace work {

namespace {

std::vector<std::string> LiveClustersOf(const EmrState& state, const model::JobKey& job) {
  std::vector<std::string> ids;
  for (const auto& [id, cluster] : state.clusters) {
    if (cluster.attempt && cluster.attempt->job == job && !IsTerminal(cluster.phase))
      ids.push_back(id.str());
  }
  return ids;
}

bool IsLookedUp(const EmrState& state, const model::JobKey& job) {
  return std::any_of(
      state.unsettled.begin(), state.unsettled.end(), [&](const model::LaunchToken& token) {
        const model::LaunchRow& launch = state.launches.at(token);
        return launch.attempt.job == job && launch.state == model::LaunchState::kUnknown;
      });
}

engine::Blocker OldClusters(const EmrState& state, const model::JobKey& job) {
  const std::vector<std::string> ids = LiveClustersOf(state, job);
  return {engine::BlockerKind::kOldWork,
          ids.empty()
              ? "whether its last launch made a cluster is looked up in EMR"
              : base::Cat("it waits for the end of its old cluster ", engine::Enumerate(ids))};
}

}  // namespace

std::optional<model::Vcpus> Emr::VcpusOf(const model::Job& job) const {
  const auto most = emr::MostVcpus(*model::EmrOf(job));
  return most ? std::optional(*most) : std::nullopt;
}

base::Result<json::object> Emr::Preview(const engine::State& state,
                                        const schedule::ZoneSet& zones,
                                        const engine::Run& run,
                                        const engine::JobInstance& job) const {
  return PreviewLaunch({state_, options_, state, zones, run, job});
}

void Emr::Start(engine::Turn& turn, engine::Run& run, engine::JobInstance& job) {
  EmrTurn in = In(turn);
  Launch(in, run, job);
}

void Emr::Stop(engine::Turn& turn, engine::JobInstance& job, std::string_view cause) {
  EmrTurn in = In(turn);
  StopReading(in, job);
  StopClusters(in, job, cause);
}

void Emr::Apply(engine::Turn& engine, const model::Event& event, engine::Changes& changes) {
  EmrTurn turn = In(engine);
  std::visit(base::Overload{
                 [&](const model::TerminateCluster& e) { Terminate(turn, e, changes); },
                 [&](const model::LaunchAccepted& e) { OnAccepted(turn, e); },
                 [&](const model::LaunchRefused& e) { OnRefused(turn, e); },
                 [&](const model::LaunchUncertain& e) { OnUncertain(turn, e); },
                 [&](const model::LaunchesLookedUp& e) { OnLookedUp(turn, e); },
                 [&](const model::ClusterSeen& e) { OnSeen(turn, e); },
                 [&](const model::LostClusterSeen& e) { OnLostSeen(turn, e); },
                 [&](const model::ClusterGone& e) { OnGone(turn, e); },
                 [&](const model::OrphansSeen& e) { OnOrphansSeen(turn, e); },
                 [&](const model::OutputsSeen& e) { OnOutputsSeen(turn, e); },
                 [](const auto&) {},  // of the engine, or of another kind
             },
             event.body);
}

void Emr::OnApplied() {
  for (const model::ClusterId& id : state_.ended_orphans) {
    state_.orphans.erase(id);
    state_.clusters.erase(id);
  }
  state_.ended_orphans.clear();
}

void Emr::Load(engine::State& engine, const model::Snapshot& rows) {
  for (const model::LaunchRow& row : rows.launches) {
    state_.launches[row.token] = row;
    LoadReading(state_, engine, row);
    if (IsUnsettled(row))
      state_.unsettled.insert(row.token);
    engine::JobInstance* job = FindJob(engine, row.attempt.job);
    if (job == nullptr)
      continue;
    if (job->attempt && job->attempt->key.n == row.attempt.n)
      job->starts = std::max(job->starts, row.launch_no + 1);
    if (IsUnsettled(row))
      engine::CountLive(engine, *job);
  }
  for (const model::ClusterRow& row : rows.ended_clusters)
    NoteExpense(engine, row);
  for (const model::ClusterRow& row : rows.clusters) {
    state_.clusters[row.id] = row;
    NoteExpense(engine, row);
    engine::JobInstance* job = row.attempt ? FindJob(engine, row.attempt->job) : nullptr;
    if (job != nullptr && !IsTerminal(row.phase))
      engine::CountLive(engine, *job);
    if (!row.attempt)
      ListOrphan(state_, engine.identity, row);
  }
}

void Emr::Forget(const model::RunKey& run) {
  std::erase_if(state_.launches,
                [&](const auto& item) { return item.second.attempt.job.run == run; });
  std::erase_if(state_.clusters, [&](const auto& item) {
    return item.second.attempt && item.second.attempt->job.run == run;
  });
}

std::vector<engine::Blocker> Emr::Explain(const engine::State&,
                                          const engine::JobInstance& job) const {
  const model::JobKey& key = job.row.key;
  if (job.state == engine::JobState::kQueued)
    return {{engine::BlockerKind::kTurn, "it waits for its turn: EMR's quota of RunJobFlow calls"}};
  if (const auto reading = state_.reading.find(key); reading != state_.reading.end())
    return {{engine::BlockerKind::kOutputs,
             base::Cat("its work is done; its outputs are read from ",
                       state_.launches.at(reading->second).outputs)}};
  if (job.state == engine::JobState::kWorking)
    return {};
  if (job.state == engine::JobState::kStarting && IsLookedUp(state_, key))
    return {{engine::BlockerKind::kLookUp,
             "EMR's reply to its launch was lost: its clusters are listed"}};
  if (job.state != engine::JobState::kStarting && job.live > 0)
    return {OldClusters(state_, key)};
  return {};
}

std::vector<std::string> Emr::BrokenInvariants(const engine::State& engine) const {
  return work::BrokenInvariants(state_, engine);
}

std::map<model::JobKey, int> Emr::CountLive() const {
  return work::CountLive(state_);
}

int Emr::AboveSize(const engine::State& engine, const model::PoolId& pool) const {
  return work::AboveSize(state_, engine, pool);
}

}  // namespace work
