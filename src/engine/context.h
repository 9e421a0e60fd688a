#pragma once

// What the names of the template language mean for one job of one run. Pure.
//
// Not here: what only a kind of work knows, such as the region.

#include "engine/state.h"
#include "schedule/time_zone.h"
#include "template/template.h"

namespace engine {

// `try_number` is that of the attempt that is being made.
tmpl::Context ContextOf(const Run& run,
                        const JobInstance& job,
                        int try_number,
                        const model::Identity& identity,
                        const schedule::ZoneSet& zones);

}  // namespace engine
