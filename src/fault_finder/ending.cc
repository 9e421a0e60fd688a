#include "fault_finder/ending.h"

#include <algorithm>

#include "base/text.h"

namespace fault_finder {

using simulation::Act;
using simulation::People;

namespace {

bool Any(const std::vector<People::Granted>& granted, Act act, const model::RunKey& run) {
  return std::any_of(granted.begin(), granted.end(), [&](const People::Granted& deed) {
    return deed.deed.act == act && deed.run == run;
  });
}

// Marked failed before its success a job fails the run; after it what has begun may go on.
bool EndedAsAsked(const model::RunRow& run, const std::vector<People::Granted>& granted) {
  if (Any(granted, Act::kMarkFailed, run.key))
    return true;
  return run.state == (Any(granted, Act::kAbort, run.key) ? model::RunState::kFailed
                                                          : model::RunState::kSuccess);
}

}  // namespace

std::vector<std::string> EndingBreaches(const Ending& ending,
                                        store::Reader& reader,
                                        const std::vector<People::Granted>& granted,
                                        int64_t launches) {
  std::vector<std::string> out;
  int64_t attempts = 0;
  std::string tries;
  // Named: a range-for does not keep the page alive that `rows` is a part of.
  const auto runs = reader.Runs({.limit = 1000});
  for (const model::RunRow& run : runs->rows) {
    if (ending.is_good && !EndedAsAsked(run, granted))
      out.push_back(base::Cat("I3: run ", ToString(run.key), " ended as ", ToString(run.state)));
    const auto of_run = reader.Attempts(run.key);
    for (const model::AttemptRow& attempt : *of_run) {
      ++attempts;
      tries += base::Cat(
          ", ", ToString(attempt.key.job), " try ", attempt.key.n, " (", attempt.reason, ")");
    }
  }
  if (ending.is_good && launches > attempts)
    out.push_back(base::Cat("I2: ", launches, " clusters for ", attempts, " attempts", tries));
  if (ending.attempts > 0 && attempts != ending.attempts)
    out.push_back(base::Cat("I4: ", attempts, " attempts instead of ", ending.attempts, tries));
  return out;
}

}  // namespace fault_finder
