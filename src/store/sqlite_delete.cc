#include "store/sqlite_delete.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace store {

namespace {

using base::Cat;

// Tables that have the column, but for those that keep what was done. Asked of the schema, so that
// none can be forgotten.
base::Result<std::vector<std::string>> TablesWith(sqlite::Database& database,
                                                  std::string_view column,
                                                  std::string_view kept) {
  ASSIGN_OR_RETURN(sqlite::Statement read,
                   database.Prepare(Cat("SELECT tables.name FROM sqlite_schema AS tables "
                                        "JOIN pragma_table_info(tables.name) AS columns "
                                        "WHERE tables.type = 'table' AND columns.name = '",
                                        column,
                                        "' AND tables.name NOT IN (",
                                        kept,
                                        ")")));
  std::vector<std::string> tables;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, read.Step());
    if (!found)
      return tables;
    tables.push_back(read.Text(0));
  }
}

base::Status Run(sqlite::Database& database,
                 const std::string& sql,
                 const std::vector<std::string>& values) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement, database.Cached(sql));
  for (const std::string& value : values)
    statement->BindText(value);
  return statement->Run();
}

// What was done at EMR goes to a deleted run's number: a run that is made later may get the number
// that this one had.
base::Status KeepWork(sqlite::Database& database,
                      int64_t run_no,
                      const model::RunKey& run,
                      int64_t number) {
  const std::string no = Cat(run_no);
  ASSIGN_OR_RETURN(const bool has_work, [&]() -> base::Result<bool> {
    ASSIGN_OR_RETURN(sqlite::Statement * read,
                     database.Cached("SELECT 1 FROM launch WHERE run_no = ?1 UNION ALL "
                                     "SELECT 1 FROM cluster WHERE run_no = ?1"));
    read->BindInt(run_no);
    ASSIGN_OR_RETURN(const bool found, read->Step());
    read->Reset();
    return found;
  }());
  if (!has_work)
    return {};
  RETURN_IF_ERROR(Run(database,
                      "INSERT INTO deleted_run(run_no, dag, run) "
                      "SELECT coalesce(min(run_no), 0) - 1, ?, ? FROM deleted_run",
                      {run.dag.str(), model::NameOfDeleted(run.run, number).str()}));
  for (const std::string_view table : {"launch", "cluster"})
    RETURN_IF_ERROR(Run(database,
                        Cat("UPDATE ",
                            table,
                            " SET run_no = (SELECT min(run_no) FROM deleted_run) "
                            "WHERE run_no = CAST(? AS INTEGER)"),
                        {no}));
  return {};
}

struct Numbered {
  int64_t run_no = 0;
  model::RunId run;
};

base::Result<std::vector<Numbered>> RunsOf(sqlite::Database& database,
                                           const model::Deleted& deleted) {
  ASSIGN_OR_RETURN(sqlite::Statement * read,
                   database.Cached("SELECT run_no, run FROM run WHERE dag = ?1 AND "
                                   "(?2 = '' OR run = ?2) ORDER BY run_no"));
  read->BindText(deleted.dag.str()).BindText(deleted.run.str());
  std::vector<Numbered> runs;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, read->Step());
    if (!found)
      break;
    runs.push_back({read->Int(0), model::RunId(read->Text(1))});
  }
  read->Reset();
  return runs;
}

}  // namespace

base::Status Delete(sqlite::Database& database, const model::Deleted& deleted) {
  ASSIGN_OR_RETURN(const auto of_runs,
                   TablesWith(database, "run_no", "'launch', 'cluster', 'deleted_run', 'run'"));
  ASSIGN_OR_RETURN(const std::vector<Numbered> runs, RunsOf(database, deleted));
  for (const auto& [run_no, run] : runs) {
    RETURN_IF_ERROR(KeepWork(database, run_no, {deleted.dag, run}, deleted.number));
    for (const std::string& table : of_runs)
      RETURN_IF_ERROR(Run(database,
                          Cat("DELETE FROM ", table, " WHERE run_no = CAST(? AS INTEGER)"),
                          {Cat(run_no)}));
  }
  RETURN_IF_ERROR(
      Run(database, "UPDATE meta SET deletions = CAST(? AS INTEGER)", {Cat(deleted.number)}));
  const std::string& dag = deleted.dag.str();
  if (!deleted.run.empty()) {
    const std::vector<std::string> key{dag, deleted.run.str()};
    RETURN_IF_ERROR(Run(database, "DELETE FROM deadline WHERE dag = ? AND run = ?", key));
    return Run(database, "DELETE FROM run WHERE dag = ? AND run = ?", key);
  }
  RETURN_IF_ERROR(Run(database,
                      "UPDATE meta SET deleted_backfill = max(deleted_backfill, coalesce((SELECT "
                      "max(id) FROM backfill WHERE dag = ?), 0))",
                      {dag}));
  RETURN_IF_ERROR(
      Run(database,
          "DELETE FROM backfill_tick WHERE backfill IN (SELECT id FROM backfill WHERE dag = ?)",
          {dag}));
  ASSIGN_OR_RETURN(const auto of_dags,
                   TablesWith(database, "dag", "'history', 'asset_event', 'deleted_run'"));
  for (const std::string& table : of_dags)
    RETURN_IF_ERROR(Run(database, Cat("DELETE FROM ", table, " WHERE dag = ?"), {dag}));
  return {};
}

}  // namespace store
