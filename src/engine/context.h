#pragma once

// What the names of the template language mean for one job of one run. Pure.
//
// Not here: what only a kind of work knows, such as the region.

#include <string_view>

#include "engine/state.h"
#include "schedule/time_zone.h"
#include "template/template.h"

namespace engine {

// What the job tells the jobs after it; null where it has not succeeded or tells nothing.
const model::OutputsRow* OutputsOf(const JobInstance& job);
// What it has told under Airflow's name `return_value`; null if nothing.
json::value ReturnedBy(const JobInstance& job);

// `try_number` is that of the attempt that is being made. `texts`: where the names stand; a name
// that costs much is looked up only if it is there. REQUIRES: `state` outlives the context.
tmpl::Context ContextOf(const State& state,
                        const Run& run,
                        const JobInstance& job,
                        int try_number,
                        const schedule::ZoneSet& zones,
                        std::string_view texts);

}  // namespace engine
