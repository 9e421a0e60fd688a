#pragma once

// A thin RAII layer over SQLite's C API: connections and prepared statements, base::Result for
// errors. Not here: schema, rows, transactions.
//
// Parameters are bound in order; columns are read by number from 0. Texts are borrowed, not copied:
// what was bound must live until the statement is reset.
//
// Thread rule: connections are opened without SQLite's mutexes; one thread uses them.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_blob;
struct sqlite3_stmt;

namespace store::sqlite {

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  bool prepared() const { return statement_ != nullptr; }

  Statement& BindInt(int64_t value);
  Statement& BindText(std::string_view borrowed);
  Statement& BindTextCopy(std::string_view text);
  Statement& BindNull();

  // True: there is a row to read. False: it is done, and reset. An error resets it, too.
  base::Result<bool> Step();
  // Steps to the end.
  base::Status Run();
  // Ends a read that is not wanted to its end, so that no read transaction stays open.
  void Reset();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  std::string Text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  int bind_code_ = 0;  // the first error of a bind; Step reports it
};

class Database {
 public:
  enum class Mode { kReadWriteCreate, kReadOnly };
  static base::Result<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);

  base::Status Execute(const std::string& sql);
  base::Result<Statement> Prepare(std::string_view sql);
  // A statement that is prepared at its first use and kept. It must be reset (or stepped to its
  // end) before the same text is asked for again.
  base::Result<Statement*> Cached(const std::string& sql);
  // The first column of the first row: for pragmas and counts.
  base::Result<int64_t> QueryInt(const std::string& sql);

  // While it is set it is asked every few thousand steps of a statement; true: that statement fails
  // with kUnavailable.
  void SetGiveUp(std::function<bool()> give_up);

  // SQLite's primary result code of the latest failed call.
  int last_code() const;
  sqlite3* connection() { return connection_.get(); }
  // Inside BEGIN … COMMIT.
  bool in_transaction() const;
  // The latest failed call as an error that names the file and the fix.
  base::Error LastError() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  Database(sqlite3* connection, std::string path)
      : connection_(connection), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, Close> connection_;
  std::string path_;
  std::function<bool()> give_up_;
  std::map<std::string, Statement, std::less<>> cached_;  // finalised before the connection closes
};

// The sizes of one column's texts, without reading them: large ones stand on pages of their own.
// While it lives a read transaction is open.
class TextSizes {
 public:
  // `table` and `column` must outlive it.
  TextSizes(Database& database, const char* table, const char* column)
      : database_(database), table_(table), column_(column) {}
  ~TextSizes();
  TextSizes(const TextSizes&) = delete;
  TextSizes& operator=(const TextSizes&) = delete;

  base::Result<int64_t> Of(int64_t rowid);

 private:
  Database& database_;
  const char* const table_;
  const char* const column_;
  sqlite3_blob* blob_ = nullptr;
};

}  // namespace store::sqlite
