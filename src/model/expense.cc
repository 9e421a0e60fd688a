#include "model/expense.h"

#include <algorithm>
#include <chrono>

namespace model {

namespace {

constexpr int64_t kSecondsOfHour = 3600;

MicroUsd CostOfSpan(MicroUsd per_hour, base::Duration span) {
  const int64_t whole = std::chrono::duration_cast<base::seconds>(span).count();
  // In two parts, so that no product overflows.
  return whole <= 0 ? 0
                    : per_hour / kSecondsOfHour * whole +
                          per_hour % kSecondsOfHour * whole / kSecondsOfHour;
}

}  // namespace

std::optional<Expense> ExpenseOf(const ClusterRow& cluster) {
  if (!cluster.attempt || !cluster.micro_usd_per_hour || !cluster.created_at)
    return std::nullopt;
  Expense expense{cluster.attempt->job.run, *cluster.created_at, {}, *cluster.micro_usd_per_hour};
  if (!IsTerminal(cluster.phase))
    return expense;
  // EMR's clock may be hours away from ours.
  const bool is_possible = cluster.ended_at && *cluster.ended_at >= expense.from &&
                           *cluster.ended_at <= cluster.phase_seen_at;
  expense.until = std::max(expense.from, is_possible ? *cluster.ended_at : cluster.phase_seen_at);
  return expense;
}

MicroUsd CostWithin(const Expense& expense, const base::Interval& interval, Time now) {
  const Time until = std::min(expense.until.value_or(now), interval.end);
  return CostOfSpan(expense.per_hour, until - std::max(expense.from, interval.start));
}

MicroUsd CostOf(const Expense& expense, Time now) {
  return CostOfSpan(expense.per_hour, expense.until.value_or(now) - expense.from);
}

}  // namespace model
