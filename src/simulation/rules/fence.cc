#include "simulation/rules/fence.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

using Outcome = store::CommitResult::Outcome;

void Fence::OnOpened(base::Time now, Opener opener, int64_t epoch) {
  if (epoch <= newest_)
    checks_.Breach(now, base::Cat("I7: epoch ", epoch, " is given out after ", newest_));
  newest_ = std::max(newest_, epoch);
  if (opener != Opener::kUs)
    return;
  ours_ = epoch;
  is_fenced_ = false;
}

void Fence::OnPut(base::Time now, Opener opener, int64_t epoch, Outcome outcome) {
  if (outcome == Outcome::kOk && epoch < newest_)
    checks_.Breach(now, base::Cat("I7: stored under epoch ", epoch, ", after ", newest_, " began"));
  if (opener != Opener::kUs)
    return;
  if (epoch != ours_)
    checks_.Breach(now,
                   base::Cat("I7: our process of epoch ", ours_, " puts rows under epoch ", epoch));
  if (is_fenced_)
    checks_.Breach(now, "I7: our process was fenced, and puts rows");
  is_fenced_ = is_fenced_ || outcome == Outcome::kFenced;
}

// The epochs are among what is lost: a restored copy gives them out again, and the process that had
// them is dead.
void Fence::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  newest_ = left.empty() ? 0 : left.back().epoch;
}

void Fence::BeforeCall(const SeenCall& call) {
  const bool is_read = call.action.starts_with("List") || call.action.starts_with("Describe");
  if (is_fenced_ && !is_read)
    checks_.Breach(call.at, base::Cat("I7: our process was fenced, and sends ", call.action));
}

}  // namespace simulation
