#pragma once

// When DAGs fire, by one rule. Ticks count from the moment when the DAG was first unpaused, or from
// its start_date where it catches up; those of an edited schedule count from the edit. Each tick
// that counts ends as a run or in a hole (holes.h): DagRow::scheduled_until says how far that is
// decided. Without catchup only the latest of the ticks that have passed fires, once;
// with a bound on catchup the latest so many.

#include "engine/turn.h"

namespace engine {

// kInvalidArgument for a cron or zone that cannot be used (a stored DAG of another build, say).
base::Result<std::optional<schedule::Timetable>> TimetableOf(const model::Dag& dag,
                                                             const schedule::ZoneSet& zones);

// Makes timetable and periods of the row and the plan, as the database has them.
base::Status LoadSchedules(DagEntry& entry, const schedule::ZoneSet& zones);
// The plan is new: the schedule may be as well. What the one before has not fired is a hole.
void TakeSchedule(Turn& turn, DagEntry& entry);
// REQUIRES: the DAG is not paused. Ticks count from now on, unless they have done so before.
void BeginSchedule(Turn& turn, DagEntry& entry);

// Recomputes when the DAG fires next.
void RefreshFire(State& state, DagEntry& entry);
// The fire is decided, and what it leaves out becomes a hole. REQUIRES: it is the next fire.
void TakeFire(Turn& turn, DagEntry& entry, const schedule::Fire& fire);

// A run has this logical date now: no scheduled one will have it.
void ReserveDate(Turn& turn, DagEntry& entry, Time logical_date);

// Logical dates that the DAG wants.
schedule::Window WindowOf(const DagEntry& entry);

}  // namespace engine
