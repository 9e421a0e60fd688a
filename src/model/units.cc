#include "model/units.h"

#include <algorithm>
#include <map>
#include <utility>

namespace model {

int Units::InnermostOf(int job) const {
  return innermost.empty() || job < 0 ? -1 : innermost[static_cast<size_t>(job)];
}

bool Units::Has(int unit, int job) const {
  for (int at = InnermostOf(job); at >= 0; at = all[static_cast<size_t>(at)].around) {
    if (at == unit)
      return true;
  }
  return false;
}

int Units::Between(int job, int seen_by) const {
  int found = -1;
  for (int at = InnermostOf(job); at >= 0; at = all[static_cast<size_t>(at)].around) {
    if (Has(at, seen_by))
      break;
    found = at;
  }
  return found;
}

bool IsWithin(std::string_view group, std::string_view path) {
  return group == path ||
         (group.size() > path.size() && group.starts_with(path) && group[path.size()] == '.');
}

Units UnitsOf(const Dag& dag) {
  Units units;
  std::map<std::pair<std::string_view, LaneId>, int> places;
  for (size_t g = 0; g < dag.groups.size(); ++g) {
    const Group& group = dag.groups[g];
    if (group.retries == 0)
      continue;
    for (size_t j = 0; j < dag.jobs.size(); ++j) {
      const Job& job = dag.jobs[j];
      if (!IsWithin(job.group, group.path))
        continue;
      const auto [place, is_new] =
          places.try_emplace({group.path, job.lane}, static_cast<int>(units.all.size()));
      if (is_new)
        units.all.push_back({.group = static_cast<int>(g), .lane = job.lane, .jobs = {}});
      Unit& unit = units.all[static_cast<size_t>(place->second)];
      units.innermost.resize(dag.jobs.size(), -1);
      // Outer groups come first: what the job has so far is around this one.
      if (is_new)
        unit.around = units.innermost[j];
      units.innermost[j] = place->second;
      unit.jobs.push_back(static_cast<int>(j));
    }
  }
  units.inner.resize(units.all.size());
  for (size_t unit = 0; unit < units.all.size(); ++unit) {
    for (int at = units.all[unit].around; at >= 0; at = units.all[static_cast<size_t>(at)].around)
      units.inner[static_cast<size_t>(at)].push_back(static_cast<int>(unit));
  }
  return units;
}

}  // namespace model
