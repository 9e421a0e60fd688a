#pragma once

// Rows to and from SQLite: the SQL texts of a row type, binding a row to its upsert, reading rows
// of a select. Built on the column lists in sqlite_columns.h.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "model/rows.h"
#include "store/sqlite.h"
#include "store/sqlite_columns.h"

namespace store {

// What is live, word for word as in the partial indexes of migrations.cc: only then SQLite uses
// them.
constexpr std::string_view kLiveRun = "state IN ('queued', 'running')";
constexpr std::string_view kLiveProcess = "state IN ('wanted', 'running')";
constexpr std::string_view kLiveLaunch = "state IN ('intent', 'unknown')";
constexpr std::string_view kLiveCluster =
    "phase IN ('STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING')";

namespace internal {

// Texts of the persisted enums and lists.
std::string_view EnumText(auto value) {
  return ToString(value);
}
std::string_view EnumText(model::CommandKind kind);
bool ParseEnum(std::string_view text, model::RunState& out);
bool ParseEnum(std::string_view text, model::RunType& out);
bool ParseEnum(std::string_view text, model::TriggerState& out);
bool ParseEnum(std::string_view text, model::ProcessState& out);
bool ParseEnum(std::string_view text, model::TaskState& out);
bool ParseEnum(std::string_view text, model::ClusterPhase& out);
bool ParseEnum(std::string_view text, model::ClusterHealth& out);
bool ParseEnum(std::string_view text, model::LaunchState& out);
bool ParseEnum(std::string_view text, model::VerdictClass& out);
bool ParseEnum(std::string_view text, model::CommandKind& out);
bool ParseEnum(std::string_view text, model::HoleReason& out);
bool ParseEnum(std::string_view text, model::EndNote& out);
bool ParseEnum(std::string_view text, model::EntityKind& out);
bool ParseEnum(std::string_view text, model::DeadlineStatus& out);
bool ParseEnum(std::string_view text, model::Reprocess& out);
bool ParseEnum(std::string_view text, model::TickOutcome& out);
bool ParseEnum(std::string_view text, model::HoldScope& out);
bool ParseEnum(std::string_view text, model::Market& out);
bool ParseEnum(std::string_view text, model::RecordKind& out);
std::string ListText(const std::vector<model::StepView>& steps);
std::string ListText(const std::vector<model::FleetView>& fleets);
std::string ListText(const std::vector<model::SchedulePeriod>& periods);
std::string ListText(const std::vector<model::UpstreamWait>& waits);
std::string ListText(const std::vector<base::Time>& times);
std::string ListText(const std::vector<model::TakenEvents>& taken);
std::string ListText(const std::vector<model::QueuedAsset>& assets);
std::string ListText(const std::vector<model::PastAttempt>& attempts);
std::string ListText(const std::vector<model::Price>& prices);
bool ParseList(std::string_view text, std::vector<model::StepView>& out);
bool ParseList(std::string_view text, std::vector<model::FleetView>& out);
bool ParseList(std::string_view text, std::vector<model::SchedulePeriod>& out);
bool ParseList(std::string_view text, std::vector<model::UpstreamWait>& out);
bool ParseList(std::string_view text, std::vector<base::Time>& out);
bool ParseList(std::string_view text, std::vector<model::TakenEvents>& out);
bool ParseList(std::string_view text, std::vector<model::QueuedAsset>& out);
bool ParseList(std::string_view text, std::vector<model::PastAttempt>& out);
bool ParseList(std::string_view text, std::vector<model::Price>& out);

// The names of the columns: as they are written, or as a select gives them to RowReader.
class ColumnNames {
 public:
  enum class For { kWrite, kSelect };
  ColumnNames(For purpose, RunJoin join) : purpose_(purpose), join_(join) {}

