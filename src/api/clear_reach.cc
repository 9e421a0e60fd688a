#include "api/clear_reach.h"

#include <algorithm>
#include <climits>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "api/job_names.h"
#include "base/text.h"
#include "model/select.h"

namespace api {

namespace {

using base::Cat;

// A run that is triggered may be due before its data interval ends.
constexpr base::Duration kTriggeredEarly = base::hours(24 * 7);
constexpr size_t kMostRunsListed = 20'000;

// A job of any run, as edges of other DAGs name it.
using Target = std::pair<model::DagId, model::JobId>;

class Finder {
 public:
  Finder(const Reading& reading, const ClearScope& scope) : reading_(reading), scope_(scope) {}

  base::Result<ClearReach> Find();

 private:
  base::Result<std::vector<model::RunRow>> RunsOfDag();
  base::Status AddRun(const model::RunRow& run, bool is_first);
  base::Result<std::vector<model::JobKey>> Named(const model::Dag& dag,
                                                 const model::RunKey& run,
                                                 bool is_first) const;
  base::Result<bool> IsThere(const model::JobKey& key) const;
  base::Status Add(const model::RunRow& run,
                   const std::vector<model::JobKey>& named,
                   model::Reach reach);
  base::Status FollowOtherDags();
  base::Status Follow(const model::RunRow& run, const std::vector<model::JobKey>& jobs);
  base::Status FollowInto(const model::DagId& dag,
                          const model::RunRow& run,
                          const std::set<std::pair<model::JobId, model::LaneId>>& cleared);
  base::Result<const std::vector<model::RunRow>*> RunsSince(const model::DagId& dag,
                                                            base::Time since);
  base::Status FindEdges();
  base::Result<const std::vector<model::JobRow>*> JobsOf(const model::RunKey& run);
  base::Status KeepFailed(const model::RunKey& run,
                          const model::Dag& dag,
                          model::Selection& selection);
  base::Result<const std::set<model::JobKey>*> FailedOf(const model::RunKey& run);

  // Of a DAG, the latest due first; all of them where `is_whole`.
  struct Listed {
    std::vector<model::RunRow> runs;
    bool is_whole = false;
  };

