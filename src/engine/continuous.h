#pragma once

// `schedule: @continuous`, Airflow's ContinuousTimetable: a run begins once the one before has
// ended. Its data interval is [end of the interval before, now), of the first run
// [start_date, now); its logical date is the interval's start, or just after a later one that a
// backfill has taken. There are no ticks, and so no holes,
// no catchup, and no data interval that is due for other DAGs: their edges take any success.
//
// Two runs begin at least kLeastBetween apart, so that a run that ends at once makes no tight loop.

#include "engine/turn.h"

namespace engine {

inline constexpr Duration kLeastBetween = base::minutes(1);

bool IsContinuous(const model::Dag& dag);

// The fire that comes next, if the DAG has room for a run at `now`; its run_after is not before
// now. REQUIRES: the DAG is continuous, active and not paused.
std::optional<schedule::Fire> NextContinuous(const DagEntry& entry, Time now);

}  // namespace engine
