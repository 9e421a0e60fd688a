#pragma once

// Which ends of jobs in groups with retries may be counted on, computed from paths and stored
// tasks: what stands in a group in one lane is tried again together, and until that is over nobody
// outside sees an end of it.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "model/dag.h"

namespace simulation {

// The groups with retries around the job, outer ones first.
std::vector<const model::Group*> GroupsAround(const model::Dag& dag, const model::Job& job);
// The job stands in the group, or in one within it.
bool IsInGroup(const model::Job& job, const std::string& path);
// The outermost of them in which the other job, in the same lane, is not; `seen_by` null: none is.
// Null: nothing stands between them.
const model::Group* GroupBetween(const model::Dag& dag,
                                 const model::Job& job,
                                 const model::Job* seen_by);

// All jobs of the group in the lane, those of groups within it among them, are as `holds` says.
bool AllInGroup(const model::Dag& dag,
                const std::string& path,
                const model::LaneId& lane,
                auto holds) {
  return std::ranges::all_of(dag.jobs, [&](const model::Job& job) {
    return job.lane != lane || !IsInGroup(job, path) || holds(job);
  });
}

// Whether those of other runs may see an end of the job: `is_over` says of a job that its tasks
// have ended.
bool IsSeenElsewhere(const model::Dag& dag, const model::Job& job, auto is_over) {
  const model::Group* group = GroupBetween(dag, job, nullptr);
  return group == nullptr || AllInGroup(dag, group->path, job.lane, is_over);
}

}  // namespace simulation
