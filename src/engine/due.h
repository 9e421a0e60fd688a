#pragma once

// Which data intervals of a DAG are due, for edges from other DAGs: those of the ticks that count
// by the rule in schedules.h, by the schedule that was in force at each. None is before start_date,
// or before the DAG was first seen where it does not catch up.

#include <vector>

#include "engine/state.h"

namespace engine {

// The due interval that ends last by then.
std::optional<base::Interval> LatestDue(const DagEntry& entry, Time by);
// The first of all; it may lie in the future.
std::optional<base::Interval> FirstDue(const DagEntry& entry);
// Those that lie inside, ascending; no more than `most`, the latest of them.
std::vector<base::Interval> DueInside(const DagEntry& entry,
                                      const base::Interval& interval,
                                      size_t most);

// The fires from the one at `ticks.start` to the one at `ticks.end`, as the schedules were then,
// the earliest first: `most` of them, the latest whose logical dates are not after `until`.
std::vector<schedule::Fire> FiresInside(const DagEntry& entry,
                                        const base::Interval& ticks,
                                        std::optional<Time> until,
                                        size_t most);

}  // namespace engine
