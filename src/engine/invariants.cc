#include "engine/invariants.h"

#include <algorithm>

#include "base/text.h"
#include "engine/attempts.h"
#include "engine/backfills.h"
#include "engine/blockers.h"
#include "engine/broken.h"
#include "engine/cross_dag.h"
#include "engine/groups.h"
#include "engine/kind.h"
#include "engine/limits.h"
#include "engine/mapping.h"
#include "engine/propagate.h"
#include "engine/queue.h"
#include "engine/starts.h"
#include "engine/turn.h"
#include "engine/ways.h"

namespace engine {

namespace {

class Checker : private Broken {
 public:
  explicit Checker(const Engine& engine)
      : engine_(engine), state_(engine.state()), kinds_(engine.kinds()) {}

  std::vector<std::string> Run() {
    for (const auto& [key, run] : state_.runs)
      CheckRun(key, run);
    CheckIndices();
    CheckBackfills();
    CheckStarts();
    CheckPast();
    CheckPools();
    CheckWays();
    CheckDeadlines();
    CheckCauses();
    for (const auto& kind : kinds_)
      Add(kind->BrokenInvariants(state_));
    return Take();
  }

 private:
  void CheckCauses() {
    for (const auto& [key, row] : state_.causes) {
      Expect(key == row.key, model::DisplayName(key.job), " has a cause under another key");
      Expect(state_.runs.contains(key.job.run), key.job.run.run.str(), " has a cause, and is gone");
    }
  }
  void CheckDeadlines() {
    size_t open = 0;
    for (const auto& [key, row] : state_.deadlines) {
      const std::string name = model::DeadlineSubject(key.job, key.name).text;
      Expect(key == row.key, name, " stands under another key");
      open += IsFinal(row.status) ? 0 : 1;
      Expect(IsFinal(row.status) || state_.dues.contains({row.due, key}),
             name,
             " is not among those that are due");
      Expect(!IsFinal(row.status) || state_.runs.contains(key.job.run),
             name,
             " is final, and its run has left");
    }
    Expect(open == state_.dues.size(),
           open,
           " deadlines are open, and ",
           state_.dues.size(),
           " are due");
    Expect(state_.closed.empty(), "deadlines that became final were not looked at");
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
      open += IsEnded(job.state) ? 0 : 1;
      CheckJob(run, job);
      CheckReadiness(run, job);
    }
    for (const auto& [definition, mapped] : run.mapped)
      CheckMapped(run, mapped);
    if (!run.groups.empty())
      CheckGroups(run);
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
    Expect(StateOf(job.tasks, job.row.next_try_at.has_value()) == job.state,
           name,
           ": its tasks do not show its state");
    Expect((job.state == JobState::kUpForRetry) == job.row.next_try_at.has_value(),
           name,
           ": next_try_at and up_for_retry do not go together");
    Expect(!job.row.next_try_at || state_.retries.contains({*job.row.next_try_at, job.row.key}),
           name,
           ": its retry is not scheduled");
    Expect(job.state != JobState::kQueued || IsInQueue(run, job),
           name,
           " is queued and not in the queue");
    Expect(!job.upstream_elsewhere || state_.waiting_elsewhere.contains(job.row.key),
           name,
           ": its wait for other DAGs is not listed");
    const bool active = job.state == JobState::kStarting || job.state == JobState::kWorking;
    Expect(!active || HasOpenAttempt(job), name, " is active without an open attempt");
    Expect(!active || job.live > 0 || KindOf(kinds_, *job.def).WorksOn(state_, job),
           name,
           " is active, and nothing of it is live");
    const Mapped* mapped = MappedOf(run, job);
    const bool restarts =
        job.live > 0 || (mapped != nullptr && std::ranges::any_of(mapped->instances, IsRestarting));
    Expect(job.state != JobState::kRestarting || restarts, name, " restarts and nothing is live");
    const bool waits = job.state == JobState::kNone || job.state == JobState::kQueued ||
                       job.state == JobState::kUpForRetry || job.state == JobState::kRestarting ||
                       job.state == JobState::kUpForGroupRetry;
    Expect(!waits || IsTerminal(run.row.state) || !BlockersOf(engine_, name).empty(),
           name,
           ": nobody can tell why it does not run");
  }

  void CheckReadiness(const engine::Run& run, const JobInstance& job) {
    const model::JobKey& name = job.row.key;
    Expect(CountUpstream(run, job) == job.upstream, name, ": its upstream jobs are miscounted");
    const Readiness readiness = ReadinessOf(run, job);
    const bool may_go_on =
        readiness == Readiness::kReady
            ? MayBegin(state_, run) && ReadinessElsewhere(state_, job) != Readiness::kWaits
            : readiness != Readiness::kWaits;
    Expect(job.state != JobState::kNone || !may_go_on, name, " could go on and has not");
    Expect(!job.upstream_elsewhere || !CouldDecideEdges(state_, job),
           name,
           ": the rule of an edge has decided, and that is not stored");
  }

