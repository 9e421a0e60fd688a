#include "model/select.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"

namespace model {

base::Result<std::vector<int>> SelectJobs(const Dag& dag,
                                          const std::vector<JobKey>& jobs,
                                          bool downstream) {
  std::map<std::pair<JobId, LaneId>, size_t> places;
  for (size_t i = 0; i < dag.jobs.size(); ++i)
    places.try_emplace({dag.jobs[i].id, dag.jobs[i].lane}, i);
  std::vector<bool> selected(dag.jobs.size(), jobs.empty());
  for (const JobKey& key : jobs) {
    auto found = places.find({key.job, key.lane});
    if (found == places.end())
      return base::Fail(base::ErrorCode::kNotFound,
                        base::Cat("the DAG '",
                                  dag.id.str(),
                                  "' has no job '",
                                  DisplayName(key.job, key.lane),
                                  "' in that version"));
    selected[found->second] = true;
  }
  // Upstream jobs may stand later in the file, so go on until nothing is added.
  for (bool added = downstream; added;) {
    added = false;
    for (size_t i = 0; i < dag.jobs.size(); ++i) {
      const std::vector<int>& upstream = dag.jobs[i].upstream;
      if (!selected[i] && std::any_of(upstream.begin(), upstream.end(), [&](int up) {
            return selected[static_cast<size_t>(up)];
          }))
        added = selected[i] = true;
    }
  }
  std::vector<int> indices;
  for (size_t i = 0; i < selected.size(); ++i) {
    if (selected[i])
      indices.push_back(static_cast<int>(i));
  }
  return indices;
}

std::vector<int> WithSetups(const Dag& dag, const std::vector<int>& jobs) {
  std::set<int> all(jobs.begin(), jobs.end());
  for (int index : jobs) {
    const Job& job = dag.jobs[static_cast<size_t>(index)];
    all.insert(job.setups.begin(), job.setups.end());
  }
  std::set<int> teardowns;
  for (size_t i = 0; i < dag.jobs.size(); ++i) {
    const Job& job = dag.jobs[i];
    const bool removes =
        job.role == Role::kTeardown &&
        std::any_of(job.upstream.begin(), job.upstream.end(), [&](int up) {
          return dag.jobs[static_cast<size_t>(up)].role == Role::kSetup && all.contains(up);
        });
    if (removes)
      teardowns.insert(static_cast<int>(i));
  }
  all.merge(teardowns);
  return {all.begin(), all.end()};
}

}  // namespace model
