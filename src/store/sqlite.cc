#include "store/sqlite.h"

#include <sqlite3.h>
#include <utility>

#include "base/text.h"

namespace store::sqlite {

namespace {

base::Error MakeError(const std::string& path, int code, std::string_view text) {
  using base::Cat;
  using base::ErrorCode;
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return {ErrorCode::kCorrupt,
              Cat(path,
                  " is not a database (",
                  text,
                  "): restore it from a backup, or move it away and start with --new-database")};
    case SQLITE_CORRUPT:
      return {ErrorCode::kCorrupt,
              Cat("the database ",
                  path,
                  " is damaged (",
                  text,
                  "): restore it from a backup, or move it away and start with --new-database")};
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable,
              Cat("no space left for the database ",
                  path,
                  " (",
                  text,
                  "): free space on its disk and try again")};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return {ErrorCode::kPermission,
              Cat("the database ",
                  path,
                  " cannot be written (",
                  text,
                  "): let this user write the file and its directory, or name another file")};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kConflict,
              Cat("the database ",
                  path,
                  " is locked by another program (",
                  text,
                  "): close that program and try again")};
    case SQLITE_IOERR:
      return {ErrorCode::kUnavailable,
              Cat("the disk under the database ",
                  path,
                  " failed (",
                  text,
                  "): look at the system's log for the device")};
    case SQLITE_INTERRUPT:
      return {
          ErrorCode::kUnavailable,
          "reading took too long and was given up: ask for less, with a filter or a smaller page"};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::kConflict, Cat("the database ", path, " refused a row: ", text)};
    default:
      return {ErrorCode::kInternal, Cat("the database ", path, ": ", text, " (SQLite ", code, ")")};
  }
}

base::Error ErrorOf(sqlite3* connection) {
  const char* path = sqlite3_db_filename(connection, "main");
  return MakeError(path == nullptr ? "" : path,
                   sqlite3_extended_errcode(connection),
                   sqlite3_errmsg(connection));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement& Statement::BindInt(int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), ++bound_, value);
  bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
  return *this;
}

Statement& Statement::BindText(std::string_view borrowed) {
  const int code = sqlite3_bind_text64(
      statement_.get(), ++bound_, borrowed.data(), borrowed.size(), SQLITE_STATIC, SQLITE_UTF8);
  bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
  return *this;
}

Statement& Statement::BindTextCopy(std::string_view text) {
  const int code = sqlite3_bind_text64(
      statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
  return *this;
}

Statement& Statement::BindNull() {
  const int code = sqlite3_bind_null(statement_.get(), ++bound_);
  bind_code_ = bind_code_ == SQLITE_OK ? code : bind_code_;
  return *this;
}

base::Result<bool> Statement::Step() {
  int code = std::exchange(bind_code_, SQLITE_OK);
  if (code == SQLITE_OK)
    code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  // The text and the extended code are the connection's: read before the reset.
  base::Error error = ErrorOf(sqlite3_db_handle(statement_.get()));
  Reset();
  return base::Fail(std::move(error));
}

base::Status Statement::Run() {
  while (true) {
    ASSIGN_OR_RETURN(const bool row, Step());
    if (!row)
      return {};
  }
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
  bind_code_ = SQLITE_OK;
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr)
    return "";
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close(connection);
}

namespace {

// Statistics of memory take one lock for all connections at each allocation: the thread that
// commits would wait for threads that only read.
void ConfigureOnce() {
  static const int kConfigured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kConfigured);
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  ConfigureOnce();
  const int access =
      mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &connection, access | SQLITE_OPEN_NOMUTEX, nullptr);
  if (connection == nullptr)
    return base::Fail(MakeError(path, code, sqlite3_errstr(code)));
  std::unique_ptr<Database> database(new Database(connection, path));
  if (code != SQLITE_OK)
    return base::Fail(database->LastError());
  sqlite3_extended_result_codes(connection, 1);
  // Another signalbox is kept out by a lock of its own (file_guard.h); this waits for a person's
  // sqlite3 shell.
  sqlite3_busy_timeout(connection, 2000);
  return database;
}

base::Status Database::Execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return base::Fail(LastError());
  return {};
}

base::Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection_.get(),
                         sql.data(),
                         static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT,
                         &statement,
                         nullptr) != SQLITE_OK)
    return base::Fail(LastError());
  return Statement(statement);
}

base::Result<Statement*> Database::Cached(const std::string& sql) {
  auto found = cached_.find(sql);
  if (found == cached_.end()) {
    ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
    found = cached_.emplace(sql, std::move(statement)).first;
  }
  return &found->second;
}

TextSizes::~TextSizes() {
  sqlite3_blob_close(blob_);
}

base::Result<int64_t> TextSizes::Of(int64_t rowid) {
  // Opening costs several times what moving on does.
  const int code =
      blob_ == nullptr
          ? sqlite3_blob_open(database_.connection(), "main", table_, column_, rowid, 0, &blob_)
          : sqlite3_blob_reopen(blob_, rowid);
  if (code != SQLITE_OK)
    return base::Fail(database_.LastError());
  return sqlite3_blob_bytes(blob_);
}

base::Result<int64_t> Database::QueryInt(const std::string& sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Int(0) : 0;
}

void Database::SetGiveUp(std::function<bool()> give_up) {
  constexpr int kSteps = 5000;  // well below a millisecond
  give_up_ = std::move(give_up);
  auto ask = [](void* self) { return static_cast<Database*>(self)->give_up_() ? 1 : 0; };
  sqlite3_progress_handler(connection_.get(), kSteps, give_up_ ? +ask : nullptr, this);
}

int Database::last_code() const {
  return sqlite3_errcode(connection_.get()) & 0xff;
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

base::Error Database::LastError() const {
  return MakeError(
      path_, sqlite3_extended_errcode(connection_.get()), sqlite3_errmsg(connection_.get()));
}

}  // namespace store::sqlite
