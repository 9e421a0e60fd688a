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
  // The interval leaves no gap. A backfill, or the schedule before an edit, may have this logical
  // date or a later one: no two runs have the same.
  const Time start = last ? *entry.row.scheduled_until : *dag.start_date;
  const Time date = last ? std::max(start, *last + kInstant) : start;
  const Time end = std::max(now, start + kLeastBetween);
  if (dag.end_date && end > *dag.end_date)
    return std::nullopt;
  return schedule::Fire{.run_after = end, .logical_date = date, .data_interval = {start, end}};
}

}  // namespace engine
