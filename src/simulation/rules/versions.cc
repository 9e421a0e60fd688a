#include "simulation/rules/versions.h"

#include <algorithm>

#include "base/json.h"
#include "model/dag_json.h"

namespace simulation {

void Versions::Take(const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    const auto* row = std::get_if<model::DagVersionRow>(&change);
    if (row == nullptr || all_.contains(row->version))
      continue;
    const auto parsed = base::ParseJson(row->resolved, "");
    all_[row->version] = model::DagFromJson(parsed->get_object()).value();
  }
}

std::shared_ptr<const model::Dag> Versions::Share(const model::VersionId& version) const {
  const auto found = all_.find(version);
  return found == all_.end() ? nullptr : found->second;
}

const model::Job* FindJob(const model::Dag* dag,
                          const model::JobId& id,
                          const model::LaneId& lane) {
  if (dag == nullptr)
    return nullptr;
  const auto job = std::ranges::find_if(
      dag->jobs, [&](const model::Job& each) { return each.id == id && each.lane == lane; });
  return job == dag->jobs.end() ? nullptr : &*job;
}

}  // namespace simulation
