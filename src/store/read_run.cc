#include "store/store.h"

namespace store {

namespace {

// Of one asset, the newest with after < id <= until.
base::Status AddNewest(Reader& reader,
                       const model::TakenEvents& range,
                       std::map<int64_t, model::AssetEventRow>& events) {
  if (range.until <= range.after)
    return {};
  ASSIGN_OR_RETURN(auto page,
                   reader.AssetEvents({.asset = range.asset,
                                       .after = range.after,
                                       .up_to = range.until,
                                       .is_newest_first = true,
                                       .limit = static_cast<int>(model::kTriggeringEventsMax)}));
  for (model::AssetEventRow& event : page.rows)
    events.try_emplace(event.id, std::move(event));
  return {};
}

}  // namespace

base::Status AddAssetEvents(Reader& reader, model::Snapshot& snapshot) {
  std::map<int64_t, model::AssetEventRow> events;
  for (const model::RunRow& run : snapshot.runs) {
    for (const model::TakenEvents& taken : run.asset_events)
      RETURN_IF_ERROR(AddNewest(reader, taken, events));
  }
  for (const model::AssetQueueRow& queue : snapshot.asset_queues) {
    for (const model::QueuedAsset& asset : queue.assets)
      RETURN_IF_ERROR(AddNewest(reader, {asset.asset, asset.taken, asset.latest}, events));
  }
  for (auto& [id, event] : events)
    snapshot.asset_events.push_back(std::move(event));
  return {};
}

base::Result<model::Snapshot> ReadRun(Reader& reader, const model::RunKey& key) {
  model::Snapshot rows;
  ASSIGN_OR_RETURN(model::RunRow run, reader.Run(key));
  ASSIGN_OR_RETURN(model::DagVersionRow version, reader.Version(run.version));
  rows.runs.push_back(std::move(run));
  rows.versions.push_back(std::move(version));
  ASSIGN_OR_RETURN(rows.jobs, reader.Jobs(key));
  ASSIGN_OR_RETURN(rows.mappings, reader.Mappings(key));
  ASSIGN_OR_RETURN(rows.groups, reader.GroupTries(key));
  ASSIGN_OR_RETURN(rows.tasks, reader.Tasks(key));
  ASSIGN_OR_RETURN(rows.attempts, reader.Attempts(key));
  ASSIGN_OR_RETURN(rows.outputs, reader.Outputs(key));
  ASSIGN_OR_RETURN(rows.causes, reader.Causes(key));
  ASSIGN_OR_RETURN(rows.launches, reader.Launches(key));
  ASSIGN_OR_RETURN(rows.clusters, reader.ClustersOf(key));
  ASSIGN_OR_RETURN(rows.deadlines, reader.Deadlines(key));
  ASSIGN_OR_RETURN(const auto newest, reader.History({.limit = 1, .is_newest_first = true}));
  rows.last_seq = newest.empty() ? 0 : newest.front().seq;
  RETURN_IF_ERROR(AddAssetEvents(reader, rows));
  return rows;
}

}  // namespace store
