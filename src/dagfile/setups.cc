// Which jobs need which setups: those below a setup that are above one of its teardowns, or all
// that are below it if it has none (Airflow: "setup and teardown", the scope of a setup).

#include <algorithm>
#include <deque>

#include "dagfile/draft.h"

namespace dagfile {

namespace {

using Neighbours = std::vector<std::vector<int>>;

// All that can be reached from `start`, ascending; `start` itself is left out.
std::vector<int> Reach(const Neighbours& next, const std::vector<int>& start) {
  std::vector<bool> seen(next.size(), false);
  std::deque<int> open(start.begin(), start.end());
  std::vector<int> found;
  while (!open.empty()) {
    const int at = open.front();
    open.pop_front();
    for (int to : next[static_cast<size_t>(at)]) {
      if (seen[static_cast<size_t>(to)])
        continue;
      seen[static_cast<size_t>(to)] = true;
      found.push_back(to);
      open.push_back(to);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

void FindScopes(DagDraft& draft) {
  std::vector<model::Job>& jobs = draft.dag.jobs;
  const auto is = [&](int index, model::Role role) {
    return jobs[static_cast<size_t>(index)].role == role;
  };
  Neighbours up(jobs.size()), down(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    up[i] = jobs[i].upstream;
    for (int above : jobs[i].upstream)
      down[static_cast<size_t>(above)].push_back(static_cast<int>(i));
  }
  for (int setup = 0; setup < static_cast<int>(jobs.size()); ++setup) {
    if (!is(setup, model::Role::kSetup))
      continue;
    std::vector<int> teardowns;
    for (int below : down[static_cast<size_t>(setup)])
      if (is(below, model::Role::kTeardown))
        teardowns.push_back(below);
    const std::vector<int> above = Reach(up, teardowns);
    for (int below : Reach(down, {setup})) {
      const bool is_between =
          teardowns.empty() || std::binary_search(above.begin(), above.end(), below);
      if (is_between && !is(below, model::Role::kTeardown))
        jobs[static_cast<size_t>(below)].setups.push_back(setup);
    }
  }
}

}  // namespace dagfile
