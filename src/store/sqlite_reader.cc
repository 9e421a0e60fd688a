#include "store/sqlite_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/json_text.h"
#include "base/text.h"
#include "store/refusals.h"
#include "store/sqlite_list.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_runs.h"
#include "store/sqlite_tasks.h"

namespace store {

namespace {

using base::Cat;

// One value, however many ids it has: a JSON array.
constexpr std::string_view kInList = "(SELECT value FROM json_each(?))";

std::string ListOf(const std::vector<model::DagId>& dags) {
  json::array ids;
  for (const model::DagId& dag : dags)
    ids.emplace_back(dag.str());
  return base::Serialize(ids);
}

struct HistoryFilter {
  std::string conditions;  // " WHERE …"
  std::vector<std::variant<int64_t, std::string_view, std::string>>
      values;  // borrowed from the query
};

// Each index holds its rows in the order of seq, so one of them is enough: the first that applies,
// in the order of how few rows it leaves. "+" keeps SQLite from taking another.
HistoryFilter FilterOf(const HistoryQuery& query) {
  HistoryFilter filter{" WHERE t.seq > ?", {query.after}};
  bool is_first = true;
  // `implied`: the index's own condition, without which SQLite may not use it.
  const auto match =
      [&](std::string_view column, std::string_view value, std::string_view implied) {
        filter.conditions += Cat(" AND ", is_first ? "" : "+", "t.", column, " = ?");
        if (std::exchange(is_first, false))
          filter.conditions += implied;
        filter.values.emplace_back(value);
      };
  if (query.cluster)
    match("cluster", query.cluster->str(), " AND t.cluster <> ''");
  if (query.run)
    match("run", query.run->str(), " AND t.run <> ''");
  if (query.job)
    match("job", query.job->str(), " AND t.job <> ''");
  if (query.actor)
    match("actor", *query.actor, " AND t.actor <> ''");
  if (query.dag)
    match("dag", query.dag->str(), "");
  if (query.kind) {
    const bool is_task = *query.kind == model::EntityKind::kTask;  // most rows are: no index
    match("kind", ToString(*query.kind), is_task ? "" : " AND t.kind <> 'task'");
  }
  if (query.lane)
    match("lane", query.lane->str(), "");
  const auto and_also = [&](std::string_view condition, auto... values) {
    filter.conditions += Cat(" AND ", condition);
    (filter.values.emplace_back(values), ...);
  };
  if (query.index)
    and_also("t.idx = ?", int64_t{*query.index});
  if (query.task)
    and_also("+t.kind = 'task' AND substr(t.entity, -length(?) - 1) = '/' || ?",
             std::string_view(*query.task),
             std::string_view(*query.task));
  if (query.from)
    and_also("t.at >= ?", base::ToMicros(*query.from));
  if (query.until)
    and_also("t.at <= ?", base::ToMicros(*query.until));
  // In the order of seq, so that the first page is found soon; "+" keeps SQLite from sorting all of
  // these DAGs' rows.
  if (!query.dags.empty()) {
    filter.conditions += Cat(" AND +t.dag IN ", kInList);
    filter.values.emplace_back(ListOf(query.dags));
  }
  if (query.is_asked_for)
    filter.conditions += " AND t.actor <> ''";
  if (query.is_about_work)
    filter.conditions += " AND +t.kind NOT IN ('record', 'access')";
  for (const auto* states : {&query.to, &query.to_others}) {
    if (states->empty())
      continue;
    const std::vector<std::string> marks(states->size(), "?");
    and_also(Cat(
        "t.to_state ", states == &query.to ? "IN (" : "NOT IN (", base::Join(marks, ", "), ")"));
    for (const std::string& state : *states)
      filter.values.emplace_back(std::string_view(state));
  }
  return filter;
}

void Bind(sqlite::Statement& statement, const HistoryFilter& filter) {
  for (const auto& value : filter.values) {
    if (const auto* number = std::get_if<int64_t>(&value))
      statement.BindInt(*number);
    else if (const auto* text = std::get_if<std::string>(&value))
      statement.BindText(*text);
    else
      statement.BindText(std::get<std::string_view>(value));
  }
}

class SqliteReader : public Reader {
 public:
  explicit SqliteReader(sqlite::Database& database) : database_(database) {}

  base::Result<std::vector<model::DagRow>> Dags() override {
    return All<model::DagRow>("ORDER BY t.dag");
  }

