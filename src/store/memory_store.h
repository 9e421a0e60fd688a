#pragma once

// The store without a disk: ordered maps, with the constraints and outcomes of the SQLite store. In
// crash tests it is what survives: the driver is destroyed, the MemoryStore lives on, and the next
// driver Loads from it.
//
// Thread rule: one thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "store/store.h"

namespace store {

class MemoryStore : public Store {
 public:
  // The incarnation is given, so that what is computed from it is the same in every run of a test.
  // `identity.epoch` is the one before the first Load.
  explicit MemoryStore(model::Identity identity);
  ~MemoryStore() override;

  base::Result<model::Snapshot> Load(base::Time completed_since) override;
  base::Result<model::Snapshot> Reload(base::Time completed_since) override;
  CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override;
  // A memory has no reserve: there is none to give back, and never a want of it.
  bool ReleaseReserve() override { return false; }
  bool HoldReserve() override { return true; }
  Reader& reader() override { return *reader_; }

 private:
  class MemoryReader;
  using FireKey = std::pair<model::DagId, base::Time>;
  using HoleKey = std::pair<model::DagId, base::Time>;  // with the first tick
  using TaskKey = std::pair<model::JobKey, int>;
  using CommandKey = std::pair<std::string, int64_t>;
  // `no` counts the rows in the order of their first put.
  template <typename Row>
  struct Numbered {
    int64_t no = 0;
    Row row;
  };

  // Each applies one change, or answers why it cannot; what it did is in undo_.
  base::Status Apply(const model::DagRow& row);
  base::Status Apply(const model::HoleRow& row);
  base::Status Apply(const model::DagVersionRow& row);
  base::Status Apply(const model::RunRow& row);
  base::Status Apply(const model::JobRow& row);
  base::Status Apply(const model::MappingRow& row);
  base::Status Apply(const model::GroupTriesRow& row);
  base::Status Apply(const model::TaskRow& row);
  base::Status Apply(const model::AttemptRow& row);
  base::Status Apply(const model::OutputsRow& row);
  base::Status Apply(const model::CauseRow& row);
  base::Status Apply(const model::TriggerRow& row);
  base::Status Apply(const model::ProcessRow& row);
  base::Status Apply(const model::LaunchRow& row);
  base::Status Apply(const model::ClusterRow& row);
  base::Status Apply(const model::PoolRow& row);
  base::Status Apply(const model::LimitRow& row);
  base::Status Apply(const model::SpendRulesRow& row);
  base::Status Apply(const model::PoolTimeRow& row);
  base::Status Apply(const model::DurationsRow& row);
  base::Status Apply(const model::CommandRow& row);
  base::Status Apply(const model::CommandDone& done);
  base::Status Apply(const model::HistoryRow& row);
  base::Status Apply(const model::DagRenamed& renamed);  // memory_rename.cc
  base::Status Apply(const model::Deleted& deleted);     // memory_delete.cc
  base::Status Apply(const model::BackfillRow& row);
  base::Status Apply(const model::BackfillTickRow& row);
  base::Status Apply(const model::HoldRow& row);
  base::Status Apply(const model::DeadlineRow& row);
  base::Status Apply(const model::AssetRow& row);
  base::Status Apply(const model::AssetEventRow& row);
  base::Status Apply(const model::AssetQueueRow& row);
  base::Status Apply(const model::RecordRow& row);
  base::Status Apply(const model::RecordDropped& dropped);

  template <typename Map>
  void Put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value);
  template <typename Map>
  void Erase(Map& map, const typename Map::key_type& key);
  // Of the deleted run or DAG.
  template <typename Map>
  void EraseOf(Map& map, const model::Deleted& deleted);
  base::Status RequireRun(const model::RunKey& run) const;

  // Snapshot::ended_clusters.
  std::vector<model::ClusterRow> EndedClusters() const;
  // Not ended, or with a launch or a cluster that is not seen over.
  std::set<model::RunKey> LoadedRuns() const;
  bool IsNamed(const model::TaskRow& task, const std::vector<TaskName>& names) const;
  // The key is of a mapped job itself, and its list is in force.
  bool HasList(const model::JobKey& job) const;
  std::vector<model::JobRow> JobsOf(const model::RunKey& run) const;
  std::vector<model::TaskRow> TasksOf(const model::RunKey& run) const;
  void LoadRun(const model::RunKey& run, model::Snapshot& snapshot) const;
  std::vector<model::Snapshot::CompletedJob> Completed(
      base::Time since, const std::vector<model::JobRow>& live) const;

  model::Identity identity_;
  std::map<model::DagId, model::DagRow> dags_;
  std::map<HoleKey, model::HoleRow> holes_;
  std::map<model::VersionId, model::DagVersionRow> versions_;
  std::map<model::RunKey, Numbered<model::RunRow>> runs_;
  int64_t last_run_no_ = 0;
  int64_t last_deletion_ = 0;
  int64_t deleted_backfill_ = 0;            // the greatest id of one whose DAG was deleted
  std::map<FireKey, model::RunKey> fires_;  // of scheduled runs and of backfills'
  std::map<model::JobKey, model::JobRow> jobs_;
  std::map<model::JobKey, model::MappingRow> mappings_;
  std::map<model::GroupKey, model::GroupTriesRow> groups_;
  std::map<TaskKey, model::TaskRow> tasks_;
  std::map<model::AttemptKey, model::AttemptRow> attempts_;
  std::map<model::AttemptKey, model::OutputsRow> outputs_;
  std::map<model::AttemptKey, model::CauseRow> causes_;
  std::map<model::AttemptKey, model::TriggerRow> triggers_;
  std::map<model::AttemptKey, model::ProcessRow> processes_;
  std::map<model::LaunchToken, model::LaunchRow> launches_;
  std::map<model::ClusterId, Numbered<model::ClusterRow>> clusters_;
  std::map<model::PoolId, model::PoolRow> pools_;
  std::map<model::LimitKey, model::LimitRow> limits_;
  std::map<std::string, model::SpendRulesRow> spend_rules_;  // by scope
  std::map<model::DagId, model::PoolTimeRow> pool_times_;
  std::map<std::tuple<model::DagId, model::JobId, model::LaneId>, model::DurationsRow> durations_;
  std::map<CommandKey, model::CommandRow> commands_;
  std::map<int64_t, model::BackfillRow> backfills_;
  std::map<std::pair<int64_t, int>, model::BackfillTickRow> backfill_ticks_;
  std::map<int64_t, model::HoldRow> holds_;
  std::map<model::DeadlineKey, model::DeadlineRow> deadlines_;
  std::map<int64_t, model::AssetRow> assets_;
  std::map<int64_t, model::AssetEventRow> asset_events_;
  std::map<model::DagId, model::AssetQueueRow> asset_queues_;
  std::map<model::RecordKey, model::RecordRow> records_;
  std::vector<model::HistoryRow> history_;  // seq = place + 1

  std::vector<std::function<void()>> undo_;  // of the batch that is being applied
  std::unique_ptr<Reader> reader_;
};

}  // namespace store
