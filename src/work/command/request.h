#pragma once

// The request of a command's process: its texts, rendered for one attempt. Pure.
//
//   {"argv": [...], "env": {...}, "cwd": "...", "stdin": "...", "outputs": "file",
//    "timeout_us": 5, "limits": {"memory": 5, ...}}
//
// or, of a task of Airflow, {"airflow": {"ti", "file", "version"}, "outputs": "told", "limits"}.
// Members that say nothing are absent. Secrets stand as marks (model::MayHoldSecret).

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "engine/state.h"
#include "schedule/time_zone.h"

namespace work {

// kInvalidArgument: a configuration failure of the attempt.
base::Result<json::object> RenderProcess(const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones);

}  // namespace work
