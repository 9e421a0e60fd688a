#pragma once

// The last lines of what a failed step wrote, for messages: from EMR's log of the step in S3
// (step_logs.h), within a bounded time. What is not there in time is left out.
//
// Thread rule: the loop thread.

#include <functional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace runtime {

struct Core;  // core.h

// `done` is called once, later: with the cause, if one is found, and the last lines; with "" where
// there are none, or they did not come within some seconds.
void FindStepError(Core& core,
                   const model::AttemptKey& attempt,
                   std::function<void(std::string)> done);

// Of a text: the cause, if it names one, then its last lines.
std::string LastLines(std::string_view text);

}  // namespace runtime
