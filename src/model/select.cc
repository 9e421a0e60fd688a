#include "model/select.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"

namespace model {

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

std::vector<int> Reachable(const Neighbours& next, const std::vector<int>& from) {
  std::vector<bool> seen(next.size(), false);
  std::vector<int> open = from;
  std::vector<int> found;
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
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

base::Result<std::vector<int>> SelectJobs(const Dag& dag,
                                          const std::vector<JobKey>& jobs,
                                          Reach reach) {
  std::map<std::pair<JobId, LaneId>, int> places;
  for (size_t i = 0; i < dag.jobs.size(); ++i)
    places.try_emplace({dag.jobs[i].id, dag.jobs[i].lane}, static_cast<int>(i));
  std::set<int> selected;
  for (const JobKey& key : jobs) {
    auto found = places.find({key.job, key.lane});
    if (found == places.end())
      return base::Fail(base::ErrorCode::kNotFound,
                        base::Cat("the DAG '",
                                  dag.id.str(),
                                  "' has no job '",
                                  DisplayName(key.job, key.lane),
                                  "' in that version"));
    selected.insert(found->second);
  }
  if (jobs.empty())
    for (const auto& [name, place] : places)
      selected.insert(place);
  const std::vector<int> named(selected.begin(), selected.end());
  for (const auto& [wanted, next] :
       {std::pair(reach.upstream, &UpstreamOf), std::pair(reach.downstream, &DownstreamOf)}) {
    if (!wanted)
      continue;
    const std::vector<int> reached = Reachable(next(dag), named);
    selected.insert(reached.begin(), reached.end());
  }
  return std::vector<int>(selected.begin(), selected.end());
}

namespace {

void AddNames(const Dag& dag, const Job& job, int index, std::map<std::string, int>& names) {
  const Job& up = dag.jobs[static_cast<size_t>(index)];
  names[DisplayName(up.id, up.lane)] = index;
  if (up.lane.empty() || up.lane == job.lane)
    names[up.id.str()] = index;
}

bool Tells(const Job& job) {
  if (const EmrWork* work = EmrOf(job))
    return !work->outputs.empty();
  if (const CommandWork* work = CommandOf(job))
    return work->outputs != OutputsFrom::kNothing;
  return TriggerOf(job) != nullptr;
}

bool HasOutputs(const Job& job) {
  return Tells(job) && !job.map_over;
}

}  // namespace

std::map<std::string, int> UpstreamNames(const Dag& dag, const Job& job) {
  std::map<std::string, int> names;
  for (int index : job.upstream)
    AddNames(dag, job, index, names);
  return names;
}

std::string CrossName(const DagId& dag, const JobId& job) {
  return job.empty() ? dag.str() : base::Cat(dag.str(), "/", job.str());
}

std::map<std::string, int> OutputNames(const Dag& dag, const Job& job) {
  std::map<std::string, int> names;
  std::vector<int> open = job.upstream;
  std::set<int> seen(open.begin(), open.end());
  while (!open.empty()) {
    const int index = open.back();
    open.pop_back();
    const Job& up = dag.jobs[static_cast<size_t>(index)];
    if (HasOutputs(up))
      AddNames(dag, job, index, names);
    for (int further : up.upstream) {
      if (seen.insert(further).second)
        open.push_back(further);
    }
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

base::Result<Selection> SelectInstances(const Dag& dag,
                                        const std::vector<JobKey>& named,
                                        Reach reach) {
  Selection selection;
  std::vector<JobKey> whole;
  std::set<int> jobs;
  std::map<std::pair<JobId, LaneId>, std::vector<JobKey>> by_job;
  for (const JobKey& key : named) {
    if (key.index < 0)
      whole.push_back(key);
    else
      by_job[{key.job, key.lane}].push_back(key);
  }
  std::map<int, std::vector<JobKey>> instances;
  for (auto& [job, keys] : by_job) {
    ASSIGN_OR_RETURN(const auto own, SelectJobs(dag, {keys.front()}, {}));
    ASSIGN_OR_RETURN(const auto reached, SelectJobs(dag, {keys.front()}, reach));
    instances[own.front()] = std::move(keys);
    std::ranges::copy_if(
        reached, std::inserter(jobs, jobs.end()), [&](int index) { return index != own.front(); });
  }
  if (!whole.empty() || named.empty()) {
    ASSIGN_OR_RETURN(const auto selected, SelectJobs(dag, whole, reach));
    jobs.insert(selected.begin(), selected.end());
  }
  for (const auto& [job, keys] : instances) {
    if (!jobs.contains(job))
      selection.instances.insert(selection.instances.end(), keys.begin(), keys.end());
  }
  selection.jobs.assign(jobs.begin(), jobs.end());
  return selection;
}

std::vector<JobKey> KeysToClear(const Dag& dag, const RunKey& run, const Selection& selection) {
  std::set<std::pair<JobId, LaneId>> of;
  for (const JobKey& key : selection.instances)
    of.insert({key.job, key.lane});
  std::set<int> in_part;
  for (size_t i = 0; i < dag.jobs.size() && !of.empty(); ++i) {
    if (of.contains({dag.jobs[i].id, dag.jobs[i].lane}))
      in_part.insert(static_cast<int>(i));
  }
  std::vector<int> all = selection.jobs;
  all.insert(all.end(), in_part.begin(), in_part.end());
  std::vector<JobKey> keys;
  for (int index : WithSetups(dag, all)) {
    const Job& job = dag.jobs[static_cast<size_t>(index)];
    if (!in_part.contains(index))
      keys.push_back({run, job.id, job.lane});
  }
  keys.insert(keys.end(), selection.instances.begin(), selection.instances.end());
  return keys;
}

std::vector<std::string> ParamNames(const Dag& dag) {
  std::vector<std::string> names;
  for (const auto& param : dag.params)
    names.emplace_back(param.key());
  for (const auto& param : dag.param_schemas) {
    if (!dag.params.contains(param.key()))
      names.emplace_back(param.key());
  }
  return names;
}

bool IsCalled(const Job& job, std::string_view task_id) {
  const CommandWork* command = CommandOf(job);
  if (command != nullptr && command->airflow)
    return command->airflow->task_id == task_id;
  const std::string name = base::ReplaceAll(task_id, ".", "__");
  return job.id.str() == name || job.id.str() == base::Cat("t_", name);
}

}  // namespace model
