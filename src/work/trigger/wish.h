#pragma once

// What an attempt of a job wants: its texts, rendered. Pure.

#include "base/result.h"
#include "engine/state.h"
#include "model/rows.h"
#include "schedule/time_zone.h"

namespace work {

// Of the job's open attempt, which begins now.
base::Result<model::TriggerRow> MakeWish(const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones);

}  // namespace work
