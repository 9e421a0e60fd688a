#include "engine/invariants.h"

#include <algorithm>

#include "base/text.h"
#include "engine/cross_dag.h"
#include "engine/jobs.h"
#include "engine/launches.h"
#include "engine/turn.h"

namespace engine {

namespace {

using model::TaskState;

class Checker {
 public:
  explicit Checker(const State& state) : state_(state) {}

  std::vector<std::string> Run() {
    for (const auto& [key, run] : state_.runs)
      CheckRun(key, run);
    CheckIndices();
    CheckLaunches();
    CheckClusters();
    CheckPools();
    return std::move(broken_);
  }

 private:
  // Pieces of a sentence; keys are put into words only where it is needed.
  template <typename... Pieces>
  void Expect(bool holds, const Pieces&... pieces) {
    if (!holds)
      broken_.push_back(base::Cat(InWords(pieces)...));
  }
  template <typename Piece>
  static const Piece& InWords(const Piece& piece) {
    return piece;
  }
  static std::string InWords(const model::RunKey& run) { return ToString(run); }
  static std::string InWords(const model::JobKey& job) { return ToString(job); }

  static bool IsEnded(const JobInstance& job) {
    return std::all_of(job.tasks.begin(), job.tasks.end(), [](const model::TaskRow& task) {
      return IsTerminal(task.state);
    });
  }

  // The pairs of states that an EMR job's two tasks may be in.
  static bool IsLegalPair(TaskState start, TaskState wait) {
    switch (start) {
      case TaskState::kNone:
      case TaskState::kQueued:
      case TaskState::kRunning:
        return wait == TaskState::kNone;
      case TaskState::kSuccess:
        return wait == TaskState::kDeferred || wait == TaskState::kSuccess ||
               wait == TaskState::kFailed;
      case TaskState::kUpForRetry:
        return wait == TaskState::kUpForRetry;
      case TaskState::kFailed:
      case TaskState::kUpstreamFailed:
        return wait == TaskState::kUpstreamFailed;
      case TaskState::kRestarting:
        return wait == TaskState::kRestarting;
      case TaskState::kSkipped:
        return wait == TaskState::kSkipped;
      case TaskState::kScheduled:
      case TaskState::kDeferred:
        return false;
    }
    return false;
  }

  void CheckRun(const model::RunKey& key, const engine::Run& run) {
    const model::RunKey& name = key;
    Expect(IsTerminal(run.row.state) == state_.lingering.contains(key),
           name,
           " is ",
           ToString(run.row.state),
           ", and the list of ended runs disagrees");
    int open = 0;
    for (const JobInstance& job : run.jobs) {
      open += IsEnded(job) ? 0 : 1;
      CheckJob(run, job);
    }
    Expect(open == run.open_jobs, name, ": ", open, " jobs are open, counted ", run.open_jobs);
    Expect((open > 0) == !IsTerminal(run.row.state),
           name,
           " is ",
           ToString(run.row.state),
           " with ",
           open,
           " open jobs");
  }

  void CheckJob(const engine::Run& run, const JobInstance& job) {
    const model::JobKey& name = job.row.key;
    TaskState start = job.tasks[0].state;
    if (job.def->type == model::JobType::kEmrJob)
      Expect(IsLegalPair(start, job.tasks[1].state),
             name,
             ": start is ",
             ToString(start),
             " and wait is ",
             ToString(job.tasks[1].state));
    int unmet = 0;
    for (int up : job.def->upstream)
      unmet += run.jobs[static_cast<size_t>(up)].tasks.back().state == TaskState::kSuccess ? 0 : 1;
    Expect(unmet == job.unmet, name, ": ", unmet, " upstream jobs are open, counted ", job.unmet);
    Expect((start == TaskState::kUpForRetry) == job.row.next_try_at.has_value(),
           name,
           ": next_try_at and up_for_retry do not go together");
    Expect(!job.row.next_try_at || state_.retries.contains({*job.row.next_try_at, job.row.key}),
           name,
           ": its retry is not scheduled");
    Expect(start != TaskState::kQueued ||
               state_.queue.contains({job.tasks[0].queued_at.value_or(Time{}), job.row.key}),
           name,
           " is queued and not in the queue");
    Expect(!job.upstream_elsewhere || state_.waiting_elsewhere.contains(job.row.key),
           name,
           ": its wait for other DAGs is not listed");
    bool active = start == TaskState::kRunning ||
                  (job.tasks.size() > 1 && job.tasks[1].state == TaskState::kDeferred);
    Expect(!active || HasOpenAttempt(job), name, " is active without an open attempt");
    Expect(!active || job.live > 0, name, " is active, and neither a launch nor a cluster is live");
    bool may_start = run.row.state == model::RunState::kRunning && unmet == 0 &&
                     start == TaskState::kNone && WaitsAreOver(state_, job) &&
                     !state_.dags.at(run.row.key.dag).row.is_paused;
    Expect(!may_start, name, " could start and has not");
    Expect(start != TaskState::kRestarting || job.live > 0, name, " restarts and nothing is live");
  }