  void operator()(std::string_view column, const auto&) { Add(column); }
  void Run(const model::RunKey&) {
    if (purpose_ == For::kWrite) {
      Add("run_no");
    } else if (join_ == RunJoin::kAlsoDeleted) {
      names_.emplace_back("coalesce(r.dag, d.dag)");
      names_.emplace_back("coalesce(r.run, d.run)");
    } else {
      names_.emplace_back("r.dag");
      names_.emplace_back("r.run");
    }
  }
  void Attempt(const std::optional<model::AttemptKey>&) {
    Run({});
    Add("job");
    Add("lane");
    Add("idx");
    Add("n");
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  void Add(std::string_view column) {
    names_.push_back(base::Cat(purpose_ == For::kWrite ? "" : "t.", column));
  }
  For purpose_;
  RunJoin join_;
  std::vector<std::string> names_;
};

template <typename Row>
std::vector<std::string> NamesOf(ColumnNames::For purpose) {
  ColumnNames names(purpose, kRunJoin<Row>);
  const Row row{};
  Columns<Row>::Visit(names, row);
  return names.names();
}

// Binds a row's fields. The row must live until the statement is reset.
class RowBinder {
 public:
  RowBinder(sqlite::Statement& statement, std::optional<int64_t> run_no)
      : statement_(statement), run_no_(run_no) {}

  void operator()(std::string_view, const auto& field) { Bind(field); }
  void Run(const model::RunKey&) { Bind(run_no_); }
  void Attempt(const std::optional<model::AttemptKey>& attempt) {
    Bind(run_no_);
    if (attempt.has_value()) {
      Bind(attempt->job.job);
      Bind(attempt->job.lane);
      Bind(attempt->job.index);
      Bind(attempt->n);
    } else {
      statement_.BindNull().BindNull().BindNull().BindNull();
    }
  }

 private:
  void Bind(const std::string& value) { statement_.BindText(value); }
  template <typename Tag>
  void Bind(const base::StrongId<Tag>& id) {
    statement_.BindText(id.str());
  }
  void Bind(std::integral auto value) { statement_.BindInt(value); }
  void Bind(base::Time time) { statement_.BindInt(base::ToMicros(time)); }
  void Bind(base::Duration span) { statement_.BindInt(span.count()); }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void Bind(Enum value) {
    statement_.BindText(EnumText(value));
  }
  template <typename T>
  void Bind(const std::optional<T>& value) {
    if (value.has_value())
      Bind(*value);
    else
      statement_.BindNull();
  }
  template <typename T>
  void Bind(const std::vector<T>& list) {
    statement_.BindTextCopy(ListText(list));
  }

  sqlite::Statement& statement_;
  std::optional<int64_t> run_no_;
};

// Reads the fields of the row that a statement stands on.
class RowReader {
 public:
  RowReader(const sqlite::Statement& statement, int first) : statement_(statement), at_(first) {}

  void operator()(std::string_view column, auto& field) { Read(column, field); }
  void Run(model::RunKey& key) {
    Read("dag", key.dag);
    Read("run", key.run);
  }
  void Attempt(std::optional<model::AttemptKey>& attempt) {
    if (statement_.IsNull(at_)) {
      at_ += 6;  // dag, run, job, lane, idx, n
      return;
    }
    attempt.emplace();
    Run(attempt->job.run);
    Read("job", attempt->job.job);
    Read("lane", attempt->job.lane);
    Read("idx", attempt->job.index);
    Read("n", attempt->n);
  }
  // The first column that held what this program never writes; "" where all was well.
  std::string_view damaged() const { return damaged_; }

 private:
  void Read(std::string_view, std::string& out) { out = statement_.Text(at_++); }
  template <typename Tag>
  void Read(std::string_view, base::StrongId<Tag>& out) {
    out = base::StrongId<Tag>(statement_.Text(at_++));
  }
  template <std::integral T>
  void Read(std::string_view, T& out) {
    out = static_cast<T>(statement_.Int(at_++));
  }
  void Read(std::string_view, base::Time& out) { out = base::FromMicros(statement_.Int(at_++)); }
  void Read(std::string_view, base::Duration& out) { out = base::Duration(statement_.Int(at_++)); }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void Read(std::string_view column, Enum& out) {
    if (!ParseEnum(statement_.Text(at_++), out))
      damaged_ = column;
  }
  template <typename T>
  void Read(std::string_view column, std::optional<T>& out) {
    if (statement_.IsNull(at_))
      ++at_;
    else
      Read(column, out.emplace());
  }
  template <typename T>
  void Read(std::string_view column, std::vector<T>& out) {
    if (!ParseList(statement_.Text(at_++), out))
      damaged_ = column;
  }

