#include "engine/order.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace engine {

int64_t RaisedWeight(int64_t weight, int64_t strongest, Duration waited) {
  const int64_t steps =
      std::clamp<int64_t>(waited / (kRaiseFor / kRaiseSteps), 0, int64_t{kRaiseSteps});
  return weight + (strongest - weight) * steps / kRaiseSteps;
}

Duration Decayed(Duration held, Duration age) {
  if (age <= Duration(0) || held <= Duration(0))
    return held;
  const double half_lives =
      static_cast<double>(age.count()) / static_cast<double>(kHalfLife.count());
  return Duration(std::llround(static_cast<double>(held.count()) * std::exp2(-half_lives)));
}

bool ComesBefore(const Urgency& a, const Urgency& b) {
  if (a.is_overdue != b.is_overdue)
    return a.is_overdue;
  if (a.is_overdue && a.since != b.since)
    return a.since < b.since;
  const auto rank = [](const Urgency& job) {
    return std::tuple(-job.weight, job.is_backfill, job.dag_use, -job.way, job.since, job.place);
  };
  const auto rank_of_a = rank(a), rank_of_b = rank(b);
  return rank_of_a != rank_of_b ? rank_of_a < rank_of_b : *a.key < *b.key;
}

}  // namespace engine