  // As its group sees it.
  static JobState EndSeen(const JobInstance& job) {
    return job.state == JobState::kUpForGroupRetry ? JobState::kFailed : job.state;
  }

  void CheckGroups(const engine::Run& run) {
    for (int unit = 0; unit < std::ssize(run.groups); ++unit) {
      const GroupTries& tries = run.groups[static_cast<size_t>(unit)];
      const std::string name = base::Cat(ToString(run.row.key), ": ", NameOfGroup(run, unit));
      Expect(tries.row.key == GroupKeyOf(run, unit), name, " has the row of another one");
      Expect(tries.open == OpenInGroup(run, unit), name, ": its jobs are miscounted");
      const auto& next = tries.row.next_try_at;
      Expect(!next || (tries.open == 0 && !run.row.marked && !IsTerminal(run.row.state)),
             name,
             " waits for a try and may not");
      Expect(!next || state_.group_retries.contains({*next, tries.row.key}),
             name,
             ": its try is not scheduled");
      Expect(tries.row.failures <= GroupOf(run, unit).retries, name, " has failed too often");
      Expect(!IsSettled(run, unit) || IsTerminal(run.row.state) || !WantsRetry(run, unit),
             name,
             " is settled, and has a try left");
    }
    for (const JobInstance& job : run.jobs)
      Expect(job.state != JobState::kUpForGroupRetry || HiddenBy(run, job.index, -1) >= 0,
             job.row.key,
             " waits for a try of its group, which is settled");
  }

  void CheckMapped(const engine::Run& run, const Mapped& mapped) {
    const model::JobKey& name = mapped.job->row.key;
    const bool has_list = !mapped.row.items.empty();
    Expect(std::ssize(mapped.instances) == mapped.row.instances &&
               mapped.items.size() <= mapped.instances.size() && has_list == !mapped.items.empty(),
           name,
           ": its list and its instances do not fit together");
    Expect(CountOpen(mapped) == mapped.open, name, ": its instances are miscounted");
    Expect(has_list ? EndSeen(*mapped.job) == StateByInstances(mapped)
                    : mapped.job->state != JobState::kMapped,
           name,
           ": its state is not what its instances say");
    for (const JobInstance& instance : mapped.instances) {
      CheckJob(run, instance);
      const bool is_out =
          instance.state == JobState::kRemoved || instance.state == JobState::kRestarting;
      Expect(IsInList(instance) ? instance.state != JobState::kRemoved : is_out,
             instance.row.key,
             ": the list and its state disagree");
      Expect(instance.state != JobState::kNone || !MayBegin(state_, run),
             instance.row.key,
             " could go on and has not");
    }
  }

  void CheckStarts() {
    for (const auto& [at, key] : state_.starts) {
      const auto run = state_.runs.find(key);
      Expect(run != state_.runs.end() && run->second.row.state == model::RunState::kQueued &&
                 run->second.row.run_after == at,
             key,
             " is listed as starting later and does not");
    }
    for (const auto& [key, run] : state_.runs)
      Expect(!StartsLater(run, state_.now) || state_.starts.contains({run.row.run_after, key}),
             key,
             " starts later and is not listed");
  }

  void CheckPast() {
    for (const auto& [dag, past] : state_.past) {
      for (const auto& [place, run] : past.by_date) {
        const auto date = past.dates.find(place.second);
        Expect(date != past.dates.end() && date->second == place.first,
               place.second.str(),
               " is kept as a past run under two dates");
        Expect(!state_.runs.contains({dag, place.second}),
               place.second.str(),
               " is in memory and kept as a past run");
      }
      Expect(past.dates.size() == past.by_date.size(), dag.str(), ": its past runs are miscounted");
    }
  }

  void CheckIndices() {
    for (const auto& [id, pool] : state_.pools) {
      for (const Queued& queued : pool.queue)
        Expect(queued.job->state == JobState::kQueued && queued.job->def->pool == id,
               queued.job->row.key,
               " is in the queue and not queued");
    }
    for (const auto& [at, key] : state_.retries) {
      const JobInstance* job = FindJob(state_, key);
      Expect(job != nullptr && job->row.next_try_at == at, key, " has a stray retry");
    }
    for (const auto& entry : state_.group_retries) {
      const auto run = state_.runs.find(entry.second.run);
      const auto is_it = [&](const GroupTries& tries) {
        return tries.row.key == entry.second && tries.row.next_try_at == entry.first;
      };
      Expect(run != state_.runs.end() && std::ranges::any_of(run->second.groups, is_it),
             DisplayName(entry.second),
             " has a stray try");
    }
    for (const model::JobKey& key : state_.waiting_elsewhere) {
      const JobInstance* job = FindJob(state_, key);
      Expect(job != nullptr && job->upstream_elsewhere,
             key,
             " is listed as waiting for other DAGs and does not");
    }
    std::map<model::DagId, std::pair<int, int>> active;  // queued, running
    for (const auto& [key, run] : state_.runs) {
      if (IsTerminal(run.row.state) || run.row.backfill != 0)
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
      Expect(state_.capped.contains(id) == entry.plan->dag->spend_cap.IsSet(),
             "DAG ",
             id.str(),
             ": the list of DAGs with a spend cap disagrees");
      Expect(running <= entry.plan->dag->max_active_runs,
             "DAG ",
             id.str(),
             " has more runs than max_active_runs");
    }
  }

