#include "engine/continuous.h"

#include <algorithm>

#include "schedule/rule.h"

namespace engine {

namespace {

constexpr Duration kInstant{1};

}  // namespace

bool IsContinuous(const model::Dag& dag) {
  return dag.schedule.cron == schedule::kContinuous;
}

std::optional<schedule::Fire> NextContinuous(const DagEntry& entry, Time now) {
  const model::Dag& dag = *entry.plan->dag;
  const auto& last = entry.row.last_logical_date;
  // A stored DAG of another build may have none.
  if (!dag.start_date || !entry.row.scheduled_until)
    return std::nullopt;
  // After an edit, the schedule before may have fired at this very moment.
  const Time start =
      last ? std::max(*entry.row.scheduled_until, *last + kInstant) : *dag.start_date;
  const Time end = std::max(now, start + kLeastBetween);
  if (dag.end_date && end > *dag.end_date)
    return std::nullopt;
  return schedule::Fire{.run_after = end, .logical_date = start, .data_interval = {start, end}};
}

}  // namespace engine
