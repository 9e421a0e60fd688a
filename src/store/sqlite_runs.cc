#include "store/sqlite_runs.h"

#include <string_view>
#include <utility>

#include "model/limits.h"
#include "store/refusals.h"
#include "store/run_order.h"
#include "store/sqlite_list.h"
#include "store/sqlite_rows.h"

namespace store {

namespace {

using base::Cat;

std::string_view NameOf(RunColumn column) {
  switch (column) {
    case RunColumn::kId:
      return "t.run_no";
    case RunColumn::kDag:
      return "t.dag";
    case RunColumn::kRun:
      return "t.run";
    case RunColumn::kState:
      return "t.state";
    case RunColumn::kLogicalDate:
      return "t.logical_date";
    case RunColumn::kRunAfter:
      return "t.run_after";
    case RunColumn::kStartDate:
      return "t.start_date";
    case RunColumn::kEndDate:
      return "t.end_date";
    case RunColumn::kDuration:
      return "(t.end_date - t.start_date)";
    case RunColumn::kTriggeredBy:
      return "(CASE WHEN t.type NOT IN ('scheduled', 'operator_triggered') THEN t.triggered_by "
             "END)";
  }
  return "";
}

bool MayBeNull(RunColumn column) {
  return column == RunColumn::kLogicalDate || column == RunColumn::kStartDate ||
         column == RunColumn::kEndDate || column == RunColumn::kDuration ||
         column == RunColumn::kTriggeredBy;
}

base::Status PutOrder(sqlite::Database& database, const RunQuery& query, Listing& list) {
  const std::vector<RunOrder> order = WholeOrder(query.order);
  std::vector<Listing::Term> terms;
  for (const RunOrder& part : order)
    terms.push_back({std::string(NameOf(part.column)), part.is_descending, MayBeNull(part.column)});
  list.OrderBy(std::move(terms));
  if (!query.from)
    return {};
  ASSIGN_OR_RETURN(const int64_t run_no, RunNo(database, query.from->row.key));
  std::vector<Listing::Value> edge;
  for (const RunOrder& part : order)
    edge.push_back(part.column == RunColumn::kId ? Listing::Value(run_no)
                                                 : ValueOf(query.from->row, part.column));
  list.From(std::move(edge), query.from->is_backward);
  return {};
}

base::Result<std::vector<int64_t>> Numbers(sqlite::Database& database, const Listing& list) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, list.Prepare(database, {"t.run_no"}));
  std::vector<int64_t> numbers;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more)
      break;
    numbers.push_back(statement.Int(0));
  }
  list.PutInOrder(numbers);
  return numbers;
}

// SQLite reads a large text, and steps over its pages to what stands behind it in the row, even
// where only its length is asked for. So what is selected ends before conf; the rest follows where
// conf is small.
class ListedRuns {
 public:
  explicit ListedRuns(sqlite::Database& database)
      : database_(database), sizes_(database, "run", "conf") {}

  base::Result<model::RunRow> Read(int64_t number) {
    static const std::string kSelect =
        Cat(base::ReplaceAll(
                SelectSql<model::RunRow>(), "t.conf, t.triggered_by, t.marked", "'', '', NULL"),
            " WHERE t.run_no = ?");
    ASSIGN_OR_RETURN(sqlite::Statement * statement, database_.Cached(kSelect));
    statement->BindInt(number);
    ASSIGN_OR_RETURN(const bool found, statement->Step());
    if (!found)
      return base::Fail(base::ErrorCode::kInternal, "a run that was listed is not there");
    auto row = ReadRow<model::RunRow>(*statement);
    statement->Reset();
    if (row)
      RETURN_IF_ERROR(AddConf(number, *row));
    return row;
  }

 private:
  base::Status AddConf(int64_t number, model::RunRow& row) {
    ASSIGN_OR_RETURN(const int64_t size, sizes_.Of(number));
    if (size > static_cast<int64_t>(model::kConfBytesMax))
      return {};
    ASSIGN_OR_RETURN(
        sqlite::Statement * statement,
        database_.Cached("SELECT triggered_by, marked, CASE WHEN ? THEN conf ELSE '' END "
                         "FROM run WHERE run_no = ?"));
    const bool is_listed = size <= static_cast<int64_t>(kListedConfMax);
    statement->BindInt(is_listed ? 1 : 0).BindInt(number);
    ASSIGN_OR_RETURN(const bool found, statement->Step());
    if (found) {
      row.triggered_by = statement->Text(0);
      if (!statement->IsNull(1))
        row.marked = model::ParseRunState(statement->Text(1));
      row.conf = statement->Text(2);
    }
    statement->Reset();
    return {};
  }

  sqlite::Database& database_;
  sqlite::TextSizes sizes_;
};

}  // namespace

base::Result<int64_t> RunNo(sqlite::Database& database, const model::RunKey& run) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement,
                   database.Cached("SELECT run_no FROM run WHERE dag = ? AND run = ?"));
  statement->BindText(run.dag.str()).BindText(run.run.str());
  ASSIGN_OR_RETURN(const bool found, statement->Step());
  if (!found)
    return base::Fail(NoRun(run));
  const int64_t run_no = statement->Int(0);
  statement->Reset();
  return run_no;
}

base::Result<Page<model::RunRow>> ListRuns(sqlite::Database& database, const RunQuery& query) {
  Listing list("run t", query.limit, query.offset);
  if (query.dag.has_value())
    list.Where("t.dag = ?", query.dag->str());
  if (!query.states.empty())
    list.Where(OneOf("t.state", query.states));
  if (!query.types.empty())
    list.Where(OneOf("t.type", query.types));
  list.WhereOneOf("t.dag", query.dags);
  for (const auto& range : query.ranges)
    list.WhereIn(NameOf(range.column), range.from, range.until);
  for (const auto& match : query.matches)
    list.WhereFits(NameOf(match.column), match.any_of);
  RETURN_IF_ERROR(PutOrder(database, query, list));
  Page<model::RunRow> page;
  ASSIGN_OR_RETURN(page.total, list.Count(database));
  ASSIGN_OR_RETURN(const auto numbers, Numbers(database, list));
  ListedRuns runs(database);
  for (const int64_t number : numbers) {
    ASSIGN_OR_RETURN(model::RunRow row, runs.Read(number));
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace store
