#include "store/sqlite_reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "model/limits.h"
#include "store/refusals.h"
#include "store/sqlite_rows.h"

namespace store {

namespace {

using base::Cat;

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

  base::Result<Page<model::RunRow>> Runs(const RunQuery& query) override {
    std::vector<std::string> conditions;
    std::vector<std::string_view> values;
    if (query.dag.has_value()) {
      conditions.emplace_back("t.dag = ?");
      values.emplace_back(query.dag->str());
    }
    if (!query.states.empty())
      conditions.push_back(OneOf("t.state", query.states));
    Page<model::RunRow> page;
    ASSIGN_OR_RETURN(page.total,
                     Count(Cat("SELECT count(*) FROM run t ", Where(conditions)), values));
    ASSIGN_OR_RETURN(page.rows, ListedRuns(Where(conditions), values, query));
    return page;
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

  base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run) override {
    return OfRun<model::JobRow>(run, "", "t.job, t.lane");
  }

  base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run) override {
    return OfRun<model::TaskRow>(run, "", "t.job, t.lane, t.task");
  }

  base::Result<Page<model::TaskRow>> TasksOfRuns(const TaskQuery& query) override {
    std::vector<std::string> conditions;
    std::vector<std::string_view> values;
    if (query.dag.has_value()) {
      conditions.emplace_back("r.dag = ?");
      values.emplace_back(query.dag->str());
    }
    if (query.run.has_value()) {
      conditions.emplace_back("r.run = ?");
      values.emplace_back(query.run->str());
    }
    if (!query.states.empty())
      conditions.push_back(OneOf("t.state", query.states));
    const int64_t counted =
        std::max(kCountedTasksMax, int64_t{query.offset} + int64_t{query.limit} + 1);
    Page<model::TaskRow> page;
    ASSIGN_OR_RETURN(page.total,
                     Count(Cat("SELECT count(*) FROM (SELECT 1 FROM task t "
                               "JOIN run r ON r.run_no = t.run_no ",
                               Where(conditions),
                               " LIMIT ?)"),
                           values,
                           counted));
    ASSIGN_OR_RETURN(page.rows,
                     Cut<model::TaskRow>(Where(conditions),
                                         values,
                                         "r.run_no DESC, t.job, t.lane, t.task",
                                         query.limit,
                                         query.offset));
    return page;
  }

  base::Result<std::vector<model::AttemptRow>> Attempts(const model::RunKey& run) override {
    return OfRun<model::AttemptRow>(run, "", "t.job, t.lane, t.n");
  }

  base::Result<std::vector<model::LaunchRow>> Launches(const model::RunKey& run) override {
    return OfRun<model::LaunchRow>(run, "", "t.job, t.lane, t.n, t.launch_no, t.token");
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
    std::vector<std::string> conditions;
    std::vector<std::string_view> values;
    if (query.live_only)
      conditions.push_back(Cat("t.", kLiveCluster));
    if (query.dag.has_value()) {
      conditions.emplace_back("t.run_no IN (SELECT run_no FROM run WHERE dag = ?)");
      values.emplace_back(query.dag->str());
    }
    if (!query.phases.empty() || !query.healths.empty())
      conditions.push_back(Cat("((",
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
    return PageOf<model::ClusterRow>(Where(conditions),
                                     values,
                                     query.live_only ? "+t.cluster_no" : "t.cluster_no",
                                     query.limit,
                                     query.offset);
  }

  base::Result<std::vector<model::ClusterRow>> ClustersOf(const model::RunKey& run) override {
    return OfRun<model::ClusterRow>(run, "", "t.cluster_no");
  }

  base::Result<model::ClusterRow> Cluster(const model::ClusterId& id) override {
    return One<model::ClusterRow>("WHERE t.id = ?", {id.str()}, [&] { return NoCluster(id); });
  }

  base::Result<std::vector<model::PoolRow>> Pools() override {
    return All<model::PoolRow>("ORDER BY t.pool");
  }

  base::Result<std::vector<model::HistoryRow>> History(int64_t after, int limit) override {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached(Cat(SelectSql<model::HistoryRow>(),
                                          " WHERE t.seq > ? ORDER BY t.seq LIMIT ?")));
    statement->BindInt(after).BindInt(std::max(limit, 0));
    return ReadRows<model::HistoryRow>(*statement);
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
                                       std::string_view join,
                                       std::string_view order) {
    ASSIGN_OR_RETURN(auto rows,
                     All<Row>(Cat(join, "WHERE r.dag = ? AND r.run = ? ORDER BY ", order),
                              {run.dag.str(), run.run.str()}));
    if (rows.empty())
      RETURN_IF_ERROR(Run(run));  // no rows of it, or no such run?
    return rows;
  }

  template <typename Row>
  base::Result<Page<Row>> PageOf(std::string_view where,
                                 const std::vector<std::string_view>& values,
                                 std::string_view number,
                                 int limit,
                                 int offset) {
    Page<Row> page;
    ASSIGN_OR_RETURN(
        page.total,
        Count(Cat("SELECT count(*) FROM ", Columns<Row>::kTable, " t ", where), values));
    ASSIGN_OR_RETURN(page.rows, Cut<Row>(where, values, Cat(number, " DESC"), limit, offset));
    return page;
  }

  template <typename State>
  static std::string OneOf(std::string_view column, const std::vector<State>& states) {
    // In one order and without repeats: each text is a statement that is kept.
    std::set<std::string> names;
    for (const State state : states)
      names.insert(Cat("'", ToString(state), "'"));
    return Cat(column, " IN (", base::Join({names.begin(), names.end()}, ", "), ")");
  }

  static std::string Where(const std::vector<std::string>& conditions) {
    return conditions.empty() ? "" : Cat("WHERE ", base::Join(conditions, " AND "));
  }

  base::Result<int64_t> Count(const std::string& sql,
                              const std::vector<std::string_view>& values,
                              std::optional<int64_t> last = std::nullopt) {
    ASSIGN_OR_RETURN(sqlite::Statement * count, database_.Cached(sql));
    for (const std::string_view value : values)
      count->BindText(value);
    if (last)
      count->BindInt(*last);
    ASSIGN_OR_RETURN(const bool counted, count->Step());
    const int64_t total = counted ? count->Int(0) : 0;
    count->Reset();
    return total;
  }

  template <typename Row>
  base::Result<std::vector<Row>> Cut(std::string_view where,
                                     const std::vector<std::string_view>& values,
                                     std::string_view order,
                                     int limit,
                                     int offset) {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached(Cat(
                         SelectSql<Row>(), " ", where, " ORDER BY ", order, " LIMIT ? OFFSET ?")));
    for (const std::string_view value : values)
      statement->BindText(value);
    statement->BindInt(std::max(limit, 0)).BindInt(std::max(offset, 0));
    return ReadRows<Row>(*statement);
  }

