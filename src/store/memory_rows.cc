// How the store in memory takes rows: each change is applied at once, and can be undone.

#include "model/limits.h"
#include "store/memory_store.h"
#include "store/refusals.h"

namespace store {

namespace {

// The key under which a run's fire stands, if it is one.
std::optional<std::pair<model::DagId, base::Time>> FireOf(const model::RunRow& run) {
  if (IsAskedFor(run.type) || !run.logical_date.has_value())
    return std::nullopt;
  return std::pair(run.key.dag, *run.logical_date);
}

}  // namespace

template <typename Map>
void MemoryStore::Put(Map& map,
                      const typename Map::key_type& key,
                      typename Map::mapped_type value) {
  const auto [place, is_new] = map.try_emplace(key);
  if (is_new)
    undo_.emplace_back([&map, key] { map.erase(key); });
  else
    undo_.emplace_back([&map, key, before = std::move(place->second)] { map.at(key) = before; });
  place->second = std::move(value);
}

template <typename Map>
void MemoryStore::Erase(Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  if (found == map.end())
    return;
  undo_.emplace_back([&map, key, before = found->second] { map.emplace(key, before); });
  map.erase(found);
}

base::Status MemoryStore::Apply(const model::DagRow& row) {
  Put(dags_, row.dag, row);
  return {};
}

base::Status MemoryStore::Apply(const model::HoleRow& row) {
  Put(holes_, {row.dag, row.first.end}, row);
  return {};
}

base::Status MemoryStore::Apply(const model::DagVersionRow& row) {
  if (!versions_.contains(row.version))  // content-addressed: never changes
    Put(versions_, row.version, row);
  return {};
}

base::Status MemoryStore::Apply(const model::RunRow& row) {
  const auto found = runs_.find(row.key);
  const auto fire = FireOf(row);
  if (fire.has_value()) {
    const auto holder = fires_.find(*fire);
    if (holder != fires_.end() && holder->second != row.key)
      return base::Fail(FireTaken(row, holder->second));
  }
  const int64_t no = found == runs_.end() ? ++last_run_no_ : found->second.no;
  if (found != runs_.end()) {
    if (const auto before = FireOf(found->second.row); before.has_value())
      Erase(fires_, *before);
  }
  if (fire.has_value())
    Put(fires_, *fire, row.key);
  Put(runs_, row.key, {no, row});
  return {};
}

base::Status MemoryStore::Apply(const model::JobRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.run));
  Put(jobs_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::MappingRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.run));
  Put(mappings_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::GroupTriesRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.run));
  Put(groups_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::TaskRow& row) {
  RETURN_IF_ERROR(RequireRun(row.job.run));
  Put(tasks_, {row.job, row.task}, row);
  return {};
}

base::Status MemoryStore::Apply(const model::AttemptRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.job.run));
  Put(attempts_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::OutputsRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.job.run));
  Put(outputs_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::CauseRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.job.run));
  Put(causes_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::TriggerRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.job.run));
  Put(triggers_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::ProcessRow& row) {
  RETURN_IF_ERROR(RequireRun(row.key.job.run));
  Put(processes_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::LaunchRow& row) {
  RETURN_IF_ERROR(RequireRun(row.attempt.job.run));
  Put(launches_, row.token, row);
  return {};
}

base::Status MemoryStore::Apply(const model::ClusterRow& row) {
  if (row.attempt.has_value())
    RETURN_IF_ERROR(RequireRun(row.attempt->job.run));
  const auto found = clusters_.find(row.id);
  const int64_t no =
      found == clusters_.end() ? static_cast<int64_t>(clusters_.size()) + 1 : found->second.no;
  Put(clusters_, row.id, {no, row});
  return {};
}

base::Status MemoryStore::Apply(const model::PoolRow& row) {
  Put(pools_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::LimitRow& row) {
  Put(limits_, KeyOf(row.limit), row);
  return {};
}

base::Status MemoryStore::Apply(const model::SpendRulesRow& row) {
  Put(spend_rules_, row.scope, row);
  return {};
}

base::Status MemoryStore::Apply(const model::PoolTimeRow& row) {
  Put(pool_times_, row.dag, row);
  return {};
}

base::Status MemoryStore::Apply(const model::DurationsRow& row) {
  Put(durations_, {row.dag, row.job, row.lane}, row);
  return {};
}

base::Status MemoryStore::Apply(const model::CommandRow& row) {
  Put(commands_, {row.aggregate, row.sequence}, row);
  return {};
}

base::Status MemoryStore::Apply(const model::CommandDone& done) {
  Erase(commands_, {done.aggregate, done.sequence});
  return {};
}

base::Status MemoryStore::Apply(const model::BackfillRow& row) {
  Put(backfills_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::BackfillTickRow& row) {
  Put(backfill_ticks_, {row.backfill, row.number}, row);
  return {};
}

base::Status MemoryStore::Apply(const model::HoldRow& row) {
  Put(holds_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::RecordRow& row) {
  Put(records_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::RecordDropped& dropped) {
  Erase(records_, dropped.id);
  return {};
}

base::Status MemoryStore::Apply(const model::DeadlineRow& row) {
  Put(deadlines_, row.key, row);
  return {};
}

base::Status MemoryStore::Apply(const model::AssetRow& row) {
  for (const auto& [id, other] : assets_) {
    if (id != row.id && other.asset.name == row.asset.name)
      return base::Fail(base::ErrorCode::kConflict, "two assets have one name");
  }
  Put(assets_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::AssetEventRow& row) {
  if (asset_events_.contains(row.id))
    return base::Fail(base::ErrorCode::kConflict, "two events of assets have one id");
  Put(asset_events_, row.id, row);
  return {};
}

base::Status MemoryStore::Apply(const model::AssetQueueRow& row) {
  Put(asset_queues_, row.dag, row);
  return {};
}

base::Status MemoryStore::Apply(const model::HistoryRow& row) {
  const auto last = static_cast<int64_t>(history_.size());
  if (row.seq != last + 1)
    return base::Fail(HistoryGap(row.seq, last));
  history_.push_back(row);
  undo_.emplace_back([this] { history_.pop_back(); });
  return {};
}

}  // namespace store
