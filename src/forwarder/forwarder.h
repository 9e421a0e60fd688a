#pragma once

// The function: one invocation after the other, each an event, each into the table. Whatever is in
// an event, the loop goes on; an invocation fails only where DynamoDB did not take a good event, so
// that Lambda brings it again.
//
// Thread rule: the loop thread.

#include <memory>

#include "aws/environment.h"
#include "base/result.h"
#include "forwarder/runtime_api.h"
#include "http/loop.h"

namespace forwarder {

// Runs the loop until the Runtime API ends it, which is never a success: the error says why.
base::Status Serve(http::Loop& loop, const aws::Environment& environment);

}  // namespace forwarder