  // SQLite reads a large text, and steps over its pages to what stands behind it in the row, even
  // where only its length is asked for. So what is selected ends before conf; the rest follows row
  // by row, where conf is small.
  base::Result<std::vector<model::RunRow>> ListedRuns(std::string_view where,
                                                      const std::vector<std::string_view>& values,
                                                      const RunQuery& query) {
    std::string select =
        base::ReplaceAll(SelectSql<model::RunRow>(), "t.conf, t.triggered_by", "'', ''");
    select = base::ReplaceAll(select, " FROM ", ", t.run_no FROM ");
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached(Cat(select, " ", where, " ORDER BY t.run_no DESC LIMIT ? OFFSET ?")));
    for (const std::string_view value : values)
      statement->BindText(value);
    statement->BindInt(std::max(query.limit, 0)).BindInt(std::max(query.offset, 0));
    const int number_column = static_cast<int>(
        internal::NamesOf<model::RunRow>(internal::ColumnNames::For::kSelect).size());
    std::vector<model::RunRow> rows;
    std::vector<int64_t> numbers;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more)
        break;
      auto row = ReadRow<model::RunRow>(*statement);
      if (!row) {
        statement->Reset();
        return base::Fail(std::move(row.error()));
      }
      rows.push_back(*std::move(row));
      numbers.push_back(statement->Int(number_column));
    }
    RETURN_IF_ERROR(AddConfs(numbers, rows));
    return rows;
  }

  base::Status AddConfs(const std::vector<int64_t>& numbers, std::vector<model::RunRow>& rows) {
    ASSIGN_OR_RETURN(sqlite::Statement * statement,
                     database_.Cached("SELECT triggered_by, CASE WHEN ? THEN conf ELSE '' END "
                                      "FROM run WHERE run_no = ?"));
    sqlite::TextSizes sizes(database_, "run", "conf");
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSIGN_OR_RETURN(const int64_t size, sizes.Of(numbers[i]));
      if (size > static_cast<int64_t>(model::kConfBytesMax))
        continue;
      const bool is_listed = size <= static_cast<int64_t>(kListedConfMax);
      statement->BindInt(is_listed ? 1 : 0).BindInt(numbers[i]);
      ASSIGN_OR_RETURN(const bool found, statement->Step());
      if (found) {
        rows[i].triggered_by = statement->Text(0);
        rows[i].conf = statement->Text(1);
      }
      statement->Reset();
    }
    return {};
  }

  sqlite::Database& database_;
};

}  // namespace

std::unique_ptr<Reader> NewSqliteReader(sqlite::Database& database) {
  return std::make_unique<SqliteReader>(database);
}

}  // namespace store
