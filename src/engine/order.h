#pragma once

// The order in which the queued jobs of a pool get their turns, as a law of numbers. Pure.
//
// 1. A job that has waited for kRaiseFor comes before all others, the longest wait first.
// 2. The greater weight. Waiting raises it, step by step, towards the greatest in the queue.
// 3. Backfills stand behind other work.
// 4. The DAG that has used the least pool time recently.
// 5. The longest way to the end of its DAG, in time (ways.h).
// 6. The longest wait, then the place in the file.
//
// Not here: who may hold slots at all (holders.h), and the queue (queue.h).

#include "base/time.h"
#include "model/ids.h"

namespace engine {

using base::Duration;
using base::Time;

// A weight is raised in so many steps, the last of which makes the job overdue.
inline constexpr Duration kRaiseFor = base::hours(4);
inline constexpr int kRaiseSteps = 8;
// Pool time that was used counts half after this.
inline constexpr Duration kHalfLife = base::hours(24);
// What a slot that is held will be held for yet: so turns that are given at once go round.
inline constexpr Duration kLookAhead = base::minutes(30);

inline bool IsOverdue(Duration waited) {
  return waited >= kRaiseFor;
}
// REQUIRES: weight <= strongest.
int64_t RaisedWeight(int64_t weight, int64_t strongest, Duration waited);
// What is left of pool time after so long.
Duration Decayed(Duration held, Duration age);

// What orders one queued job.
struct Urgency {
  bool is_overdue = false;
  int64_t weight = 0;  // raised
  bool is_backfill = false;
  Duration dag_use{0};
  Duration way{0};  // the longest to the end of the DAG
  Time since;
  int place = 0;                       // in the file
  const model::JobKey* key = nullptr;  // never null; it outlives the comparison
};

// A strict order of all jobs.
bool ComesBefore(const Urgency& a, const Urgency& b);

}  // namespace engine
