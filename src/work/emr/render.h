#pragma once

// Templates in a job's request, rendered for one attempt.

#include "base/json.h"
#include "base/result.h"
#include "engine/state.h"
#include "schedule/time_zone.h"
#include "template/secret.h"

namespace work {

// kInvalidArgument with the place in the request: a configuration failure of the attempt. `places`:
// which of its texts may hold secrets; null: none.
base::Result<json::object> RenderRequest(json::object request,
                                         const engine::State& state,
                                         const engine::Run& run,
                                         const engine::JobInstance& job,
                                         int try_number,
                                         const std::string& region,
                                         const schedule::ZoneSet& zones,
                                         tmpl::SecretPlaces places = nullptr);

// One text of the job, rendered alike.
base::Result<std::string> RenderText(const std::string& text,
                                     const engine::State& state,
                                     const engine::Run& run,
                                     const engine::JobInstance& job,
                                     int try_number,
                                     const std::string& region,
                                     const schedule::ZoneSet& zones);

}  // namespace work
