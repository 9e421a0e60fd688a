#include "engine/queue.h"

#include <algorithm>

#include "base/check.h"
#include "engine/holds.h"
#include "engine/limits.h"
#include "engine/order.h"
#include "engine/ways.h"

namespace engine {

namespace {

int StrongestOf(const State& state, const Pool& pool) {
  int strongest = std::numeric_limits<int>::min();
  for (const Queued& queued : pool.queue) {
    if (!IsStopped(state, queued))
      strongest = std::max(strongest, queued.weight);
  }
  return strongest;
}

Urgency UrgencyOf(const Queued& queued, int strongest, Time now, const Holders& holders) {
  const Duration waited = now - queued.since;
  return {.is_overdue = IsOverdue(waited),
          .weight = RaisedWeight(queued.weight, strongest, waited),
          .is_backfill = queued.is_backfill,
          .dag_use = holders.UseOf(*queued.dag),
          .way = (*queued.ways)[static_cast<size_t>(queued.job->index)],
          .since = queued.since,
          .place = queued.job->index,
          .key = &queued.job->row.key};
}

// What is left of a number of turns.
int& LeftOf(model::Turns& turns, const JobInstance& job) {
  return KindOf(job.def->work).is_local ? turns.local : turns.calls;
}

// A pool that has free slots, while turns are given.
class OpenPool {
 public:
  OpenPool(const State& state, const Pool& pool)
      : state_(state),
        pool_(pool),
        free_(pool.row.slots - pool.used),
        strongest_(StrongestOf(state, pool)),
        taken_(pool.queue.size()) {}

  struct Candidate {
    const Queued* queued = nullptr;  // null: none
    Urgency urgency;
    bool fits = true;
  };

  // Who comes first of those that may have slots. It may be one that waits for more of them.
  Candidate First(Time now, const Holders& holders, model::Turns left) const {
    Candidate first;
    for (size_t i = 0; i < pool_.queue.size(); ++i) {
      const Queued& queued = pool_.queue[i];
      if (taken_[i] || IsStopped(state_, queued) || queued.slots > pool_.row.slots ||
          LeftOf(left, *queued.job) <= 0)
        continue;
      const bool fits = queued.slots <= free_;
      if (!fits && !IsOverdue(now - queued.since))
        continue;
      const Urgency urgency = UrgencyOf(queued, strongest_, now, holders);
      if (first.queued != nullptr && !ComesBefore(urgency, first.urgency))
        continue;
      if (!holders.BarOf(queued))
        first = {&queued, urgency, fits};
    }
    return first;
  }

  void Take(const Queued& queued) {
    taken_[static_cast<size_t>(&queued - pool_.queue.data())] = true;
    free_ -= queued.slots;
  }
  bool has_free() const { return free_ > 0; }

 private:
  const State& state_;
  const Pool& pool_;
  int free_;
  const int strongest_;
  std::vector<bool> taken_;
};

bool HasFreeSlots(const Pool& pool) {
  return pool.used < pool.row.slots && !pool.queue.empty();
}

class Chooser {
 public:
  Chooser(const State& state, model::Turns left)
      : state_(state), holders_(state, state.now), left_(left) {
    for (const auto& [id, pool] : state.pools) {
      if (HasFreeSlots(pool))
        pools_.emplace_back(state, pool);
    }
  }

  JobInstance* Next() {
    OpenPool* from = nullptr;
    OpenPool::Candidate best;
    for (OpenPool& pool : pools_) {
      if (!pool.has_free())
        continue;
      const OpenPool::Candidate first = pool.First(state_.now, holders_, left_);
      if (first.queued == nullptr || !first.fits)
        continue;
      if (from != nullptr && !ComesBefore(first.urgency, best.urgency))
        continue;
      best = first;
      from = &pool;
    }
    if (from == nullptr)
      return nullptr;
    from->Take(*best.queued);
    holders_.Add(*best.queued);
    --LeftOf(left_, *best.queued->job);
    return best.queued->job;
  }

 private:
  const State& state_;
  Holders holders_;
  model::Turns left_;
  std::vector<OpenPool> pools_;
};

}  // namespace

Queued QueuedOf(const State& state, const Run& run, JobInstance& job) {
  const auto place = static_cast<size_t>(job.index);
  return {.job = &job,
          .run = &run,
          .dag = &state.dags.at(run.row.key.dag),
          .since = job.tasks.front().queued_at.value_or(Time{}),
          .weight = run.plan->weights[place],
          .slots = job.def->capacity.pool_slots,
          .ways = &state.ways.at({run.plan->dag->id, run.plan->dag->version}).left,
          .is_backfill = run.row.type == model::RunType::kBackfill};
}

void AddToQueue(State& state, const Run& run, JobInstance& job) {
  CHECK(job.queue_place < 0);
  std::vector<Queued>& queue = state.pools[job.def->pool].queue;
  job.limits = LimitsOf(state, run, job);
  WaysOf(state, run.plan);
  job.queue_place = static_cast<int>(queue.size());
  queue.push_back(QueuedOf(state, run, job));
}

void TakeFromQueue(State& state, JobInstance& job) {
  CHECK(job.queue_place >= 0);
  std::vector<Queued>& queue = state.pools[job.def->pool].queue;
  Queued& hole = queue[static_cast<size_t>(job.queue_place)];
  hole = queue.back();
  hole.job->queue_place = job.queue_place;
  queue.pop_back();
  job.queue_place = -1;
}

bool IsQueueEmpty(const State& state) {
  return std::ranges::all_of(state.pools,
                             [](const auto& item) { return item.second.queue.empty(); });
}

std::vector<JobInstance*> NextInTurn(const State& state, model::Turns limit) {
  std::vector<JobInstance*> found;
  const bool is_open =
      std::ranges::any_of(state.pools, [](const auto& item) { return HasFreeSlots(item.second); });
  if (!is_open || (limit.calls <= 0 && limit.local <= 0))
    return found;
  Chooser chooser(state, limit);
  while (JobInstance* next = chooser.Next())
    found.push_back(next);
  return found;
}

Standing StandingOf(const State& state, const JobInstance& job) {
  Standing standing{.pool = &state.pools.at(job.def->pool)};
  const std::vector<Queued>& queue = standing.pool->queue;
  const Queued& own = queue[static_cast<size_t>(job.queue_place)];
  const Holders holders(state, state.now);
  const int strongest = StrongestOf(state, *standing.pool);
  const Urgency urgency = UrgencyOf(own, strongest, state.now, holders);
  std::vector<std::pair<Urgency, const JobInstance*>> ahead;
  for (const Queued& other : queue) {
    if (IsStopped(state, other) || other.job == &job)
      continue;
    const Urgency of_other = UrgencyOf(other, strongest, state.now, holders);
    if (ComesBefore(of_other, urgency))
      ahead.emplace_back(of_other, other.job);
  }
  standing.ahead = ahead.size();
  const size_t named = std::min(ahead.size(), kNamedAhead);
  std::ranges::partial_sort(ahead,
                            ahead.begin() + static_cast<std::ptrdiff_t>(named),
                            ComesBefore,
                            &std::pair<Urgency, const JobInstance*>::first);
  for (size_t i = 0; i < named; ++i)
    standing.first.push_back(ahead[i].second);
  const OpenPool::Candidate first =
      OpenPool(state, *standing.pool).First(state.now, holders, {.calls = 1, .local = 1});
  if (first.queued != nullptr && !first.fits && first.queued->job != &job)
    standing.kept_for = first.queued->job;
  standing.bar = holders.BarOf(own);
  return standing;
}

}  // namespace engine
