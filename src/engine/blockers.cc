#include "engine/blockers.h"

#include <algorithm>

#include "base/text.h"
#include "engine/missing.h"

namespace engine {

namespace {

using base::Cat;
using model::TaskState;

// A sentence names this many things and counts the others.
constexpr size_t kNamedMost = 5;

std::string Enumerate(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamedMost)));
  std::string text = base::Join(shown, ", ");
  if (names.size() > shown.size())
    text += Cat(" and ", names.size() - shown.size(), " more");
  return text;
}

class Finder {
 public:
  Finder(const State& state, const Run& run, const JobInstance& job)
      : state_(state), dag_(state.dags.at(run.row.key.dag)), run_(run), job_(job) {}

  std::vector<Blocker> Find() && {
    switch (job_.tasks.front().state) {
      case TaskState::kNone:
      case TaskState::kScheduled:
        FindPause();
        FindQueuedRun();
        FindUpstream();
        break;
      case TaskState::kQueued:
        FindPause();
        FindTurn();
        break;
      case TaskState::kRunning:
        FindLookUp();
        break;
      case TaskState::kUpForRetry:
        FindRetryDelay();
        FindOldClusters();
        break;
      case TaskState::kRestarting:
        FindOldClusters();
        break;
      case TaskState::kDeferred:
      case TaskState::kSuccess:
      case TaskState::kFailed:
      case TaskState::kUpstreamFailed:
      case TaskState::kSkipped:
        break;
    }
    return std::move(found_);
  }

 private:
  void Add(BlockerKind kind, std::string sentence) {
    found_.push_back({kind, std::move(sentence), std::nullopt});
  }

  void FindPause() {
    if (dag_.row.is_paused)
      Add(BlockerKind::kPaused,
          Cat("the DAG is paused: `signalbox dags unpause ", dag_.row.dag.str(), "`"));
  }

  void FindQueuedRun() {
    if (run_.row.state != model::RunState::kQueued || dag_.row.is_paused)
      return;
    Add(BlockerKind::kRunQueued,
        Cat("the run is queued: ",
            dag_.running_runs,
            " of max_active_runs ",
            dag_.plan->dag->max_active_runs,
            " runs are active"));
  }

  void FindUpstream() {
    std::vector<std::string> names;
    for (int index : job_.def->upstream) {
      const JobInstance& up = run_.jobs[static_cast<size_t>(index)];
      if (up.tasks.back().state != TaskState::kSuccess)
        names.push_back(model::DisplayName(up.def->id, up.def->lane));
    }
    if (!names.empty())
      Add(BlockerKind::kUpstream, Enumerate(names));
    for (const model::MissingUpstream& missing : StillMissing(state_, job_))
      Add(BlockerKind::kUpstreamDag, missing.sentence);
  }

  void FindRetryDelay() {
    if (!job_.row.next_try_at)
      return;
    Add(BlockerKind::kRetryDelay,
        Cat("the next try begins at ", base::FormatRfc3339(*job_.row.next_try_at)));
    found_.back().until = job_.row.next_try_at;
  }

  void FindOldClusters() {
    if (job_.live == 0)
      return;
    std::vector<std::string> ids;
    for (const auto& [id, cluster] : state_.clusters) {
      if (cluster.attempt && cluster.attempt->job == job_.row.key && !IsTerminal(cluster.phase))
        ids.push_back(id.str());
    }
    Add(BlockerKind::kOldCluster,
        ids.empty() ? "whether its last launch made a cluster is looked up in EMR"
                    : Cat("the end of its old cluster ", Enumerate(ids)));
  }

  void FindTurn() {
    const auto pool = state_.pools.find(job_.def->pool);
    if (pool == state_.pools.end())
      return;
    if (pool->second.used >= pool->second.row.slots)
      Add(BlockerKind::kPool,
          Cat("the pool '",
              job_.def->pool.str(),
              "' is full: ",
              pool->second.used,
              " of ",
              pool->second.row.slots,
              " slots are used"));
    else if (!dag_.row.is_paused)
      Add(BlockerKind::kLaunchTurn, "its turn: EMR's quota of RunJobFlow calls");
  }

  void FindLookUp() {
    for (const model::LaunchToken& token : state_.unsettled) {
      const model::LaunchRow& launch = state_.launches.at(token);
      if (launch.attempt.job == job_.row.key && launch.state == model::LaunchState::kUnknown)
        Add(BlockerKind::kLookUp, "EMR's reply to its launch was lost: its clusters are listed");
    }
  }

  const State& state_;
  const DagEntry& dag_;
  const Run& run_;
  const JobInstance& job_;
  std::vector<Blocker> found_;
};

}  // namespace

std::string_view ToString(BlockerKind kind) {
  switch (kind) {
    case BlockerKind::kPaused:
      return "paused";
    case BlockerKind::kRunQueued:
      return "run_queued";
    case BlockerKind::kUpstream:
      return "upstream";
    case BlockerKind::kUpstreamDag:
      return "upstream_dag";
    case BlockerKind::kRetryDelay:
      return "retry_delay";
    case BlockerKind::kOldCluster:
      return "old_cluster";
    case BlockerKind::kPool:
      return "pool";
    case BlockerKind::kLaunchTurn:
      return "launch_turn";
    case BlockerKind::kLookUp:
      return "look_up";
  }
  return "";
}

std::vector<Blocker> BlockersOf(const State& state, const model::JobKey& job) {
  const auto run = state.runs.find(job.run);
  if (run == state.runs.end())
    return {};
  const auto index = run->second.plan->index.find({job.job, job.lane});
  if (index == run->second.plan->index.end())
    return {};
  return Finder(state, run->second, run->second.jobs[static_cast<size_t>(index->second)]).Find();
}

}  // namespace engine
