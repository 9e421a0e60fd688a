// A Reader that shows what a sight shows. What is not to be seen is not there: the same answers and
// the same words as for what does not exist.

#include <algorithm>
#include <utility>

#include "api/sight.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

using store::Page;

template <typename T>
using Result = base::Result<T>;

// The store's words (a test compares them).
tl::unexpected<base::Error> Absent(std::string_view what, std::string_view name) {
  return base::Fail(base::ErrorCode::kNotFound,
                    base::Cat("there is no ", what, " ", base::Excerpt(name)));
}

// Each answer passes with what is seen of it.
template <typename Row, typename Seen>
Result<std::vector<Row>> Only(Result<std::vector<Row>> rows, Seen seen) {
  if (rows)
    std::erase_if(*rows, [&](const Row& row) { return !seen(row); });
  return rows;
}

class SeenRows final : public store::Reader {
 public:
  SeenRows(SightPtr sight, store::Reader& rows) : sight_(std::move(sight)), rows_(rows) {}

  Result<std::vector<model::DagRow>> Dags() override {
    return Only(rows_.Dags(), [this](const model::DagRow& row) { return Has(row.dag); });
  }
  Result<std::vector<model::HoleRow>> Holes(const model::DagId& dag) override {
    if (!Has(dag))
      return std::vector<model::HoleRow>();
    return rows_.Holes(dag);
  }
  Result<model::DagVersionRow> Version(const model::VersionId& version) override {
    auto row = rows_.Version(version);
    if (row && !Has(row->dag))
      return Absent("DAG version", version.str());
    return row;
  }
  Result<std::vector<model::DagVersionRow>> Versions(const model::DagId& dag) override {
    if (!Has(dag))
      return std::vector<model::DagVersionRow>();
    return rows_.Versions(dag);
  }
  Result<Page<model::RunRow>> Runs(const store::RunQuery& query) override {
    return OfDags<model::RunRow>(query, [this](const auto& all) -> Result<Page<model::RunRow>> {
      if (all.from)
        RETURN_IF_ERROR(Check(all.from->row.key));
      return rows_.Runs(all);
    });
  }
  Result<model::RunRow> Run(const model::RunKey& key) override {
    return OfRun(key, [&] { return rows_.Run(key); });
  }
  Result<std::optional<model::RunRow>> LatestRun(const model::DagId& dag) override {
    if (!Has(dag))
      return std::nullopt;
    return rows_.LatestRun(dag);
  }
  Result<std::optional<model::RunRow>> RunAt(const model::DagId& dag,
                                             base::Time logical_date) override {
    if (!Has(dag))
      return std::nullopt;
    return rows_.RunAt(dag, logical_date);
  }
  Result<std::vector<store::RunCount>> CountRuns() override {
    return Only(rows_.CountRuns(), [this](const store::RunCount& row) { return Has(row.dag); });
  }
  Result<std::map<model::DagId, base::Time>> LastSuccesses() override {
    auto ends = rows_.LastSuccesses();
    if (ends)
      std::erase_if(*ends, [this](const auto& item) { return !Has(item.first); });
    return ends;
  }
  Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run,
                                          const store::Instances& of) override {
    return OfRun(run, [&]() -> Result<std::vector<model::JobRow>> {
      ASSIGN_OR_RETURN(auto jobs, rows_.Jobs(run, of));
      for (model::JobRow& row : jobs)
        row = Seen(sight_, std::move(row));
      return jobs;
    });
  }
  Result<std::vector<model::MappingRow>> Mappings(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.Mappings(run); });
  }
  Result<std::vector<model::GroupTriesRow>> GroupTries(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.GroupTries(run); });
  }
  Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run,
                                            const store::Instances& of) override {
    return OfRun(run, [&] { return rows_.Tasks(run, of); });
  }
  Result<std::vector<store::InstanceCount>> CountInstances(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.CountInstances(run); });
  }
  Result<Page<model::TaskRow>> TasksOfRuns(const store::TaskQuery& query) override {
    return OfDags<model::TaskRow>(query, [this](const auto& all) -> Result<Page<model::TaskRow>> {
      if (all.from)
        RETURN_IF_ERROR(Check(all.from->row.job.run));
      return rows_.TasksOfRuns(all);
    });
  }
  Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run,
                                                  const store::Instances& of) override {
    return OfRun(run, [&] { return rows_.Attempts(run, of); });
  }
  Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run,
                                                 const store::Instances& of) override {
    return OfRun(run, [&] { return rows_.Launches(run, of); });
  }
  Result<std::vector<model::OutputsRow>> Outputs(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.Outputs(run); });
  }
  Result<std::vector<model::CauseRow>> Causes(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.Causes(run); });
  }
  Result<std::vector<model::ProcessRow>> Processes(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.Processes(run); });
  }
  Result<model::LaunchRow> Launch(const model::LaunchToken& token) override {
    auto row = rows_.Launch(token);
    if (row && !Has(row->attempt.job.run.dag))
      return Absent("launch", token.str());
    return row;
  }
  Result<std::optional<base::Time>> FirstLaunchAt() override { return rows_.FirstLaunchAt(); }
  Result<Page<model::ClusterRow>> Clusters(const store::ClusterQuery& query) override {
    return OfDags<model::ClusterRow>(query,
                                     [this](const auto& all) -> Result<Page<model::ClusterRow>> {
                                       if (all.from)
                                         RETURN_IF_ERROR(Cluster(all.from->row.id));
                                       return rows_.Clusters(all);
                                     });
  }
  Result<std::vector<model::ClusterRow>> ClustersOf(const model::RunKey& run) override {
    return OfRun(run, [&] { return rows_.ClustersOf(run); });
  }
  Result<model::ClusterRow> Cluster(const model::ClusterId& id) override {
    auto row = rows_.Cluster(id);
    if (row && !Shows(*row))
      return Absent("cluster", id.str());
    return row;
  }
  Result<std::vector<model::ClusterRow>> ClustersWithin(const base::Interval& interval) override {
    return Only(rows_.ClustersWithin(interval),
                [this](const model::ClusterRow& row) { return Shows(row); });
  }
  Result<std::vector<model::PoolRow>> Pools() override { return rows_.Pools(); }
  Result<std::vector<model::BackfillRow>> Backfills(
      const std::optional<model::DagId>& dag) override {
    return Only(rows_.Backfills(dag),
                [this](const model::BackfillRow& row) { return Has(row.dag); });
  }
  Result<model::BackfillRow> Backfill(int64_t id) override {
    auto row = rows_.Backfill(id);
    if (row && !Has(row->dag))
      return Absent("backfill", std::to_string(id));
    return row;
  }
  Result<std::vector<model::BackfillTickRow>> BackfillTicks(int64_t id) override {
    if (!Backfill(id))
      return std::vector<model::BackfillTickRow>();
    return rows_.BackfillTicks(id);
  }
  Result<std::vector<model::HoldRow>> Holds() override {
    return Only(rows_.Holds(), [this](const model::HoldRow& row) { return MaySee(sight_, row); });
  }
  Result<std::vector<model::RecordRow>> Records(model::RecordKind kind) override {
    switch (kind) {
      case model::RecordKind::kUser:
      case model::RecordKind::kToken:
      case model::RecordKind::kSession:
        if (!sight_->sees_accounts)
          return std::vector<model::RecordRow>();
        break;
      case model::RecordKind::kNotice:
      case model::RecordKind::kPosition:
      case model::RecordKind::kTaskStore:
      case model::RecordKind::kAssetStore:
        if (sight_->is_scoped)
          return std::vector<model::RecordRow>();
        break;
      case model::RecordKind::kVariable:
      case model::RecordKind::kConnection:
      case model::RecordKind::kFavourite:
        break;
    }
    return rows_.Records(kind);
  }
  Result<std::vector<model::DeadlineRow>> Deadlines(const model::RunKey& run) override {
    if (!Has(run.dag))
      return std::vector<model::DeadlineRow>();
    return WithoutReasons(rows_.Deadlines(run));
  }
  Result<std::vector<model::DeadlineRow>> PastDeadlines(int64_t limit) override {
    return WithoutReasons(Only(rows_.PastDeadlines(limit), [this](const model::DeadlineRow& row) {
      return Has(row.key.job.run.dag);
    }));
  }
  Result<std::vector<model::AssetRow>> Assets() override {
    return Only(rows_.Assets(), [this](const model::AssetRow& row) {
      return !sight_->is_scoped || sight_->assets.contains(row.asset.name);
    });
  }
  Result<Page<model::AssetEventRow>> AssetEvents(const store::AssetEventQuery& query) override {
    return OfDags<model::AssetEventRow>(query,
                                        [this](const auto& all) { return rows_.AssetEvents(all); });
  }
  Result<std::vector<model::AssetQueueRow>> AssetQueues() override {
    return Only(rows_.AssetQueues(),
                [this](const model::AssetQueueRow& row) { return Has(row.dag); });
  }
  Result<std::vector<model::RunRow>> RunsOfAssets(int limit) override {
    return Only(rows_.RunsOfAssets(limit),
                [this](const model::RunRow& row) { return Has(row.key.dag); });
  }
  Result<std::vector<model::HistoryRow>> History(const store::HistoryQuery& query) override {
    store::HistoryQuery all = query;
    if (!Narrow(all))
      return std::vector<model::HistoryRow>();
    ASSIGN_OR_RETURN(auto rows, rows_.History(all));
    for (model::HistoryRow& row : rows)
      row = Seen(sight_, std::move(row));
    return rows;
  }
  Result<int64_t> CountHistory(const store::HistoryQuery& query) override {
    store::HistoryQuery all = query;
    if (!Narrow(all))
      return 0;
    return rows_.CountHistory(all);
  }

 private:
  // What holds a deadline up may be a job of a DAG that is not seen.
  Result<std::vector<model::DeadlineRow>> WithoutReasons(
      Result<std::vector<model::DeadlineRow>> rows) const {
    if (rows && sight_->is_scoped) {
      for (model::DeadlineRow& row : *rows)
        row.holds_up.clear();
    }
    return rows;
  }
  bool Has(const model::DagId& dag) const { return sight_->Has(dag); }
  // Clusters that no attempt claims are for those who see all DAGs.
  bool Shows(const model::ClusterRow& row) const {
    return !sight_->is_scoped || (row.attempt && Has(row.attempt->job.run.dag));
  }
  base::Status Check(const model::RunKey& run) const {
    if (!Has(run.dag))
      return Absent("run", ToString(run));
    return {};
  }
  template <typename Read>
  auto OfRun(const model::RunKey& run, Read read) -> decltype(read()) {
    RETURN_IF_ERROR(Check(run));
    return read();
  }

  // The DAGs that are asked for and seen; false: there are none.
  bool Intersect(std::vector<model::DagId>& dags) const {
    if (!sight_->is_scoped)
      return true;
    if (dags.empty())
      dags.assign(sight_->dags.begin(), sight_->dags.end());
    else
      std::erase_if(dags, [this](const model::DagId& dag) { return !Has(dag); });
    return !dags.empty();
  }
  template <typename Row, typename Query, typename Read>
  Result<Page<Row>> OfDags(const Query& query, Read read) const {
    Query all = query;
    if (!Intersect(all.dags))
      return Page<Row>();
    return read(all);
  }
  bool Narrow(store::HistoryQuery& query) const {
    query.is_about_work = query.is_about_work || !sight_->sees_accounts;
    return Intersect(query.dags);
  }

  const SightPtr sight_;
  store::Reader& rows_;
};

}  // namespace

std::unique_ptr<store::Reader> SeenBy(const SightPtr& sight, store::Reader& rows) {
  if (sight == nullptr)
    return nullptr;
  return std::make_unique<SeenRows>(sight, rows);
}

}  // namespace api