  const Reading& reading_;
  const ClearScope& scope_;
  ClearReach reach_;
  std::set<model::JobKey> found_;
  // Runs whose jobs were added, and what of them: their followers are still to be found.
  std::deque<std::pair<model::RunRow, std::vector<model::JobKey>>> to_follow_;
  std::map<Target, std::set<model::DagId>> waiting_dags_;
  std::map<model::RunKey, std::vector<model::JobRow>> job_rows_;
  std::map<model::RunKey, std::set<model::JobKey>> failed_;
  std::map<model::DagId, Listed> listed_;
};

base::Result<ClearReach> Finder::Find() {
  ASSIGN_OR_RETURN(const model::RunRow run, reading_.rows.Run(scope_.run));
  RETURN_IF_ERROR(AddRun(run, /*is_first=*/true));
  if (scope_.past || scope_.future) {
    ASSIGN_OR_RETURN(const auto others, RunsOfDag());
    for (const model::RunRow& other : others)
      RETURN_IF_ERROR(AddRun(other, /*is_first=*/false));
  }
  if (scope_.other_dags)
    RETURN_IF_ERROR(FollowOtherDags());
  return std::move(reach_);
}

// Those of the DAG with an earlier or a later logical date, as it was asked, the oldest first.
base::Result<std::vector<model::RunRow>> Finder::RunsOfDag() {
  ASSIGN_OR_RETURN(const model::RunRow first, reading_.rows.Run(scope_.run));
  if (!first.logical_date)
    return Invalid("the run has no logical date: there are no runs before or after it");
  store::RunQuery query;
  query.dag = scope_.run.dag;
  query.order = {{store::RunColumn::kLogicalDate, true}};
  query.limit = 1000;
  std::vector<model::RunRow> runs;
  while (true) {
    ASSIGN_OR_RETURN(auto page, reading_.rows.Runs(query));
    for (const model::RunRow& run : page.rows) {
      const bool wanted =
          run.logical_date && ((scope_.past && *run.logical_date < *first.logical_date) ||
                               (scope_.future && *run.logical_date > *first.logical_date));
      if (wanted)
        runs.push_back(run);
    }
    const bool is_last = page.rows.size() < static_cast<size_t>(query.limit);
    const bool is_past = !page.rows.empty() && !scope_.past && page.rows.back().logical_date &&
                         *page.rows.back().logical_date <= *first.logical_date;
    if (runs.size() > kMostRunsCleared)
      return Invalid(Cat("this would clear more than ", kMostRunsCleared, " runs"));
    if (is_last || is_past)
      break;
    query.from = store::Edge<model::RunRow>{page.rows.back(), false};
  }
  std::reverse(runs.begin(), runs.end());
  return runs;
}

base::Status Finder::AddRun(const model::RunRow& run, bool is_first) {
  ASSIGN_OR_RETURN(const auto dag, reading_.Dag(run.version));
  ASSIGN_OR_RETURN(const auto named, Named(*dag, run.key, is_first));
  if (named.empty() && !scope_.task_ids.empty())
    return {};  // another version, which has none of these jobs
  return Add(run, named, scope_.reach);
}

// How many instances a mapped job has differs from run to run.
base::Result<bool> Finder::IsThere(const model::JobKey& key) const {
  if (key.index < 0)
    return true;
  ASSIGN_OR_RETURN(const auto tasks,
                   reading_.rows.Tasks(key.run, {key.job, key.lane, key.index, key.index}));
  return !tasks.empty();
}

// The first run must have what was asked for; others may be of versions that do not.
base::Result<std::vector<model::JobKey>> Finder::Named(const model::Dag& dag,
                                                       const model::RunKey& run,
                                                       bool is_first) const {
  std::set<model::JobKey> wanted;
  const JobNames names(dag, run);
  for (const std::string& task_id : scope_.task_ids) {
    const auto jobs = names.Find(task_id);
    if (!jobs && is_first)
      return base::Fail(jobs.error());
    for (const model::JobKey& key : jobs ? *jobs : std::vector<model::JobKey>()) {
      ASSIGN_OR_RETURN(const bool is_there, IsThere(key));
      if (is_there)
        wanted.insert(key);
      else if (is_first)
        return base::Fail(base::ErrorCode::kNotFound,
                          Cat("the run has no instance '", model::DisplayName(key), "'"));
    }
  }
  return std::vector<model::JobKey>(wanted.begin(), wanted.end());
}

base::Status Finder::Add(const model::RunRow& run,
                         const std::vector<model::JobKey>& named,
                         model::Reach reach) {
  ASSIGN_OR_RETURN(const auto dag, reading_.Dag(run.version));
  ASSIGN_OR_RETURN(model::Selection selection, model::SelectInstances(*dag, named, reach));
  if (scope_.only_failed)
    RETURN_IF_ERROR(KeepFailed(run.key, *dag, selection));
  std::vector<model::JobKey> added;
  for (const model::JobKey& key : model::KeysToClear(*dag, run.key, selection)) {
    if (found_.insert(key).second)
      added.push_back(key);
  }
  if (added.empty())
    return {};
  std::vector<model::JobKey>& of_run = reach_.jobs[run.key];
  if (of_run.empty())
    reach_.runs.push_back(run.key);
  of_run.insert(of_run.end(), added.begin(), added.end());
  if (reach_.runs.size() > kMostRunsCleared || found_.size() > kMostJobsCleared)
    return Invalid(Cat(
        "this would clear more than ", kMostRunsCleared, " runs or ", kMostJobsCleared, " jobs"));
  to_follow_.emplace_back(run, std::move(added));
  return {};
}

// Of a mapped job that has its list, the instances that failed.
base::Status Finder::KeepFailed(const model::RunKey& run,
                                const model::Dag& dag,
                                model::Selection& selection) {
  ASSIGN_OR_RETURN(const auto* failed, FailedOf(run));
  std::vector<int> jobs;
  std::vector<model::JobKey> instances;
  for (int index : selection.jobs) {
    const model::Job& job = dag.jobs[static_cast<size_t>(index)];
    const model::JobKey key{run, job.id, job.lane};
    const auto first = failed->lower_bound({run, job.id, job.lane, 0});
    const auto last = failed->upper_bound({run, job.id, job.lane, INT_MAX});
    if (first != last)
      instances.insert(instances.end(), first, last);
    else if (failed->contains(key))
      jobs.push_back(index);
  }
  std::copy_if(selection.instances.begin(),
               selection.instances.end(),
               std::back_inserter(instances),
               [&](const model::JobKey& key) { return failed->contains(key); });
  selection = {std::move(jobs), std::move(instances)};
  return {};
}

base::Result<const std::set<model::JobKey>*> Finder::FailedOf(const model::RunKey& run) {
  const auto [found, is_new] = failed_.try_emplace(run);
  if (is_new) {
    ASSIGN_OR_RETURN(const auto tasks, reading_.rows.Tasks(run));
    for (const model::TaskRow& task : tasks) {
      if (task.state == model::TaskState::kFailed ||
          task.state == model::TaskState::kUpstreamFailed)
        found->second.insert(task.job);
    }
  }
  return &found->second;
}

base::Status Finder::FollowOtherDags() {
  RETURN_IF_ERROR(FindEdges());
  while (!to_follow_.empty()) {
    const auto [run, jobs] = std::move(to_follow_.front());
    to_follow_.pop_front();
    RETURN_IF_ERROR(Follow(run, jobs));
  }
  return {};
}

// Which DAGs wait for which jobs, by the versions that are in force.
base::Status Finder::FindEdges() {
  ASSIGN_OR_RETURN(const auto dags, reading_.rows.Dags());
  for (const model::DagRow& row : dags) {
    ASSIGN_OR_RETURN(const auto dag, reading_.Dag(row.version));
    for (const model::Job& job : dag->jobs) {
      for (const model::CrossDependency& edge : job.cross)
        waiting_dags_[{edge.dag, edge.job}].insert(row.dag);
    }
  }
  return {};
}

base::Status Finder::Follow(const model::RunRow& run, const std::vector<model::JobKey>& jobs) {
  std::map<model::DagId, std::set<std::pair<model::JobId, model::LaneId>>> cleared;
  for (const model::JobKey& job : jobs) {
    for (const model::DagId& dag : waiting_dags_[{run.key.dag, job.job}])
      cleared[dag].insert({job.job, job.lane});
  }
  // The run itself is cleared with any job of it.
  for (const model::DagId& dag : waiting_dags_[{run.key.dag, model::JobId()}])
    cleared[dag].insert({model::JobId(), model::LaneId()});
  for (const auto& [dag, of] : cleared)
    RETURN_IF_ERROR(FollowInto(dag, run, of));
  return {};
}

// The jobs of a DAG's runs that waited for one of these jobs of `run`.
base::Status Finder::FollowInto(const model::DagId& dag,
                                const model::RunRow& run,
                                const std::set<std::pair<model::JobId, model::LaneId>>& cleared) {
  const auto waits_for_them = [&](const model::UpstreamWait& wait) {
    return wait.dag == run.key.dag && wait.interval == run.data_interval &&
           std::any_of(wait.lanes.begin(), wait.lanes.end(), [&](const model::LaneId& lane) {
             return cleared.contains({wait.job, lane});
           });
  };
  ASSIGN_OR_RETURN(const auto* runs, RunsSince(dag, run.data_interval.end - kTriggeredEarly));
  for (const model::RunRow& other : *runs) {
    // An edge names no interval that ends later than the run's own.
    if (other.data_interval.end < run.data_interval.end)
      continue;
    ASSIGN_OR_RETURN(const auto* rows, JobsOf(other.key));
    std::vector<model::JobKey> waiting;
    for (const model::JobRow& row : *rows) {
      if (std::any_of(row.waits_for.begin(), row.waits_for.end(), waits_for_them))
        waiting.push_back(row.key);
    }
    if (!waiting.empty())
      RETURN_IF_ERROR(Add(other, waiting, {.downstream = true}));
  }
  return {};
}

// The DAG's runs that were due then or later.
base::Result<const std::vector<model::RunRow>*> Finder::RunsSince(const model::DagId& dag,
                                                                  base::Time since) {
  Listed& listed = listed_[dag];
  while (!listed.is_whole && (listed.runs.empty() || listed.runs.back().run_after >= since)) {
    store::RunQuery query;
    query.dag = dag;
    query.order = {{store::RunColumn::kRunAfter, true}};
    query.limit = 1000;
    if (!listed.runs.empty())
      query.from = store::Edge<model::RunRow>{listed.runs.back(), false};
    ASSIGN_OR_RETURN(auto page, reading_.rows.Runs(query));
    listed.is_whole = page.rows.size() < static_cast<size_t>(query.limit);
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(listed.runs));
    if (listed.runs.size() > kMostRunsListed)
      return Invalid(Cat("the DAG '",
                         dag.str(),
                         "' has more than ",
                         kMostRunsListed,
                         " runs since then: clear it by itself"));
  }
  return &listed.runs;
}

base::Result<const std::vector<model::JobRow>*> Finder::JobsOf(const model::RunKey& run) {
  const auto [found, is_new] = job_rows_.try_emplace(run);
  if (is_new) {
    ASSIGN_OR_RETURN(found->second, reading_.rows.Jobs(run));
  }
  return &found->second;
}

}  // namespace

base::Result<ClearReach> FindClearReach(const Reading& reading, const ClearScope& scope) {
  return Finder(reading, scope).Find();
}

}  // namespace api