  void CheckIndices() {
    for (const auto& [since, key] : state_.queue) {
      const JobInstance* job = FindJob(const_cast<State&>(state_), key);
      Expect(job != nullptr && job->tasks[0].state == TaskState::kQueued,
             key,
             " is in the queue and not queued");
    }
    for (const auto& [at, key] : state_.retries) {
      const JobInstance* job = FindJob(const_cast<State&>(state_), key);
      Expect(job != nullptr && job->row.next_try_at == at, key, " has a stray retry");
    }
    for (const model::JobKey& key : state_.waiting_elsewhere) {
      const JobInstance* job = FindJob(const_cast<State&>(state_), key);
      Expect(job != nullptr && job->upstream_elsewhere,
             key,
             " is listed as waiting for other DAGs and does not");
    }
    std::map<model::DagId, std::pair<int, int>> active;  // queued, running
    for (const auto& [key, run] : state_.runs) {
      if (IsTerminal(run.row.state))
        continue;
      auto& [queued, running] = active[key.dag];
      ++(run.row.state == model::RunState::kQueued ? queued : running);
    }
    for (const auto& [id, entry] : state_.dags) {
      const auto found = active.find(id);
      const auto [queued, running] = found == active.end() ? std::pair(0, 0) : found->second;
      Expect(queued == entry.queued_runs && running == entry.running_runs,
             "DAG ",
             id.str(),
             ": its runs are miscounted");
      Expect(running <= entry.plan->dag->max_active_runs,
             "DAG ",
             id.str(),
             " has more runs than max_active_runs");
    }
  }

  void CheckLaunches() {
    std::map<model::AttemptKey, int> unsettled;
    for (const auto& [token, launch] : state_.launches) {
      bool pending = state_.commands.contains({token.str(), 0});
      Expect(IsUnsettled(launch) == pending,
             "launch ",
             token.str(),
             " is ",
             ToString(launch.state),
             ", and its command does not say so");
      Expect((launch.state == model::LaunchState::kAccepted) == !launch.cluster.empty(),
             "launch ",
             token.str(),
             " is ",
             ToString(launch.state),
             " with cluster '",
             launch.cluster.str(),
             "'");
      Expect(IsUnsettled(launch) == state_.unsettled.contains(token),
             "launch ",
             token.str(),
             " and the list of unsettled launches disagree");
      if (IsUnsettled(launch))
        ++unsettled[launch.attempt];
    }
    for (const auto& [attempt, count] : unsettled)
      Expect(count == 1, "an attempt of ", attempt.job, " has ", count, " unsettled launches");
  }

  void CheckClusters() {
    std::map<model::AttemptKey, int> unjudged;
    for (const auto& [id, cluster] : state_.clusters) {
      bool pending = state_.commands.contains({id.str(), 0});
      Expect(pending == (cluster.terminate_requested_at && !IsTerminal(cluster.phase)),
             "cluster ",
             id.str(),
             ": its terminate command and its row disagree");
      // An orphan may live without a terminate: it is on the list that people see. So is what came
      // back from LOST, which is killed.
      const bool is_listed = state_.orphans.contains(id);
      Expect(cluster.attempt ? !is_listed || pending : is_listed,
             "cluster ",
             id.str(),
             ": the list of orphans and its row disagree");
      if (cluster.judged || !cluster.attempt) {
        Expect(IsTerminal(cluster.phase) || cluster.terminate_requested_at || is_listed,
               "cluster ",
               id.str(),
               " is live, belongs to no open attempt, and nobody terminates it (I1)");
        continue;
      }
      ++unjudged[*cluster.attempt];
      const JobInstance* job = FindJob(const_cast<State&>(state_), cluster.attempt->job);
      Expect(job != nullptr && HasOpenAttempt(*job) && job->attempt->key.n == cluster.attempt->n,
             "cluster ",
             id.str(),
             " awaits a verdict and no attempt is open");
    }
    for (const auto& [attempt, count] : unjudged)
      Expect(count == 1, "an attempt of ", attempt.job, " has ", count, " clusters (I2)");
  }

  void CheckPools() {
    std::map<model::JobKey, int> live;
    for (const auto& [token, launch] : state_.launches)
      if (IsUnsettled(launch))
        ++live[launch.attempt.job];
    for (const auto& [id, cluster] : state_.clusters)
      if (cluster.attempt && !IsTerminal(cluster.phase))
        ++live[cluster.attempt->job];
    for (const auto& [key, run] : state_.runs) {
      for (const JobInstance& job : run.jobs)
        Expect(job.live == 0 || live.contains(job.row.key),
               job.row.key,
               ": 0 are live, counted ",
               job.live);
    }
    // What came back from LOST takes its slot again, even above the pool's size.
    std::map<model::PoolId, int> returned;
    for (const auto& [id, orphan] : state_.orphans) {
      const auto& attempt = state_.clusters.at(id).attempt;
      const JobInstance* job =
          attempt ? FindJob(const_cast<State&>(state_), attempt->job) : nullptr;
      if (job != nullptr)
        ++returned[job->def->pool];
    }
    std::map<model::PoolId, int> used;
    for (const auto& [key, count] : live) {
      const JobInstance* job = FindJob(const_cast<State&>(state_), key);
      if (job == nullptr)
        continue;
      Expect(count == job->live, key, ": ", count, " are live, counted ", job->live);
      ++used[job->def->pool];
    }
    for (const auto& [id, pool] : state_.pools) {
      Expect(
          pool.used == used[id], "pool ", id.str(), ": ", used[id], " used, counted ", pool.used);
      Expect(pool.used <= pool.row.slots + returned[id],
             "pool ",
             id.str(),
             " holds more than its slots (I12)");
    }
  }

  const State& state_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> BrokenInvariants(const State& state) {
  return Checker(state).Run();
}

}  // namespace engine
