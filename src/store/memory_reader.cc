// What the store in memory answers people. Every list is made of all rows: it is for tests.

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "model/limits.h"
#include "store/map_values.h"
#include "store/memory_store.h"
#include "store/refusals.h"
#include "store/run_order.h"
#include "store/task_order.h"

namespace store {

namespace {

using base::Cat;

template <typename Value>
bool Contains(const std::vector<Value>& values, Value wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

template <typename Row>
Page<Row> Cut(std::vector<Row> rows, int limit, int offset) {
  Page<Row> page;
  page.total = static_cast<int64_t>(rows.size());
  const auto begin = std::clamp<int64_t>(offset, 0, page.total);
  const auto end = std::min<int64_t>(page.total, begin + std::max(limit, 0));
  page.rows.assign(rows.begin() + begin, rows.begin() + end);
  return page;
}

// The rows after (before) `edge` among those that are sorted by `less`.
template <typename Row, typename Less>
Page<Row> CutAt(std::vector<Row> rows, const Row& edge, bool is_backward, int limit, Less less) {
  if (!is_backward) {
    const auto begin = std::upper_bound(rows.begin(), rows.end(), edge, less) - rows.begin();
    return Cut(std::move(rows), limit, static_cast<int>(begin));
  }
  const auto end =
      static_cast<int>(std::lower_bound(rows.begin(), rows.end(), edge, less) - rows.begin());
  const int begin = std::max(0, end - std::max(limit, 0));
  return Cut(std::move(rows), end - begin, begin);
}

// Rows that pass, the latest to be put first.
template <typename Map, typename Wanted>
auto NewestFirst(const Map& map, Wanted wanted) {
  using Row = decltype(map.begin()->second.row);
  std::vector<const typename Map::mapped_type*> chosen;
  for (const auto& [key, numbered] : map) {
    if (wanted(numbered.row))
      chosen.push_back(&numbered);
  }
  std::sort(
      chosen.begin(), chosen.end(), [](const auto* a, const auto* b) { return a->no > b->no; });
  std::vector<Row> rows;
  rows.reserve(chosen.size());
  for (const auto* numbered : chosen)
    rows.push_back(numbered->row);
  return rows;
}

bool IsAmong(const model::JobKey& key, const Instances& of) {
  return (!of.job || key.job == *of.job) && (!of.lane || key.lane == *of.lane) &&
         key.index >= of.first && key.index <= of.last;
}

// Of rows in their order, those that are asked for.
template <typename Row, typename KeyOf>
std::vector<Row> Only(std::vector<Row> rows, const Instances& of, KeyOf key_of) {
  std::erase_if(rows, [&](const Row& row) { return !IsAmong(key_of(row), of); });
  return rows;
}

}  // namespace

bool Meets(const model::ClusterRow& cluster, const ClusterQuery& query) {
  const bool live = !model::IsTerminal(cluster.phase);
  if (query.live_only && !live)
    return false;
  if (query.dag.has_value() && (!cluster.attempt || cluster.attempt->job.run.dag != *query.dag))
    return false;
  if (!query.dags.empty() &&
      (!cluster.attempt || !Contains(query.dags, cluster.attempt->job.run.dag)))
    return false;
  if (query.phases.empty() && query.healths.empty())
    return true;
  const bool ill = live && cluster.health != model::ClusterHealth::kOk;
  return ill ? Contains(query.healths, cluster.health) : Contains(query.phases, cluster.phase);
}

bool Matches(const model::HistoryRow& row, const HistoryQuery& query) {
  const auto is = [](const auto& wanted, const auto& found) { return !wanted || *wanted == found; };
  const model::Subject& subject = row.subject;
  return is(query.kind, subject.kind) && is(query.dag, subject.dag) && is(query.run, subject.run) &&
         is(query.job, subject.job) && is(query.lane, subject.lane) &&
         is(query.index, subject.index) && is(query.cluster, subject.cluster) &&
         is(query.actor, row.by.name) && (!query.from || row.at >= *query.from) &&
         (!query.until || row.at <= *query.until) && IsAmong(row.to, query.to) &&
         !Contains(query.to_others, row.to) &&
         (query.dags.empty() || Contains(query.dags, subject.dag)) &&
         (!query.is_asked_for || !row.by.name.empty()) &&
         (!query.is_about_work || (subject.kind != model::EntityKind::kRecord &&
                                   subject.kind != model::EntityKind::kAccess)) &&
         (!query.task || (subject.kind == model::EntityKind::kTask &&
                          subject.text.ends_with(Cat("/", *query.task))));
}

class MemoryStore::MemoryReader : public Reader {
 public:
  explicit MemoryReader(const MemoryStore& store) : store_(store) {}

