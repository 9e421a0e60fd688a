#include "engine/group_retry.h"

#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "engine/actions.h"
#include "engine/groups.h"
#include "engine/propagate.h"
#include "engine/runs.h"

namespace engine {

namespace {

int UnitOf(const Run& run, const model::GroupKey& key) {
  for (int unit = 0; unit < std::ssize(run.groups); ++unit) {
    if (run.groups[static_cast<size_t>(unit)].row.key == key)
      return unit;
  }
  return -1;
}

void TryAgain(Turn& turn, const model::GroupKey& key) {
  Run* run = FindRun(turn.state, key.run);
  CHECK(run != nullptr);
  const int unit = UnitOf(*run, key);
  CHECK(unit >= 0);
  const std::string cause = base::Cat(NameOfGroup(*run, unit),
                                      " is tried again: try ",
                                      run->groups[static_cast<size_t>(unit)].row.failures + 1,
                                      " of ",
                                      GroupOf(*run, unit).retries + 1);
  BeginGroupAgain(turn, *run, unit, cause);
  for (int index : run->plan->units.all[static_cast<size_t>(unit)].jobs)
    ClearJob(turn, *run, InstanceOf(*run, index), cause, By::kGroup);
  Recount(*run);
  StartReadyJobs(turn, *run);
}

}  // namespace

void RetryDueGroups(Turn& turn) {
  std::vector<model::GroupKey> due;
  for (const auto& [at, key] : turn.state.group_retries) {
    if (at > turn.now)
      break;
    due.push_back(key);
  }
  for (const model::GroupKey& key : due)
    TryAgain(turn, key);
}

}  // namespace engine
