#include "simulation/rules/group_facts.h"

#include "base/text.h"

namespace simulation {

bool IsInGroup(const model::Job& job, const std::string& path) {
  return job.group == path || job.group.starts_with(base::Cat(path, "."));
}

std::vector<const model::Group*> GroupsAround(const model::Dag& dag, const model::Job& job) {
  std::vector<const model::Group*> around;
  for (const model::Group& group : dag.groups) {
    if (group.retries > 0 && IsInGroup(job, group.path))
      around.push_back(&group);
  }
  std::ranges::sort(around, {}, [](const model::Group* group) { return group->path.size(); });
  return around;
}

const model::Group* GroupBetween(const model::Dag& dag,
                                 const model::Job& job,
                                 const model::Job* seen_by) {
  for (const model::Group* group : GroupsAround(dag, job)) {
    if (seen_by == nullptr || seen_by->lane != job.lane || !IsInGroup(*seen_by, group->path))
      return group;
  }
  return nullptr;
}

}  // namespace simulation