  base::Result<std::vector<model::DagRow>> Dags() override { return ValuesOf(store_.dags_); }

  base::Result<std::vector<model::HoleRow>> Holes(const model::DagId& dag) override {
    std::vector<model::HoleRow> rows;
    for (auto it = store_.holes_.lower_bound({dag, base::Time::min()});
         it != store_.holes_.end() && it->first.first == dag;
         ++it)
      rows.push_back(it->second);
    return rows;
  }

  base::Result<model::DagVersionRow> Version(const model::VersionId& version) override {
    const auto found = store_.versions_.find(version);
    if (found == store_.versions_.end())
      return base::Fail(NoVersion(version));
    return found->second;
  }

  base::Result<std::vector<model::DagVersionRow>> Versions(const model::DagId& dag) override {
    std::vector<model::DagVersionRow> rows;
    for (const auto& [id, row] : store_.versions_) {
      if (row.dag == dag)
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::tie(a.created_at, a.version) < std::tie(b.created_at, b.version);
    });
    return rows;
  }

  base::Result<Page<model::RunRow>> Runs(const RunQuery& query) override {
    using Run = Numbered<model::RunRow>;
    std::vector<Run> runs;
    for (const auto& [key, run] : store_.runs_) {
      if (Meets(run.row, query))
        runs.push_back(run);
    }
    const auto less = [order = WholeOrder(query.order)](const Run& a, const Run& b) {
      for (const RunOrder& part : order) {
        const bool is_id = part.column == RunColumn::kId;
        const RowValue left = is_id ? RowValue(a.no) : ValueOf(a.row, part.column);
        const RowValue right = is_id ? RowValue(b.no) : ValueOf(b.row, part.column);
        if (left != right)
          return part.is_descending ? right < left : left < right;
      }
      return false;
    };
    std::sort(runs.begin(), runs.end(), less);
    Page<Run> cut;
    if (query.from) {
      RETURN_IF_ERROR(store_.RequireRun(query.from->row.key));
      const Run edge{store_.runs_.at(query.from->row.key).no, query.from->row};
      cut = CutAt(std::move(runs), edge, query.from->is_backward, query.limit, less);
    } else {
      cut = Cut(std::move(runs), query.limit, query.offset);
    }
    Page<model::RunRow> page{.rows = {}, .total = cut.total};
    for (Run& run : cut.rows)
      page.rows.push_back(std::move(run.row));
    for (model::RunRow& row : page.rows) {
      if (row.conf.size() > model::kConfBytesMax)
        row.triggered_by.clear();
      if (row.conf.size() > kListedConfMax)
        row.conf.clear();
    }
    return page;
  }

  base::Result<model::RunRow> Run(const model::RunKey& key) override {
    RETURN_IF_ERROR(store_.RequireRun(key));
    return store_.runs_.at(key).row;
  }

  base::Result<std::optional<model::RunRow>> LatestRun(const model::DagId& dag) override {
    auto rows =
        NewestFirst(store_.runs_, [&](const model::RunRow& run) { return run.key.dag == dag; });
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
  }

