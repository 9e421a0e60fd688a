#include "store/memory_store.h"

#include <algorithm>
#include <set>

#include "store/completed.h"
#include "store/map_values.h"
#include "store/refusals.h"

namespace store {

namespace {

// The first key that a job of this run can have.
model::JobKey FirstOf(const model::RunKey& run) {
  return {run, model::JobId(""), model::LaneId("")};
}

bool IsSettled(const model::LaunchRow& launch) {
  return launch.state != model::LaunchState::kIntent &&
         launch.state != model::LaunchState::kUnknown;
}

}  // namespace

CommitResult MemoryStore::Commit(const std::vector<model::Change>& batch, int64_t epoch) {
  using Outcome = CommitResult::Outcome;
  if (epoch != identity_.epoch)
    return {Outcome::kFenced, FencedReason(epoch, identity_.epoch)};
  undo_.clear();
  for (const model::Change& change : batch) {
    const base::Status applied = std::visit([this](const auto& row) { return Apply(row); }, change);
    if (!applied.has_value()) {
      std::for_each(undo_.rbegin(), undo_.rend(), [](const auto& undo) { undo(); });
      return {Outcome::kRefused, applied.error().message};
    }
  }
  return {};
}

base::Status MemoryStore::RequireRun(const model::RunKey& run) const {
  if (!runs_.contains(run))
    return base::Fail(NoRun(run));
  return {};
}

std::set<model::RunKey> MemoryStore::LoadedRuns() const {
  std::set<model::RunKey> loaded;
  for (const auto& [key, run] : runs_) {
    if (!model::IsTerminal(run.row.state))
      loaded.insert(key);
  }
  for (const auto& [token, launch] : launches_) {
    if (!IsSettled(launch))
      loaded.insert(launch.attempt.job.run);
  }
  for (const auto& [key, process] : processes_) {
    if (IsLive(process))
      loaded.insert(key.job.run);
  }
  for (const auto& [id, cluster] : clusters_) {
    if (cluster.row.attempt && !model::IsTerminal(cluster.row.phase))
      loaded.insert(cluster.row.attempt->job.run);
  }
  return loaded;
}

bool MemoryStore::IsNamed(const model::TaskRow& task, const std::vector<TaskName>& names) const {
  return names.empty() || std::ranges::any_of(names, [&](const TaskName& name) {
           return task.job.job == name.job && task.job.lane == name.lane &&
                  task.task == name.task &&
                  (!name.is_alone ||
                   std::ranges::none_of(TasksOf(task.job.run), [&](const auto& o) {
                     return o.job == task.job && o.task != task.task;
                   }));
         });
}

bool MemoryStore::HasList(const model::JobKey& job) const {
  const auto found = mappings_.find(job);
  return found != mappings_.end() && !found->second.items.empty();
}

std::vector<model::JobRow> MemoryStore::JobsOf(const model::RunKey& run) const {
  std::vector<model::JobRow> rows;
  for (auto it = jobs_.lower_bound(FirstOf(run)); it != jobs_.end() && it->first.run == run; ++it)
    rows.push_back(it->second);
  return rows;
}

std::vector<model::TaskRow> MemoryStore::TasksOf(const model::RunKey& run) const {
  std::vector<model::TaskRow> rows;
  for (auto it = tasks_.lower_bound({FirstOf(run), 0});
       it != tasks_.end() && it->first.first.run == run;
       ++it)
    rows.push_back(it->second);
  return rows;
}

void MemoryStore::LoadRun(const model::RunKey& run, model::Snapshot& snapshot) const {
  for (model::JobRow& job : JobsOf(run))
    snapshot.jobs.push_back(std::move(job));
  for (auto it = mappings_.lower_bound(FirstOf(run)); it != mappings_.end() && it->first.run == run;
       ++it)
    snapshot.mappings.push_back(it->second);
  for (auto it = groups_.lower_bound({run, "", model::LaneId()});
       it != groups_.end() && it->first.run == run;
       ++it)
    snapshot.groups.push_back(it->second);
  for (model::TaskRow& task : TasksOf(run))
    snapshot.tasks.push_back(std::move(task));
  for (auto it = attempts_.lower_bound({FirstOf(run), 0});
       it != attempts_.end() && it->first.job.run == run;
       ++it)
    snapshot.attempts.push_back(it->second);
  for (auto it = outputs_.lower_bound({FirstOf(run), 0});
       it != outputs_.end() && it->first.job.run == run;
       ++it)
    snapshot.outputs.push_back(it->second);
  for (auto it = causes_.lower_bound({FirstOf(run), 0});
       it != causes_.end() && it->first.job.run == run;
       ++it)
    snapshot.causes.push_back(it->second);
  for (auto it = triggers_.lower_bound({FirstOf(run), 0});
       it != triggers_.end() && it->first.job.run == run;
       ++it)
    snapshot.triggers.push_back(it->second);
  for (auto it = processes_.lower_bound({FirstOf(run), 0});
       it != processes_.end() && it->first.job.run == run;
       ++it)
    snapshot.processes.push_back(it->second);
}

std::vector<model::Snapshot::CompletedJob> MemoryStore::Completed(
    base::Time since, const std::vector<model::JobRow>& live) const {
  CompletedJobs completed(since, live);
  for (const auto& [key, run] : runs_) {
    if (!model::IsTerminal(run.row.state))
      continue;
    std::map<model::JobKey, model::TaskState> last;  // later tasks overwrite earlier ones
    for (const model::TaskRow& task : TasksOf(key)) {
      if (task.job.index < 0)
        last[task.job] = task.state;
    }
    for (const auto& [job, state] : last)
      completed.Add(run.row, job, state);
  }
  return completed.Take();
}

base::Result<model::Snapshot> MemoryStore::Load(base::Time completed_since) {
  ++identity_.epoch;
  return Reload(completed_since);
}

std::vector<model::ClusterRow> MemoryStore::EndedClusters() const {
  const auto has_ended = [](const model::ClusterRow& row) {
    return row.attempt && model::IsTerminal(row.phase);
  };
  std::optional<base::Time> latest;
  for (const auto& [id, cluster] : clusters_) {
    if (has_ended(cluster.row))
      latest = std::max(latest, std::optional(cluster.row.phase_seen_at));
  }
  std::vector<model::ClusterRow> rows;
  for (const auto& [id, cluster] : clusters_) {
    if (has_ended(cluster.row) && cluster.row.phase_seen_at > *latest - base::hours(24))
      rows.push_back(cluster.row);
  }
  return rows;
}

base::Result<model::Snapshot> MemoryStore::Reload(base::Time completed_since) {
  model::Snapshot snapshot;
  snapshot.identity = identity_;
  snapshot.last_seq = static_cast<int64_t>(history_.size());
  snapshot.dags = ValuesOf(dags_);
  snapshot.holes = ValuesOf(holes_);
  std::set<model::VersionId> versions;
  for (const auto& [id, dag] : dags_)
    versions.insert(dag.version);
  const std::set<model::RunKey> loaded = LoadedRuns();
  for (const model::RunKey& key : loaded) {
    const model::RunRow& run = runs_.at(key).row;
    versions.insert(run.version);
    snapshot.runs.push_back(run);
    LoadRun(key, snapshot);
  }
  for (const auto& [id, version] : versions_) {
    if (versions.contains(id))
      snapshot.versions.push_back(version);
  }
  for (const auto& [token, launch] : launches_) {
    if (!IsSettled(launch) || loaded.contains(launch.attempt.job.run))
      snapshot.launches.push_back(launch);
  }
  for (const auto& [id, cluster] : clusters_) {
    const auto& attempt = cluster.row.attempt;
    if (!model::IsTerminal(cluster.row.phase) || (attempt && loaded.contains(attempt->job.run)))
      snapshot.clusters.push_back(cluster.row);
  }
  snapshot.ended_clusters = EndedClusters();
  snapshot.pools = ValuesOf(pools_);
  snapshot.limits = ValuesOf(limits_);
  snapshot.spend_rules = spend_rules_.contains("") ? spend_rules_.at("") : model::SpendRulesRow();
  snapshot.pool_times = ValuesOf(pool_times_);
  snapshot.durations = ValuesOf(durations_);
  snapshot.commands = ValuesOf(commands_);
  for (const auto& [id, backfill] : backfills_) {
    if (!backfill.completed_at)
      snapshot.backfills.push_back(backfill);
  }
  for (const auto& [key, tick] : backfill_ticks_) {
    if (!backfills_.at(tick.backfill).completed_at)
      snapshot.backfill_ticks.push_back(tick);
  }
  for (const auto& [id, hold] : holds_) {
    if (!hold.released_at)
      snapshot.holds.push_back(hold);
  }
  for (const auto& [key, deadline] : deadlines_) {
    if (!IsFinal(deadline.status) || loaded.contains(key.job.run))
      snapshot.deadlines.push_back(deadline);
  }
  snapshot.last_backfill =
      std::max(deleted_backfill_, backfills_.empty() ? 0 : backfills_.rbegin()->first);
  snapshot.last_hold = holds_.empty() ? 0 : holds_.rbegin()->first;
  snapshot.last_deletion = last_deletion_;
  snapshot.assets = ValuesOf(assets_);
  snapshot.asset_queues = ValuesOf(asset_queues_);
  snapshot.records = ValuesOf(records_);
  snapshot.last_asset_event = asset_events_.empty() ? 0 : asset_events_.rbegin()->first;
  snapshot.completed = Completed(completed_since, snapshot.jobs);
  RETURN_IF_ERROR(AddAssetEvents(*reader_, snapshot));
  return snapshot;
}

}  // namespace store
