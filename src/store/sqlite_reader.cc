#include "store/sqlite_reader.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
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
    if (!query.states.empty()) {
      std::vector<std::string> names;
      for (const model::RunState state : query.states)
        names.push_back(Cat("'", ToString(state), "'"));
      conditions.push_back(Cat("t.state IN (", base::Join(names, ", "), ")"));
    }
    const std::string where =
        conditions.empty() ? "" : Cat("WHERE ", base::Join(conditions, " AND "));
    return PageOf<model::RunRow>(where, values, "t.run_no", query.limit, query.offset);
  }

  base::Result<model::RunRow> Run(const model::RunKey& key) override {
    return One<model::RunRow>("WHERE t.dag = ? AND t.run = ?", {key.dag.str(), key.run.str()}, [&] {
      return NoRun(key);
    });
  }

  base::Result<std::vector<model::JobRow>> Jobs(const model::RunKey& run) override {
    return OfRun<model::JobRow>(run, "", "t.job, t.lane");
  }

  base::Result<std::vector<model::TaskRow>> Tasks(const model::RunKey& run) override {
    return OfRun<model::TaskRow>(run, "", "t.job, t.lane, t.task");
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
    // The live ones are few: found by their index, then sorted ("+" keeps SQLite from walking all
    // of history in that order instead).
    if (query.live_only)
      return PageOf<model::ClusterRow>(
          Cat("WHERE t.", kLiveCluster), {}, "+t.cluster_no", query.limit, query.offset);
    return PageOf<model::ClusterRow>("", {}, "t.cluster_no", query.limit, query.offset);
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
        sqlite::Statement * count,
        database_.Cached(Cat("SELECT count(*) FROM ", Columns<Row>::kTable, " t ", where)));
    for (const std::string_view value : values)
      count->BindText(value);
    ASSIGN_OR_RETURN(const bool counted, count->Step());
    page.total = counted ? count->Int(0) : 0;
    count->Reset();
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached(
            Cat(SelectSql<Row>(), " ", where, " ORDER BY ", number, " DESC LIMIT ? OFFSET ?")));
    for (const std::string_view value : values)
      statement->BindText(value);
    statement->BindInt(std::max(limit, 0)).BindInt(std::max(offset, 0));
    ASSIGN_OR_RETURN(page.rows, ReadRows<Row>(*statement));
    return page;
  }

  sqlite::Database& database_;
};

}  // namespace

std::unique_ptr<Reader> NewSqliteReader(sqlite::Database& database) {
  return std::make_unique<SqliteReader>(database);
}

}  // namespace store