  base::Result<std::vector<model::HoleRow>> Holes(const model::DagId& dag) override {
    return All<model::HoleRow>("WHERE t.dag = ? ORDER BY t.first_end", {dag.str()});
  }

  base::Result<model::DagVersionRow> Version(const model::VersionId& version) override {
    return One<model::DagVersionRow>(
        "WHERE t.version = ?", {version.str()}, [&] { return NoVersion(version); });
  }

  base::Result<std::vector<model::DagVersionRow>> Versions(const model::DagId& dag) override {
    return All<model::DagVersionRow>("WHERE t.dag = ? ORDER BY t.created_at, t.version",
                                     {dag.str()});
  }

  base::Result<Page<model::RunRow>> Runs(const RunQuery& query) override {
    return ListRuns(database_, query);
  }

  base::Result<model::RunRow> Run(const model::RunKey& key) override {
    return One<model::RunRow>("WHERE t.dag = ? AND t.run = ?", {key.dag.str(), key.run.str()}, [&] {
      return NoRun(key);
    });
  }

  base::Result<std::optional<model::RunRow>> LatestRun(const model::DagId& dag) override {
    ASSIGN_OR_RETURN(
        auto rows,
        All<model::RunRow>("WHERE t.dag = ? ORDER BY t.run_no DESC LIMIT 1", {dag.str()}));
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
  }

  base::Result<std::optional<model::RunRow>> RunAt(const model::DagId& dag,
                                                   base::Time logical_date) override {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached(Cat(SelectSql<model::RunRow>(),
                                          " WHERE t.dag = ? AND t.logical_date = ? "
                                          "ORDER BY t.type IN ('manual', 'operator_triggered'), "
                                          "t.run_no DESC LIMIT 1")));
    statement->BindText(dag.str()).BindInt(base::ToMicros(logical_date));
    ASSIGN_OR_RETURN(auto rows, ReadRows<model::RunRow>(*statement));
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
  }

