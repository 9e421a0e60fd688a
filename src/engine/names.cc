#include "engine/names.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/past_runs.h"

namespace engine {

namespace {

const DagEntry* FindDag(const State& state, const model::DagId& id) {
  const auto found = state.dags.find(id);
  return found == state.dags.end() ? nullptr : &found->second;
}

// Of a map by JobRef, what stands under `from` goes to `to`; `merge` joins what both have.
template <typename Map, typename Merge>
void Move(Map& all, const JobRef& from, const JobRef& to, Merge merge) {
  auto node = all.extract(from);
  if (node.empty())
    return;
  const auto [place, is_new] = all.try_emplace(to);
  if (is_new)
    place->second = std::move(node.mapped());
  else
    merge(place->second, std::move(node.mapped()));
}

// By interval, then by run.
template <typename Ends>
void MergeEnds(Ends& into, Ends from) {
  for (auto& [interval, runs] : from)
    into[interval].merge(runs);
}

void TakeDurations(Turn& turn, const JobRef& from, const JobRef& to) {
  const auto found = turn.state.durations.find(from);
  if (found == turn.state.durations.end() || turn.state.durations.contains(to))
    return;
  model::DurationsRow row = found->second;
  row.job = to.job;
  row.lane = to.lane;
  turn.recorder.Put(turn.state.durations[to] = std::move(row));
}

// Of jobs that wait for another DAG's jobs.
void RenameWaits(Turn& turn, const model::DagId& dag) {
  for (const model::JobKey& key : turn.state.waiting_elsewhere) {
    JobInstance& job = *FindJob(turn.state, key);
    for (model::UpstreamWait& wait : job.row.waits_for) {
      if (wait.dag != dag || wait.basis == model::WaitBasis::kPastRun || wait.lanes.empty())
        continue;
      std::vector<JobRef> now;
      for (const model::LaneId& lane : wait.lanes)
        now.push_back(PresentName(turn.state, {dag, wait.job, lane}));
      const bool is_one_job =
          std::ranges::all_of(now, [&](const JobRef& ref) { return ref.job == now[0].job; });
      std::vector<model::LaneId> lanes;
      std::ranges::transform(now, std::back_inserter(lanes), &JobRef::lane);
      if (!is_one_job || (wait.job == now[0].job && wait.lanes == lanes))
        continue;
      wait.job = now[0].job;
      wait.lanes = std::move(lanes);
      turn.recorder.Put(job.row);
    }
  }
}

}  // namespace

model::DagId PresentDag(const State& state, const model::DagId& id) {
  if (state.dags.contains(id))
    return id;
  const auto renamed = std::ranges::find_if(state.dags, [&](const auto& item) {
    const auto& former = item.second.plan->dag->formerly;
    return std::ranges::find(former, id) != former.end();
  });
  return renamed == state.dags.end() ? id : renamed->first;
}

bool IsMeantBy(const State& state, const model::CrossDependency& edge, const JobRef& ref) {
  if (PresentDag(state, edge.dag) != ref.dag)
    return false;
  if (edge.job == ref.job)
    return true;
  const DagEntry* entry = FindDag(state, ref.dag);
  const int place = entry == nullptr ? -1 : PlaceOf(state, *entry->plan, ref);
  if (place < 0)
    return false;
  return std::ranges::any_of(entry->plan->dag->jobs[static_cast<size_t>(place)].formerly,
                             [&](const model::JobName& name) { return name.job == edge.job; });
}

JobRef PresentName(const State& state, JobRef ref) {
  const DagEntry* entry = FindDag(state, ref.dag);
  if (entry == nullptr || entry->plan == nullptr || entry->plan->former.empty() ||
      entry->plan->index.contains({ref.job, ref.lane}))
    return ref;
  const auto former = entry->plan->former.find({ref.job, ref.lane});
  if (former == entry->plan->former.end())
    return ref;
  const model::Job& job = entry->plan->dag->jobs[static_cast<size_t>(former->second)];
  return {std::move(ref.dag), job.id, job.lane};
}

int PlaceOf(const State& state, const Plan& plan, const JobRef& ref) {
  if (const auto found = plan.index.find({ref.job, ref.lane}); found != plan.index.end())
    return found->second;
  // A newer plan knows the name as a former one; for an older plan the name is too new.
  if (const auto found = plan.former.find({ref.job, ref.lane}); found != plan.former.end())
    return found->second;
  const DagEntry* entry = FindDag(state, ref.dag);
  if (entry == nullptr || entry->plan->former.empty())
    return -1;
  const auto present = entry->plan->index.find({ref.job, ref.lane});
  if (present == entry->plan->index.end())
    return -1;
  for (const model::JobName& name :
       entry->plan->dag->jobs[static_cast<size_t>(present->second)].formerly) {
    if (const auto found = plan.index.find({name.job, name.lane}); found != plan.index.end())
      return found->second;
  }
  return -1;
}

void TakeFormerNames(Turn& turn, const DagEntry& entry) {
  const Plan& plan = *entry.plan;
  if (plan.former.empty())
    return;
  const model::DagId& dag = entry.row.dag;
  for (const model::Job& job : plan.dag->jobs) {
    const JobRef to{dag, job.id, job.lane};
    for (const model::JobName& name : job.formerly) {
      const JobRef from{dag, name.job, name.lane};
      TakeDurations(turn, from, to);
      Move(turn.state.successes, from, to, [](Successes& into, Successes more) {
        MergeEnds(into, std::move(more));
      });
      Move(turn.state.other_ends, from, to, [](OtherEnds& into, OtherEnds more) {
        MergeEnds(into, std::move(more));
      });
    }
  }
  RenamePast(turn.state, dag);
  RenameWaits(turn, dag);
}

bool RenameDags(Turn& turn, const model::ProjectLoaded& project) {
  std::set<model::DagId> read, taken;
  for (const auto& dag : project.dags)
    read.insert(dag->id);
  for (const auto& dag : project.dags) {
    if (turn.state.dags.contains(dag->id))
      continue;
    const auto former = std::ranges::find_if(dag->formerly, [&](const model::DagId& id) {
      return turn.state.dags.contains(id) && !read.contains(id) && !taken.contains(id);
    });
    if (former == dag->formerly.end())
      continue;
    taken.insert(*former);
    turn.recorder.Rename(*former, dag->id);
    turn.recorder.History(turn.now,
                          model::SubjectOf(dag->id),
                          former->str(),
                          dag->id.str(),
                          base::Cat("renamed from '", former->str(), "' (formerly)"));
  }
  if (!taken.empty())
    turn.state.last_seq = turn.recorder.last_seq();
  return !taken.empty();
}

}  // namespace engine