  const sqlite::Statement& statement_;
  int at_;
  std::string_view damaged_;
};

}  // namespace internal

// Inserts a row or replaces it by its key. An immutable row that is there stays as it is, except
// history, where a second row of one seq is an error.
template <typename Row>
std::string UpsertSql() {
  std::vector<std::string> names = internal::NamesOf<Row>(internal::ColumnNames::For::kWrite);
  const std::string keys = base::Join({names.begin(), names.begin() + Columns<Row>::kKeys}, ", ");
  std::string update;
  for (size_t i = Columns<Row>::kKeys; i < names.size(); ++i)
    update += base::Cat(names[i], "=excluded.", names[i], ", ");
  if constexpr (!kImmutable<Row>)
    names.emplace_back("epoch");
  std::string places = base::Join(std::vector<std::string>(names.size(), "?"), ", ");
  if constexpr (!kImmutable<Row>) {
    names.emplace_back("row_version");
    places += ", 1";
    update += "epoch=excluded.epoch, row_version=row_version + 1";
  }
  std::string sql = base::Cat(
      "INSERT INTO ", Columns<Row>::kTable, "(", base::Join(names, ", "), ") VALUES(", places, ")");
  if constexpr (!kImmutable<Row>)
    sql += base::Cat(" ON CONFLICT(", keys, ") DO UPDATE SET ", update);
  else if constexpr (std::same_as<Row, model::DagVersionRow>)
    sql += base::Cat(" ON CONFLICT(", keys, ") DO NOTHING");
  return sql;
}

template <typename Row>
void BindRow(sqlite::Statement& statement,
             const Row& row,
             std::optional<int64_t> run_no,
             int64_t epoch) {
  internal::RowBinder binder(statement, run_no);
  Columns<Row>::Visit(binder, row);
  if constexpr (!kImmutable<Row>)
    statement.BindInt(epoch);
}

// "table t [JOIN run r …]".
template <typename Row>
std::string FromSql() {
  std::string sql = base::Cat(Columns<Row>::kTable, " t");
  if constexpr (kRunJoin<Row> == RunJoin::kAlways)
    sql += " JOIN run r ON r.run_no = t.run_no";
  else if constexpr (kRunJoin<Row> == RunJoin::kAlsoDeleted)
    sql += " LEFT JOIN run r ON r.run_no = t.run_no LEFT JOIN deleted_run d ON d.run_no = t.run_no";
  return sql;
}

// "SELECT … FROM table t [JOIN run r …]"; the rest is the caller's.
template <typename Row>
std::string SelectSql() {
  return base::Cat("SELECT ",
                   base::Join(internal::NamesOf<Row>(internal::ColumnNames::For::kSelect), ", "),
                   " FROM ",
                   FromSql<Row>());
}

// The row that the statement stands on; its columns begin with number `first`.
template <typename Row>
base::Result<Row> ReadRow(const sqlite::Statement& statement, int first = 0) {
  Row row{};
  internal::RowReader reader(statement, first);
  Columns<Row>::Visit(reader, row);
  if (!reader.damaged().empty())
    return base::Fail(base::ErrorCode::kCorrupt,
                      base::Cat("the database holds a value that was never written, in ",
                                Columns<Row>::kTable,
                                ".",
                                reader.damaged()));
  return row;
}

template <typename Row>
base::Result<std::vector<Row>> ReadRows(sqlite::Statement& statement) {
  std::vector<Row> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more)
      return rows;
    auto row = ReadRow<Row>(statement);
    if (!row.has_value()) {
      statement.Reset();
      return base::Fail(std::move(row.error()));
    }
    rows.push_back(std::move(*row));
  }
}

}  // namespace store
