#include "engine/engine.h"

#include <algorithm>

#include "engine/actions.h"
#include "engine/clusters.h"
#include "engine/jobs.h"
#include "engine/launches.h"
#include "engine/load.h"
#include "engine/orphans.h"
#include "engine/runs.h"
#include "engine/turn.h"
#include "engine/vanished.h"

namespace engine {

namespace {

template <typename... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overload(Handlers...) -> Overload<Handlers...>;

void Dispatch(Turn& turn, const model::Event& event, Step& step) {
  std::visit(Overload{
                 [](const model::Tick&) {},
                 [&](const model::ProjectLoaded& e) { LoadProject(turn, e); },
                 [&](const model::TriggerRun& e) { Trigger(turn, e, step); },
                 [&](const model::SetPaused& e) { SetPaused(turn, e, step); },
                 [&](const model::DeactivateDags& e) { DeactivateDags(turn, e, step); },
                 [&](const model::ClearJobs& e) { Clear(turn, e, step); },
                 [&](const model::MarkJobs& e) { Mark(turn, e, step); },
                 [&](const model::MarkRun& e) { Mark(turn, e, step); },
                 [&](const model::TerminateCluster& e) { Terminate(turn, e, step); },
                 [&](const model::LaunchTurn& e) { GrantLaunches(turn, e.launches); },
                 [&](const model::LaunchAccepted& e) { OnAccepted(turn, e); },
                 [&](const model::LaunchRefused& e) { OnRefused(turn, e); },
                 [&](const model::LaunchUncertain& e) { OnUncertain(turn, e); },
                 [&](const model::LaunchesLookedUp& e) { OnLookedUp(turn, e); },
                 [&](const model::ClusterSeen& e) { OnSeen(turn, e); },
                 [&](const model::LostClusterSeen& e) { OnLostSeen(turn, e); },
                 [&](const model::ClusterGone& e) { OnGone(turn, e); },
                 [&](const model::OrphansSeen& e) { OnOrphansSeen(turn, e); },
             },
             event.body);
}

// An ended run leaves memory, with its launches and clusters, once nothing of it is alive.
void Evict(State& state) {
  for (auto it = state.lingering.begin(); it != state.lingering.end();) {
    const model::RunKey key = *it;
    const Run& run = state.runs.at(key);
    bool alive = std::any_of(
        run.jobs.begin(), run.jobs.end(), [](const JobInstance& job) { return job.live > 0; });
    if (alive) {
      ++it;
      continue;
    }
    std::erase_if(state.launches,
                  [&](const auto& item) { return item.second.attempt.job.run == key; });
    std::erase_if(state.clusters, [&](const auto& item) {
      return item.second.attempt && item.second.attempt->job.run == key;
    });
    state.runs.erase(key);
    it = state.lingering.erase(it);
  }
}

}  // namespace

Engine::Engine(Options options, const schedule::ZoneSet& zones)
    : options_(std::move(options)), zones_(zones), state_(std::make_unique<State>()) {}

Engine::~Engine() = default;

base::Result<std::unique_ptr<Engine>> Engine::Create(Options options,
                                                     const schedule::ZoneSet& zones,
                                                     const model::Snapshot& snapshot) {
  std::unique_ptr<Engine> engine(new Engine(std::move(options), zones));
  RETURN_IF_ERROR(LoadSnapshot(*engine->state_, zones, snapshot));
  return engine;
}

Step Engine::Apply(const model::Event& event, std::vector<model::Change> changes) {
  State& state = *state_;
  state.now = std::max(state.now, event.at);
  Turn turn{state, options_, zones_, Recorder(state.last_seq), state.now};
  Step step;
  Dispatch(turn, event, step);
  StartDueRetries(turn);
  CreateDueRuns(turn);
  const size_t before = changes.size();
  turn.recorder.AppendTo(changes);
  if (changes.size() > before)
    counted_ = std::nullopt;
  step.changes = std::move(changes);
  state.last_seq = turn.recorder.last_seq();
  Evict(state);
  for (const model::ClusterId& id : turn.ended_orphans) {
    state.orphans.erase(id);
    state.clusters.erase(id);
  }
  return step;
}

std::optional<base::Time> Engine::NextDue() const {
  std::optional<Time> due;
  if (!state_->fires.empty())
    due = state_->fires.begin()->first;
  for (const auto& [at, key] : state_->retries) {
    if (due && at >= *due)
      break;
    // A retry whose old cluster still lives is woken by that cluster's end.
    if (FindJob(*state_, key)->live == 0)
      return at;
  }
  return due;
}

int Engine::Launchable(int limit) const {
  const bool is_known =
      counted_ && (counted_->launchable < counted_->limit || limit <= counted_->limit);
  if (!is_known)
    counted_ = {limit, CountLaunchable(*state_, limit)};
  return std::min(limit, counted_->launchable);
}

}  // namespace engine
