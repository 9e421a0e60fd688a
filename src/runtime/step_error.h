#pragma once

// The last lines of what a failed step wrote, for messages: from EMR's logs of the step in S3
// (step_logs.h), within a bounded time. What is not there in time is left out.
//
// Thread rule: the loop thread.

#include <functional>
#include <string>
#include <string_view>

#include "model/ids.h"
#include "notify/message.h"

namespace runtime {

struct Core;  // core.h

// `done` is called once, later: with the cause, if one is known or found, and the last lines; with
// nothing where there are none, or they did not come within some seconds.
void FindStepError(Core& core,
                   const model::AttemptKey& attempt,
                   std::function<void(notify::StepError)> done);

// Of a step's streams: the cause, if they name one or `known` does, then the last lines, of stdout
// where a traceback of Python is there (step_logs.h), else of stderr.
notify::StepError ErrorOf(std::string_view stdout_text,
                          std::string_view stderr_text,
                          std::string known);

}  // namespace runtime