  base::Result<std::vector<RunCount>> CountRuns() override {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached("SELECT dag, state, count(*) FROM run GROUP BY dag, state "
                                      "ORDER BY dag, state"));
    std::vector<RunCount> counts;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more)
        break;
      RunCount& count = counts.emplace_back();
      count.dag = model::DagId(std::string(statement->Text(0)));
      count.runs = statement->Int(2);
      if (!internal::ParseEnum(statement->Text(1), count.state)) {
        statement->Reset();
        return base::Fail(base::ErrorCode::kCorrupt,
                          "the database holds a run state that was never written");
      }
    }
    statement->Reset();
    return counts;
  }

  base::Result<std::map<model::DagId, base::Time>> LastSuccesses() override {
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached("SELECT dag, max(end_date) FROM run WHERE state = 'success' AND end_date "
                         "IS NOT NULL GROUP BY dag"));
    std::map<model::DagId, base::Time> ends;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more)
        break;
      ends[model::DagId(std::string(statement->Text(0)))] = base::FromMicros(statement->Int(1));
    }
    statement->Reset();
    return ends;
  }

  base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run,
                                                const Instances& of) override {
    return OfRun<model::JobRow>(run, &of, "t.job, t.lane, t.idx");
  }

  base::Result<std::vector<model::MappingRow>> Mappings(const model::RunKey& run) override {
    return OfRun<model::MappingRow>(run, nullptr, "t.job, t.lane");
  }

  base::Result<std::vector<model::GroupTriesRow>> GroupTries(const model::RunKey& run) override {
    return OfRun<model::GroupTriesRow>(run, nullptr, "t.path, t.lane");
  }

  base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run,
                                                  const Instances& of) override {
    return OfRun<model::TaskRow>(run, &of, "t.job, t.lane, t.idx, t.task");
  }

  base::Result<std::vector<InstanceCount>> CountInstances(const model::RunKey& run) override {
    ASSIGN_OR_RETURN(const int64_t run_no, RunNo(database_, run));
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached(
            "SELECT job, lane, task, state, count(*) FROM task WHERE run_no = ? AND "
            "idx >= 0 GROUP BY job, lane, task, state ORDER BY job, lane, task, state"));
    statement->BindInt(run_no);
    std::vector<InstanceCount> counts;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more)
        break;
      InstanceCount& count = counts.emplace_back();
      count.job = model::JobId(statement->Text(0));
      count.lane = model::LaneId(statement->Text(1));
      count.task = static_cast<int>(statement->Int(2));
      count.instances = statement->Int(4);
      if (!internal::ParseEnum(statement->Text(3), count.state)) {
        statement->Reset();
        return base::Fail(base::ErrorCode::kCorrupt,
                          "the database holds a task state that was never written");
      }
    }
    statement->Reset();
    return counts;
  }

  base::Result<Page<model::TaskRow>> TasksOfRuns(const TaskQuery& query) override {
    return ListTasks(database_, query);
  }

  base::Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run,
                                                        const Instances& of) override {
    return OfRun<model::AttemptRow>(run, &of, "t.job, t.lane, t.idx, t.n");
  }

  base::Result<std::vector<model::OutputsRow>> Outputs(const model::RunKey& run) override {
    return OfRun<model::OutputsRow>(run, nullptr, "t.job, t.lane, t.idx, t.n");
  }

  base::Result<std::vector<model::CauseRow>> Causes(const model::RunKey& run) override {
    return OfRun<model::CauseRow>(run, nullptr, "t.job, t.lane, t.idx, t.n");
  }

  base::Result<std::vector<model::ProcessRow>> Processes(const model::RunKey& run) override {
    return OfRun<model::ProcessRow>(run, nullptr, "t.job, t.lane, t.idx, t.n");
  }

  base::Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run,
                                                       const Instances& of) override {
    return OfRun<model::LaunchRow>(run, &of, "t.job, t.lane, t.idx, t.n, t.launch_no, t.token");
  }

  base::Result<model::LaunchRow> Launch(const model::LaunchToken& token) override {
    return One<model::LaunchRow>(
        "WHERE t.token = ?", {token.str()}, [&] { return NoLaunch(token); });
  }

  base::Result<std::optional<base::Time>> FirstLaunchAt() override {
    // Launches are never deleted, and world time does not go back: the first row is the oldest.
    ASSIGN_OR_RETURN(const auto rows, All<model::LaunchRow>("ORDER BY t.rowid LIMIT 1"));
    return rows.empty() ? std::nullopt : std::optional<base::Time>(rows.front().created_at);
  }

  base::Result<Page<model::ClusterRow>> Clusters(const ClusterQuery& query) override {
    Listing list(FromSql<model::ClusterRow>(), query.limit, query.offset);
    if (query.live_only)
      list.Where(Cat("t.", kLiveCluster));
    if (query.dag.has_value())
      list.Where(
          "t.run_no IN (SELECT run_no FROM run WHERE dag = ? UNION ALL "
          "SELECT run_no FROM deleted_run WHERE dag = ?)",
          std::vector<Listing::Value>{query.dag->str(), query.dag->str()});
    if (!query.dags.empty())
      list.Where(Cat("t.run_no IN (SELECT run_no FROM run WHERE dag IN ",
                     kInList,
                     " UNION ALL SELECT run_no FROM deleted_run WHERE dag IN ",
                     kInList,
                     ")"),
                 std::vector<Listing::Value>{ListOf(query.dags), ListOf(query.dags)});
    if (!query.phases.empty() || !query.healths.empty())
      list.Where(Cat("((",
                     OneOf("t.phase", query.phases),
                     " AND (t.health = 'OK' OR NOT t.",
                     kLiveCluster,
                     ")) OR (",
                     OneOf("t.health", query.healths),
                     " AND t.",
                     kLiveCluster,
                     "))"));
    // The live ones are few: found by their index, then sorted ("+" keeps SQLite from walking all
    // of history in that order instead).
    list.OrderBy({{query.live_only ? "+t.cluster_no" : "t.cluster_no", true}});
    if (query.from) {
      ASSIGN_OR_RETURN(const int64_t no, ClusterNo(query.from->row.id));
      list.From({no}, query.from->is_backward);
    }
    return ReadPage<model::ClusterRow>(database_, list);
  }

  base::Result<std::vector<model::ClusterRow>> ClustersOf(const model::RunKey& run) override {
    return OfRun<model::ClusterRow>(run, nullptr, "t.cluster_no");
  }

  base::Result<model::ClusterRow> Cluster(const model::ClusterId& id) override {
    return One<model::ClusterRow>("WHERE t.id = ?", {id.str()}, [&] { return NoCluster(id); });
  }

  base::Result<std::vector<model::ClusterRow>> ClustersWithin(
      const base::Interval& interval) override {
    return All<model::ClusterRow>(
        base::Cat("WHERE t.run_no IS NOT NULL AND t.created_at < CAST(? AS INTEGER) AND (t.",
                  kLiveCluster,
                  " OR t.phase_seen_at >= CAST(? AS INTEGER)) ORDER BY t.id"),
        {std::to_string(base::ToMicros(interval.end)),
         std::to_string(base::ToMicros(interval.start))});
  }

  base::Result<std::vector<model::PoolRow>> Pools() override {
    return All<model::PoolRow>("ORDER BY t.pool");
  }

  base::Result<std::vector<model::BackfillRow>> Backfills(
      const std::optional<model::DagId>& dag) override {
    if (!dag)
      return All<model::BackfillRow>("ORDER BY t.id DESC");
    return All<model::BackfillRow>("WHERE t.dag = ? ORDER BY t.id DESC", {dag->str()});
  }

  base::Result<model::BackfillRow> Backfill(int64_t id) override {
    const std::string text = std::to_string(id);
    return One<model::BackfillRow>(
        "WHERE t.id = CAST(? AS INTEGER)", {text}, [&] { return NoBackfill(id); });
  }

  base::Result<std::vector<model::BackfillTickRow>> BackfillTicks(int64_t id) override {
    const std::string text = std::to_string(id);
    return All<model::BackfillTickRow>("WHERE t.backfill = CAST(? AS INTEGER) ORDER BY t.number",
                                       {text});
  }

  base::Result<std::vector<model::HoldRow>> Holds() override {
    return All<model::HoldRow>("ORDER BY t.id DESC");
  }

  base::Result<std::vector<model::RecordRow>> Records(model::RecordKind kind) override {
    return All<model::RecordRow>("WHERE t.kind = ? ORDER BY t.name", {std::string(ToString(kind))});
  }

  base::Result<std::vector<model::DeadlineRow>> Deadlines(const model::RunKey& run) override {
    return All<model::DeadlineRow>("WHERE t.dag = ? AND t.run = ? ORDER BY t.job, t.lane, t.name",
                                   {run.dag.str(), run.run.str()});
  }

  base::Result<std::vector<model::DeadlineRow>> PastDeadlines(int64_t limit) override {
    const std::string text = std::to_string(limit);
    return All<model::DeadlineRow>(
        "WHERE t.status NOT IN ('on_track', 'at_risk', 'late') "
        "ORDER BY t.due DESC, t.dag, t.run, t.job, t.lane, t.name LIMIT CAST(? AS INTEGER)",
        {text});
  }

  base::Result<std::vector<model::AssetRow>> Assets() override {
    return All<model::AssetRow>("ORDER BY t.id");
  }

  base::Result<Page<model::AssetEventRow>> AssetEvents(const AssetEventQuery& query) override {
    Listing list("asset_event t", query.limit, query.offset);
    if (query.asset)
      list.Where("t.asset = ?", *query.asset);
    if (query.dag)
      list.Where("t.dag = ?", query.dag->str());
    if (query.run)
      list.Where("t.run = ?", query.run->str());
    if (query.job)
      list.Where("t.job = ?", query.job->str());
    if (query.lane)
      list.Where("t.lane = ?", query.lane->str());
    if (query.from)
      list.Where("t.at >= ?", base::ToMicros(*query.from));
    if (query.until)
      list.Where("t.at <= ?", base::ToMicros(*query.until));
    if (query.after > 0)
      list.Where("t.id > ?", query.after);
    if (query.up_to)
      list.Where("t.id <= ?", *query.up_to);
    if (!query.dags.empty())
      list.Where(Cat("t.dag IN ", kInList), ListOf(query.dags));
    list.OrderBy({{"t.id", query.is_newest_first}});
    return ReadPage<model::AssetEventRow>(database_, list);
  }

  base::Result<std::vector<model::AssetQueueRow>> AssetQueues() override {
    return All<model::AssetQueueRow>("ORDER BY t.dag");
  }

  base::Result<std::vector<model::RunRow>> RunsOfAssets(int limit) override {
    const std::string most = std::to_string(limit);
    return All<model::RunRow>(
        "WHERE t.type = 'asset_triggered' ORDER BY t.run_no DESC LIMIT CAST(? AS INTEGER)", {most});
  }

  base::Result<std::vector<model::HistoryRow>> History(const HistoryQuery& query) override {
    const HistoryFilter filter = FilterOf(query);
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached(Cat(SelectSql<model::HistoryRow>(),
                                          filter.conditions,
                                          " ORDER BY t.seq",
                                          query.is_newest_first ? " DESC" : "",
                                          " LIMIT ? OFFSET ?")));
    Bind(*statement, filter);
    statement->BindInt(std::max(query.limit, 0)).BindInt(std::max(query.offset, 0));
    return ReadRows<model::HistoryRow>(*statement);
  }

  base::Result<int64_t> CountHistory(const HistoryQuery& query) override {
    const HistoryFilter filter = FilterOf(query);
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached(
            Cat("SELECT count(*) FROM (SELECT 1 FROM history t", filter.conditions, " LIMIT ?)")));
    Bind(*statement, filter);
    statement->BindInt(kCountedMax + 1);
    ASSIGN_OR_RETURN(const bool counted, statement->Step());
    const int64_t count = counted ? statement->Int(0) : 0;
    statement->Reset();
    return count;
  }

 private:
  template <typename Row>
  base::Result<std::vector<Row>> All(std::string_view rest,
                                     const std::vector<std::string_view>& values = {}) {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached(Cat(SelectSql<Row>(), " ", rest)));
    for (const std::string_view value : values)
      statement->BindText(value);
    return ReadRows<Row>(*statement);
  }

  template <typename Row, typename Absent>
  base::Result<Row> One(std::string_view where,
                        const std::vector<std::string_view>& values,
                        Absent absent) {
    ASSIGN_OR_RETURN(auto rows, All<Row>(where, values));
    if (rows.empty())
      return base::Fail(absent());
    return std::move(rows.front());
  }

  template <typename Row>
  base::Result<std::vector<Row>> OfRun(const model::RunKey& run,
                                       const Instances* of,
                                       std::string_view order) {
    std::string conditions = "WHERE r.dag = ? AND r.run = ?";
    std::vector<std::string_view> values{run.dag.str(), run.run.str()};
    const std::string first = of == nullptr ? "" : std::to_string(of->first);
    const std::string last = of == nullptr ? "" : std::to_string(of->last);
    if (of != nullptr) {
      if (of->job) {
        conditions += " AND t.job = ?";
        values.push_back(of->job->str());
      }
      if (of->lane) {
        conditions += " AND t.lane = ?";
        values.push_back(of->lane->str());
      }
      conditions += " AND t.idx BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)";
      values.push_back(first);
      values.push_back(last);
    }
    ASSIGN_OR_RETURN(auto rows, All<Row>(Cat(conditions, " ORDER BY ", order), values));
    if (rows.empty())
      RETURN_IF_ERROR(Run(run));  // no rows of it, or no such run?
    return rows;
  }

  base::Result<int64_t> ClusterNo(const model::ClusterId& id) {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached("SELECT cluster_no FROM cluster WHERE id = ?"));
    statement->BindText(id.str());
    ASSIGN_OR_RETURN(const bool found, statement->Step());
    if (!found)
      return base::Fail(NoCluster(id));
    const int64_t no = statement->Int(0);
    statement->Reset();
    return no;
  }

  sqlite::Database& database_;
};

class SqliteReadConnection : public ReadConnection {
 public:
  explicit SqliteReadConnection(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)), reader_(*database_) {}

  base::Status Read(const std::function<bool()>& give_up,
                    const std::function<void(Reader&)>& read) override {
    RETURN_IF_ERROR(database_->Execute("BEGIN"));
    database_->SetGiveUp(give_up);
    read(reader_);
    database_->SetGiveUp(nullptr);
    // Nothing was written; what could fail is the caller's next read.
    static_cast<void>(database_->Execute("COMMIT"));
    return {};
  }

 private:
  const std::unique_ptr<sqlite::Database> database_;
  SqliteReader reader_;
};

}  // namespace

std::unique_ptr<Reader> NewSqliteReader(sqlite::Database& database) {
  return std::make_unique<SqliteReader>(database);
}

base::Result<std::unique_ptr<ReadConnection>> OpenReadConnection(const std::string& path) {
  ASSIGN_OR_RETURN(auto database, sqlite::Database::Open(path, sqlite::Database::Mode::kReadOnly));
  return std::make_unique<SqliteReadConnection>(std::move(database));
}

}  // namespace store