  base::Result<std::optional<model::RunRow>> RunAt(const model::DagId& dag,
                                                   base::Time logical_date) override {
    auto rows = NewestFirst(store_.runs_, [&](const model::RunRow& run) {
      return run.key.dag == dag && run.logical_date == logical_date;
    });
    const auto automatic = std::find_if(
        rows.begin(), rows.end(), [](const model::RunRow& run) { return !IsAskedFor(run.type); });
    if (automatic != rows.end())
      return std::optional(std::move(*automatic));
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
  }

  base::Result<std::vector<model::BackfillRow>> Backfills(
      const std::optional<model::DagId>& dag) override {
    auto rows = ValuesOf(store_.backfills_);
    std::erase_if(rows, [&](const model::BackfillRow& row) { return dag && row.dag != *dag; });
    std::reverse(rows.begin(), rows.end());
    return rows;
  }

  base::Result<model::BackfillRow> Backfill(int64_t id) override {
    const auto found = store_.backfills_.find(id);
    if (found == store_.backfills_.end())
      return base::Fail(NoBackfill(id));
    return found->second;
  }

  base::Result<std::vector<model::BackfillTickRow>> BackfillTicks(int64_t id) override {
    auto rows = ValuesOf(store_.backfill_ticks_);
    std::erase_if(rows, [&](const model::BackfillTickRow& row) { return row.backfill != id; });
    return rows;
  }

  base::Result<std::vector<model::DeadlineRow>> Deadlines(const model::RunKey& run) override {
    std::vector<model::DeadlineRow> rows;
    for (const auto& [key, row] : store_.deadlines_) {
      if (key.job.run == run)
        rows.push_back(row);
    }
    return rows;
  }

  base::Result<std::vector<model::DeadlineRow>> PastDeadlines(int64_t limit) override {
    std::vector<model::DeadlineRow> rows;
    for (const auto& [key, row] : store_.deadlines_) {
      if (IsFinal(row.status))
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::tie(b.due, a.key) < std::tie(a.due, b.key);
    });
    rows.resize(std::min(rows.size(), static_cast<size_t>(limit)));
    return rows;
  }

  base::Result<std::vector<model::HoldRow>> Holds() override {
    auto rows = ValuesOf(store_.holds_);
    std::reverse(rows.begin(), rows.end());
    return rows;
  }

  base::Result<std::vector<model::RecordRow>> Records(model::RecordKind kind) override {
    std::vector<model::RecordRow> rows = ValuesOf(store_.records_);
    std::erase_if(rows, [&](const model::RecordRow& row) { return row.id.kind != kind; });
    return rows;
  }

  base::Result<std::vector<model::AssetRow>> Assets() override { return ValuesOf(store_.assets_); }

  base::Result<Page<model::AssetEventRow>> AssetEvents(const AssetEventQuery& query) override {
    auto rows = ValuesOf(store_.asset_events_);
    const auto is = [](const auto& wanted, const auto& found) {
      return !wanted || *wanted == found;
    };
    std::erase_if(rows, [&](const model::AssetEventRow& row) {
      return !(is(query.asset, row.asset) && is(query.dag, row.dag) && is(query.run, row.run) &&
               is(query.job, row.job) && is(query.lane, row.lane) &&
               (query.dags.empty() || Contains(query.dags, row.dag)) &&
               (!query.from || row.at >= *query.from) && (!query.until || row.at <= *query.until) &&
               row.id > query.after && (!query.up_to || row.id <= *query.up_to));
    });
    if (query.is_newest_first)
      std::reverse(rows.begin(), rows.end());
    return Cut(std::move(rows), query.limit, query.offset);
  }

  base::Result<std::vector<model::AssetQueueRow>> AssetQueues() override {
    return ValuesOf(store_.asset_queues_);
  }

  base::Result<std::vector<model::RunRow>> RunsOfAssets(int limit) override {
    auto rows = NewestFirst(store_.runs_, [](const model::RunRow& run) {
      return run.type == model::RunType::kAssetTriggered;
    });
    rows.resize(std::min(rows.size(), static_cast<size_t>(std::max(limit, 0))));
    return rows;
  }