  bool IsInQueue(const engine::Run& run, const JobInstance& job) const {
    const auto pool = state_.pools.find(job.def->pool);
    const auto place = static_cast<size_t>(job.queue_place);
    return pool != state_.pools.end() && job.queue_place >= 0 &&
           place < pool->second.queue.size() &&
           pool->second.queue[place] == QueuedOf(state_, run, const_cast<JobInstance&>(job));
  }

  void CheckHolder(const engine::Run& run, const JobInstance& job, bool holds) {
    const auto listed = state_.holding.find(job.row.key);
    const bool is_listed =
        listed != state_.holding.end() &&
        listed->second ==
            Holder{const_cast<JobInstance*>(&job), &run, &state_.dags.at(run.row.key.dag)};
    Expect(is_listed == holds, job.row.key, ": the list of those that hold slots disagrees");
    if (holds || job.state == JobState::kQueued)
      Expect(job.limits == LimitsOf(state_, run, job), job.row.key, ": its limits are others");
  }

  void CheckWays() {
    for (const auto& [key, ways] : state_.ways)
      Expect(ways.left == ComputeWays(state_, *ways.plan),
             "DAG ",
             ways.plan->dag->id.str(),
             ": its ways are others");
  }

  void CheckBackfills() {
    std::map<int64_t, std::pair<int, int>> active;  // queued, running
    for (const auto& [key, run] : state_.runs) {
      if (IsTerminal(run.row.state) || run.row.backfill == 0)
        continue;
      auto& [queued, running] = active[run.row.backfill];
      ++(run.row.state == model::RunState::kQueued ? queued : running);
      Expect(
          run.row.state == model::RunState::kRunning || state_.backfills.contains(run.row.backfill),
          key,
          " is queued, and its backfill is over");
    }
    for (const auto& [id, backfill] : state_.backfills) {
      Backfill counted = backfill;
      FindNextTick(counted);
      const auto [queued, running] = active[id];
      Expect(counted.next == backfill.next && queued == backfill.queued_runs &&
                 running == backfill.running_runs,
             "backfill ",
             id,
             ": its ticks or runs are miscounted");
      Expect(running <= backfill.row.max_active_runs,
             "backfill ",
             id,
             " has more runs than max_active_runs");
      Expect(!backfill.row.completed_at && id <= state_.last_backfill,
             "backfill ",
             id,
             " is over, or was never given");
    }
    for (const auto& [id, hold] : state_.holds)
      Expect(!hold.released_at && id <= state_.last_hold, "hold ", id, " is not in force");
  }

  void CheckPools() {
    std::map<model::JobKey, int> counted;
    for (const auto& kind : kinds_)
      counted.merge(kind->CountLive());
    std::map<model::PoolId, int> used;
    for (const auto& [key, run] : state_.runs) {
      ForEachJob(run, [&](const JobInstance& job) {
        const auto found = counted.find(job.row.key);
        const int live = found == counted.end() ? 0 : found->second;
        Expect(live == job.live, job.row.key, ": ", live, " are live, counted ", job.live);
        Expect((live > 0) == job.row.slots_since.has_value(),
               job.row.key,
               ": since when it holds slots is wrong");
        used[job.def->pool] += live > 0 ? job.def->capacity.pool_slots : 0;
        CheckHolder(run, job, live > 0);
      });
    }
    for (const auto& [id, pool] : state_.pools) {
      Expect(
          pool.used == used[id], "pool ", id.str(), ": ", used[id], " used, counted ", pool.used);
      int above = 0;
      for (const auto& kind : kinds_)
        above += kind->AboveSize(state_, id);
      Expect(pool.used <= pool.row.slots + above,
             "pool ",
             id.str(),
             " holds more than its slots (I12)");
    }
  }

  const Engine& engine_;
  const State& state_;
  const Kinds& kinds_;
};

}  // namespace

std::vector<std::string> BrokenInvariants(const Engine& engine) {
  return Checker(engine).Run();
}

}  // namespace engine
