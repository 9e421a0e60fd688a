// How the store in memory deletes a run, or a DAG with its runs.

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "store/memory_store.h"

namespace store {

namespace {

bool IsOf(const model::DagId& dag, const model::Deleted& deleted) {
  return deleted.run.empty() && dag == deleted.dag;
}
bool IsOf(const model::RunKey& run, const model::Deleted& deleted) {
  return run.dag == deleted.dag && (deleted.run.empty() || run.run == deleted.run);
}
bool IsOf(const model::JobKey& job, const model::Deleted& deleted) {
  return IsOf(job.run, deleted);
}
bool IsOf(const model::GroupKey& group, const model::Deleted& deleted) {
  return IsOf(group.run, deleted);
}
bool IsOf(const model::AttemptKey& attempt, const model::Deleted& deleted) {
  return IsOf(attempt.job, deleted);
}
bool IsOf(const model::DeadlineKey& deadline, const model::Deleted& deleted) {
  return IsOf(deadline.job, deleted);
}
bool IsOf(const model::DagVersionRow& row, const model::Deleted& deleted) {
  return IsOf(row.dag, deleted);
}
bool IsOf(const model::BackfillRow& row, const model::Deleted& deleted) {
  return IsOf(row.dag, deleted);
}
template <typename First, typename Second>
bool IsOf(const std::pair<First, Second>& key, const model::Deleted& deleted) {
  return IsOf(key.first, deleted);
}
template <typename First, typename... Others>
bool IsOf(const std::tuple<First, Others...>& key, const model::Deleted& deleted) {
  return IsOf(std::get<0>(key), deleted);
}

}  // namespace

template <typename Map>
void MemoryStore::EraseOf(Map& map, const model::Deleted& deleted) {
  using Key = Map::key_type;
  constexpr bool kByRow = std::is_same_v<Key, model::VersionId> || std::is_same_v<Key, int64_t>;
  for (auto it = map.begin(); it != map.end();) {
    bool is_gone = false;
    if constexpr (kByRow)
      is_gone = IsOf(it->second, deleted);
    else
      is_gone = IsOf(it->first, deleted);
    if (!is_gone) {
      ++it;
      continue;
    }
    undo_.emplace_back([&map, before = *it] { map.insert(before); });
    it = map.erase(it);
  }
}

base::Status MemoryStore::Apply(const model::Deleted& deleted) {
  for (auto& [token, launch] : launches_) {
    if (!IsOf(launch.attempt, deleted))
      continue;
    undo_.emplace_back([&launch, before = launch] { launch = before; });
    model::RunId& run = launch.attempt.job.run.run;
    run = model::NameOfDeleted(run, deleted.number);
  }
  for (auto& [id, cluster] : clusters_) {
    if (!cluster.row.attempt || !IsOf(*cluster.row.attempt, deleted))
      continue;
    undo_.emplace_back([&cluster, before = cluster] { cluster = before; });
    model::RunId& run = cluster.row.attempt->job.run.run;
    run = model::NameOfDeleted(run, deleted.number);
  }
  undo_.emplace_back([this, before = last_deletion_] { last_deletion_ = before; });
  last_deletion_ = deleted.number;
  EraseOf(runs_, deleted);
  std::erase_if(fires_, [&](const auto& item) {
    const bool is_gone = IsOf(item.second, deleted);
    if (is_gone)
      undo_.emplace_back([this, before = item] { fires_.insert(before); });
    return is_gone;
  });
  EraseOf(jobs_, deleted);
  EraseOf(mappings_, deleted);
  EraseOf(groups_, deleted);
  EraseOf(tasks_, deleted);
  EraseOf(attempts_, deleted);
  EraseOf(outputs_, deleted);
  EraseOf(causes_, deleted);
  EraseOf(triggers_, deleted);
  EraseOf(processes_, deleted);
  EraseOf(deadlines_, deleted);
  if (!deleted.run.empty())
    return {};
  undo_.emplace_back([this, before = deleted_backfill_] { deleted_backfill_ = before; });
  for (const auto& [id, backfill] : backfills_) {
    if (backfill.dag != deleted.dag)
      continue;
    deleted_backfill_ = std::max(deleted_backfill_, id);
    std::erase_if(backfill_ticks_, [&](const auto& item) {
      const bool is_gone = item.second.backfill == id;
      if (is_gone)
        undo_.emplace_back([this, before = item] { backfill_ticks_.insert(before); });
      return is_gone;
    });
  }
  EraseOf(backfills_, deleted);
  EraseOf(dags_, deleted);
  EraseOf(holes_, deleted);
  EraseOf(versions_, deleted);
  EraseOf(pool_times_, deleted);
  EraseOf(durations_, deleted);
  EraseOf(asset_queues_, deleted);
  return {};
}

}  // namespace store
