#pragma once

// The verdict on an ended attempt: whose fault it is, and why, in words. Each kind of work gives
// it; the engine decides by it alone whether the job is tried again (engine/retry.h).

#include <optional>
#include <string>

#include "model/states.h"

namespace model {

struct Verdict {
  VerdictClass verdict = VerdictClass::kSuccess;
  std::string reason = {};  // a sentence that a person understands
  bool is_final = false;    // of kApplication: the work itself wants no other try
  // A refusal in words that no rule knows: those words without ids and numbers, as they are
  // counted. It may be a new way to say "not now", so it is tried once more.
  std::optional<std::string> unclear = {};
  // Of the attempts since the last clear, those before this one that ended so.
  int unclear_before = 0;
};

}  // namespace model