  base::Result<std::vector<RunCount>> CountRuns() override {
    std::map<std::pair<model::DagId, std::string_view>, RunCount> counts;
    for (const auto& [key, run] : store_.runs_) {
      RunCount& count = counts[{key.dag, ToString(run.row.state)}];
      count = {key.dag, run.row.state, count.runs + 1};
    }
    return ValuesOf(counts);
  }

  base::Result<std::map<model::DagId, base::Time>> LastSuccesses() override {
    std::map<model::DagId, base::Time> ends;
    for (const auto& [key, run] : store_.runs_) {
      if (run.row.state != model::RunState::kSuccess || !run.row.end_date)
        continue;
      const auto [latest, is_first] = ends.try_emplace(key.dag, *run.row.end_date);
      latest->second = std::max(latest->second, *run.row.end_date);
    }
    return ends;
  }

  base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run,
                                                const Instances& of) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    return Only(store_.JobsOf(run), of, [](const auto& row) -> auto& { return row.key; });
  }

  base::Result<std::vector<model::MappingRow>> Mappings(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return std::move(snapshot.mappings);
  }

  base::Result<std::vector<model::GroupTriesRow>> GroupTries(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return std::move(snapshot.groups);
  }

  base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run,
                                                  const Instances& of) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    return Only(store_.TasksOf(run), of, [](const auto& row) -> auto& { return row.job; });
  }

  base::Result<std::vector<InstanceCount>> CountInstances(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    std::map<std::tuple<model::JobId, model::LaneId, int, std::string_view>, InstanceCount> counts;
    for (const model::TaskRow& task : store_.TasksOf(run)) {
      if (task.job.index < 0)
        continue;
      InstanceCount& count = counts[{task.job.job, task.job.lane, task.task, ToString(task.state)}];
      count = {task.job.job, task.job.lane, task.task, task.state, count.instances + 1};
    }
    return ValuesOf(counts);
  }

  base::Result<Page<model::TaskRow>> TasksOfRuns(const TaskQuery& query) override {
    const auto run_of = [this](const model::TaskRow& task) {
      const auto& run = store_.runs_.at(task.job.run);
      return RunOfTask{run.no, run.row.logical_date, run.row.run_after};
    };
    std::vector<model::TaskRow> tasks;
    for (const auto& [key, run] : store_.runs_) {
      for (model::TaskRow& task : store_.TasksOf(key)) {
        if (Meets(task, run_of(task), query) && store_.IsNamed(task, query.names) &&
            !store_.HasList(task.job))
          tasks.push_back(std::move(task));
      }
    }
    const auto less = [&, order = WholeOrder(query.order)](const auto& a, const auto& b) {
      for (const TaskOrder& part : order) {
        const RowValue left = ValueOf(a, run_of(a), part.column);
        const RowValue right = ValueOf(b, run_of(b), part.column);
        if (left != right)
          return part.is_descending ? right < left : left < right;
      }
      return false;
    };
    std::sort(tasks.begin(), tasks.end(), less);
    if (!query.from)
      return Cut(std::move(tasks), query.limit, query.offset);
    RETURN_IF_ERROR(store_.RequireRun(query.from->row.job.run));
    return CutAt(std::move(tasks), query.from->row, query.from->is_backward, query.limit, less);
  }

  base::Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run,
                                                        const Instances& of) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return Only(
        std::move(snapshot.attempts), of, [](const auto& row) -> auto& { return row.key.job; });
  }

  base::Result<std::vector<model::OutputsRow>> Outputs(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return std::move(snapshot.outputs);
  }

  base::Result<std::vector<model::CauseRow>> Causes(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return std::move(snapshot.causes);
  }

  base::Result<std::vector<model::ProcessRow>> Processes(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    model::Snapshot snapshot;
    store_.LoadRun(run, snapshot);
    return std::move(snapshot.processes);
  }

  base::Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run,
                                                       const Instances& of) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    std::vector<model::LaunchRow> rows;
    for (const auto& [token, launch] : store_.launches_) {
      if (launch.attempt.job.run == run)
        rows.push_back(launch);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::tie(a.attempt, a.launch_no, a.token) < std::tie(b.attempt, b.launch_no, b.token);
    });
    return Only(std::move(rows), of, [](const auto& row) -> auto& { return row.attempt.job; });
  }

  base::Result<model::LaunchRow> Launch(const model::LaunchToken& token) override {
    const auto found = store_.launches_.find(token);
    if (found == store_.launches_.end())
      return base::Fail(NoLaunch(token));
    return found->second;
  }

  base::Result<std::optional<base::Time>> FirstLaunchAt() override {
    std::optional<base::Time> first;
    for (const auto& [token, launch] : store_.launches_)
      first = std::min(first.value_or(launch.created_at), launch.created_at);
    return first;
  }

  base::Result<Page<model::ClusterRow>> Clusters(const ClusterQuery& query) override {
    auto rows = NewestFirst(
        store_.clusters_, [&](const model::ClusterRow& cluster) { return Meets(cluster, query); });
    if (!query.from)
      return Cut(std::move(rows), query.limit, query.offset);
    if (!store_.clusters_.contains(query.from->row.id))
      return base::Fail(NoCluster(query.from->row.id));
    const auto place = [this](const auto& row) { return -store_.clusters_.at(row.id).no; };
    return CutAt(std::move(rows),
                 query.from->row,
                 query.from->is_backward,
                 query.limit,
                 [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }

  base::Result<std::vector<model::ClusterRow>> ClustersOf(const model::RunKey& run) override {
    RETURN_IF_ERROR(store_.RequireRun(run));
    std::vector<model::ClusterRow> rows =
        NewestFirst(store_.clusters_, [&](const model::ClusterRow& cluster) {
          return cluster.attempt && cluster.attempt->job.run == run;
        });
    std::reverse(rows.begin(), rows.end());
    return rows;
  }

  base::Result<model::ClusterRow> Cluster(const model::ClusterId& id) override {
    const auto found = store_.clusters_.find(id);
    if (found == store_.clusters_.end())
      return base::Fail(NoCluster(id));
    return found->second.row;
  }

  base::Result<std::vector<model::ClusterRow>> ClustersWithin(
      const base::Interval& interval) override {
    std::vector<model::ClusterRow> rows;
    for (const auto& [id, cluster] : store_.clusters_) {
      const model::ClusterRow& row = cluster.row;
      if (row.attempt && row.created_at && *row.created_at < interval.end &&
          (!model::IsTerminal(row.phase) || row.phase_seen_at >= interval.start))
        rows.push_back(row);
    }
    return rows;
  }

  base::Result<std::vector<model::PoolRow>> Pools() override { return ValuesOf(store_.pools_); }

  base::Result<std::vector<model::HistoryRow>> History(const HistoryQuery& query) override {
    return Cut(Found(query), query.limit, query.offset).rows;
  }

  base::Result<int64_t> CountHistory(const HistoryQuery& query) override {
    return static_cast<int64_t>(Found(query).size());
  }

 private:
  std::vector<model::HistoryRow> Found(const HistoryQuery& query) const {
    std::vector<model::HistoryRow> rows;
    const auto& history = store_.history_;
    auto row = history.begin() + std::clamp<int64_t>(query.after, 0, std::ssize(history));
    std::copy_if(row, history.end(), std::back_inserter(rows), [&](const auto& each) {
      return Matches(each, query);
    });
    if (query.is_newest_first)
      std::reverse(rows.begin(), rows.end());
    return rows;
  }

  const MemoryStore& store_;
};

MemoryStore::MemoryStore(model::Identity identity)
    : identity_(std::move(identity)), reader_(std::make_unique<MemoryReader>(*this)) {}

MemoryStore::~MemoryStore() = default;

}  // namespace store
