#pragma once

// The last lines of what a failed step wrote, for messages: from EMR's log of the step in S3, with
// the server's keys, and within a bounded time. What is not there in time is left out.
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "http/loop.h"
#include "model/ids.h"
#include "runtime/objects.h"
#include "runtime/read_pool.h"

namespace runtime {

// All are borrowed.
struct StepErrorSource {
  http::Loop& loop;
  ReadPool& reads;
  Objects& objects;
  // Secrets that clusters were given: what steps wrote may repeat them.
  std::shared_ptr<const std::set<std::string>> secrets;
};

// `done` is called once, later: with the cause, if one is found, and the last lines; with "" where
// there are none, or they did not come within some seconds.
void FindStepError(const StepErrorSource& source,
                   const model::AttemptKey& attempt,
                   std::function<void(std::string)> done);

// Of a text: the cause, if it names one, then its last lines.
std::string LastLines(std::string_view text);

}  // namespace runtime
