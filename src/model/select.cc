#include "model/select.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"

namespace model {

namespace {

using Neighbours = std::vector<std::vector<int>>;

Neighbours UpstreamOf(const Dag& dag) {
  Neighbours up;
  for (const Job& job : dag.jobs)
    up.push_back(job.upstream);
  return up;
}

Neighbours DownstreamOf(const Dag& dag) {
  Neighbours down(dag.jobs.size());
  for (size_t i = 0; i < dag.jobs.size(); ++i)
    for (int up : dag.jobs[i].upstream)
      down[static_cast<size_t>(up)].push_back(static_cast<int>(i));
  return down;
}

// Adds to `all` what can be reached from `start`.
void Spread(const Neighbours& next, const std::vector<bool>& start, std::vector<bool>& all) {
  std::vector<bool> seen = start;
  std::vector<size_t> open;
  for (size_t i = 0; i < start.size(); ++i)
    if (start[i])
      open.push_back(i);
  while (!open.empty()) {
    const size_t at = open.back();
    open.pop_back();
    for (int to : next[at]) {
      const auto place = static_cast<size_t>(to);
      if (!seen[place])
        open.push_back(place);
      seen[place] = all[place] = true;
    }
  }
}

}  // namespace

base::Result<std::vector<int>> SelectJobs(const Dag& dag,
                                          const std::vector<JobKey>& jobs,
                                          Reach reach) {
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
  std::vector<bool> all = selected;
  if (reach.upstream)
    Spread(UpstreamOf(dag), selected, all);
  if (reach.downstream)
    Spread(DownstreamOf(dag), selected, all);
  std::vector<int> indices;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i])
      indices.push_back(static_cast<int>(i));
  }
  return indices;
}

std::map<std::string, int> UpstreamNames(const Dag& dag, const Job& job) {
  std::map<std::string, int> names;
  for (int index : job.upstream) {
    const Job& up = dag.jobs[static_cast<size_t>(index)];
    names[DisplayName(up.id, up.lane)] = index;
    if (up.lane.empty() || up.lane == job.lane)
      names[up.id.str()] = index;
  }
  return names;
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
