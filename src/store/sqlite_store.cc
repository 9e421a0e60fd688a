#include "store/sqlite_store.h"

#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sqlite3.h>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "store/file_guard.h"
#include "store/file_watch.h"
#include "store/marker.h"
#include "store/migrations.h"
#include "store/refusals.h"
#include "store/sqlite.h"
#include "store/sqlite_delete.h"
#include "store/sqlite_load.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_rename.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_runs.h"

namespace store {

namespace {

using base::Cat;
using base::ErrorCode;
using Outcome = CommitResult::Outcome;

struct RunKeyHash {
  size_t operator()(const model::RunKey& key) const {
    return std::hash<model::DagId>()(key.dag) * 31 + std::hash<model::RunId>()(key.run);
  }
};

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path,
              FileLock lock,
              std::unique_ptr<FileWatch> files,
              std::unique_ptr<sqlite::Database> writer,
              std::unique_ptr<sqlite::Database> reading,
              Reserve reserve)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        files_(std::move(files)),
        writer_(std::move(writer)),
        reading_(std::move(reading)),
        reader_(NewSqliteReader(*reading_)),
        reserve_(std::move(reserve)) {}

  base::Result<model::Snapshot> Load(base::Time completed_since) override;
  base::Result<model::Snapshot> Reload(base::Time completed_since) override;
  CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override;
  bool ReleaseReserve() override { return reserve_.Release(); }
  bool HoldReserve() override { return reserve_.Hold(); }
  base::Status CheckFiles() override { return files_->Check(); }
  base::Status CheckSpace() override { return reserve_.CheckSpace(); }
  Reader& reader() override { return *reader_; }
  base::Result<std::unique_ptr<ReadConnection>> NewReadConnection() override {
    return OpenReadConnection(path_);
  }

 private:
  template <typename Row>
  struct Upsert {
    sqlite::Statement statement;
  };

  base::Status Run(const std::string& sql);
  base::Result<int64_t> Epoch();
  // REQUIRES: a transaction is open.
  base::Result<model::Snapshot> Read(base::Time completed_since);
  // Ends that transaction.
  base::Result<model::Snapshot> EndRead(base::Result<model::Snapshot> snapshot);
  CommitResult Abort(Outcome outcome, std::string reason);
  CommitResult FinishCommit();

  template <typename Row>
  base::Result<sqlite::Statement*> UpsertOf();
  template <typename Row>
  base::Status Put(const Row& row, std::optional<int64_t> run_no);
  base::Result<int64_t> RunNo(const model::RunKey& run);
  base::Error WhyRunRefused(const model::RunRow& row, base::Error error);

  base::Status Apply(const model::RunRow& row);
  base::Status Apply(const model::JobRow& row) { return PutOfRun(row, row.key.run); }
  base::Status Apply(const model::MappingRow& row) { return PutOfRun(row, row.key.run); }
  base::Status Apply(const model::GroupTriesRow& row) { return PutOfRun(row, row.key.run); }
  base::Status Apply(const model::TaskRow& row) { return PutOfRun(row, row.job.run); }
  base::Status Apply(const model::AttemptRow& row) { return PutOfRun(row, row.key.job.run); }
  base::Status Apply(const model::OutputsRow& row) { return PutOfRun(row, row.key.job.run); }
  base::Status Apply(const model::CauseRow& row) { return PutOfRun(row, row.key.job.run); }
  base::Status Apply(const model::TriggerRow& row) { return PutOfRun(row, row.key.job.run); }
  base::Status Apply(const model::ProcessRow& row) { return PutOfRun(row, row.key.job.run); }
  base::Status Apply(const model::LaunchRow& row) { return PutOfRun(row, row.attempt.job.run); }
  base::Status Apply(const model::ClusterRow& row);
  base::Status Apply(const model::CommandDone& done);
  base::Status Apply(const model::HistoryRow& row);
  base::Status Apply(const model::DagRenamed& renamed);
  base::Status Apply(const model::Deleted& deleted);
  base::Status Apply(const model::RecordDropped& dropped);
  base::Status Apply(const model::RecordRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::DagRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::HoleRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::DagVersionRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::PoolRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::LimitRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::SpendRulesRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::PoolTimeRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::DurationsRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::CommandRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::BackfillRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::BackfillTickRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::HoldRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::DeadlineRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::AssetRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::AssetEventRow& row) { return Put(row, std::nullopt); }
  base::Status Apply(const model::AssetQueueRow& row) { return Put(row, std::nullopt); }
  template <typename Row>
  base::Status PutOfRun(const Row& row, const model::RunKey& run) {
    ASSIGN_OR_RETURN(const int64_t run_no, RunNo(run));
    return Put(row, run_no);
  }

  // Destroyed in reverse: the lock goes last, the watch of the files before it, the writer after
  // the reader (the last connection to close writes the log back into the file, which a reading one
  // cannot).
  const std::string path_;
  FileLock lock_;
  std::unique_ptr<FileWatch> files_;
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<sqlite::Database> reading_;
  std::unique_ptr<Reader> reader_;
  Reserve reserve_;

  std::tuple<Upsert<model::DagRow>,
             Upsert<model::HoleRow>,
             Upsert<model::DagVersionRow>,
             Upsert<model::RunRow>,
             Upsert<model::JobRow>,
             Upsert<model::TaskRow>,
             Upsert<model::AttemptRow>,
             Upsert<model::LaunchRow>,
             Upsert<model::ClusterRow>,
             Upsert<model::PoolRow>,
             Upsert<model::LimitRow>,
             Upsert<model::SpendRulesRow>,
             Upsert<model::PoolTimeRow>,
             Upsert<model::DurationsRow>,
             Upsert<model::CommandRow>,
             Upsert<model::HistoryRow>,
             Upsert<model::BackfillRow>,
             Upsert<model::BackfillTickRow>,
             Upsert<model::HoldRow>,
             Upsert<model::DeadlineRow>,
             Upsert<model::MappingRow>,
             Upsert<model::GroupTriesRow>,
             Upsert<model::OutputsRow>,
             Upsert<model::CauseRow>,
             Upsert<model::TriggerRow>,
             Upsert<model::ProcessRow>,
             Upsert<model::AssetRow>,
             Upsert<model::AssetEventRow>,
             Upsert<model::AssetQueueRow>,
             Upsert<model::RecordRow>>
      upserts_;
  // Of live runs; others are looked up.
  std::unordered_map<model::RunKey, int64_t, RunKeyHash> run_nos_;
  int64_t last_seq_ = 0;

  // Of the transaction that is open.
  int64_t epoch_ = 0;
  std::vector<model::RunKey> new_runs_;    // to be forgotten if it is rolled back
  std::vector<model::RunKey> ended_runs_;  // to be forgotten once it is committed
};

base::Status SqliteStore::Run(const std::string& sql) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement, writer_->Cached(sql));
  return statement->Run();
}

base::Result<int64_t> SqliteStore::Epoch() {
  ASSIGN_OR_RETURN(sqlite::Statement * statement, writer_->Cached("SELECT epoch FROM meta"));
  ASSIGN_OR_RETURN(const bool found, statement->Step());
  const int64_t epoch = found ? statement->Int(0) : 0;
  statement->Reset();
  return epoch;
}

base::Result<model::Snapshot> SqliteStore::Load(base::Time completed_since) {
  RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
  base::Status begun = Run("UPDATE meta SET epoch = epoch + 1");
  return EndRead(begun ? Read(completed_since) : base::Fail(begun.error()));
}

base::Result<model::Snapshot> SqliteStore::Reload(base::Time completed_since) {
  RETURN_IF_ERROR(Run("BEGIN"));
  return EndRead(Read(completed_since));
}

base::Result<model::Snapshot> SqliteStore::EndRead(base::Result<model::Snapshot> snapshot) {
  base::Status ended = snapshot.has_value() ? Run("COMMIT") : base::Status();
  if (writer_->in_transaction())
    static_cast<void>(Run("ROLLBACK"));  // the first error is the one to tell
  if (!ended.has_value())
    return base::Fail(std::move(ended.error()));
  return snapshot;
}

base::Result<model::Snapshot> SqliteStore::Read(base::Time completed_since) {
  run_nos_.clear();
  ASSIGN_OR_RETURN(model::Snapshot snapshot, ReadSnapshot(*writer_, completed_since));
  for (const model::RunRow& run : snapshot.runs) {
    ASSIGN_OR_RETURN(const int64_t run_no, RunNo(run.key));
    run_nos_.emplace(run.key, run_no);
  }
  last_seq_ = snapshot.last_seq;
  RETURN_IF_ERROR(AddAssetEvents(reader(), snapshot));
  return snapshot;
}

CommitResult SqliteStore::Commit(const std::vector<model::Change>& batch, int64_t epoch) {
  if (base::Status begun = Run("BEGIN IMMEDIATE"); !begun.has_value())
    return {Outcome::kRefused, std::move(begun.error().message)};
  new_runs_.clear();
  ended_runs_.clear();
  epoch_ = epoch;
  const int64_t seq_before = last_seq_;
  auto current = Epoch();
  if (!current.has_value())
    return Abort(Outcome::kRefused, std::move(current.error().message));
  if (*current != epoch)
    return Abort(Outcome::kFenced, FencedReason(epoch, *current));
  for (const model::Change& change : batch) {
    base::Status applied = std::visit([this](const auto& row) { return Apply(row); }, change);
    if (!applied.has_value()) {
      last_seq_ = seq_before;
      return Abort(Outcome::kRefused, std::move(applied.error().message));
    }
  }
  CommitResult result = FinishCommit();
  if (result.outcome != Outcome::kOk)
    last_seq_ = seq_before;
  return result;
}

CommitResult SqliteStore::FinishCommit() {
  base::Status committed = Run("COMMIT");
  if (committed.has_value()) {
    for (const model::RunKey& run : ended_runs_)
      run_nos_.erase(run);
    return {};
  }
  // For want of space or of the lock nothing has reached the log as a commit. After any other error
  // (a failed fsync, say) a crash may still bring the batch back.
  const int code = writer_->last_code();
  const bool nothing_happened = code == SQLITE_FULL || code == SQLITE_BUSY;
  CommitResult result = Abort(nothing_happened ? Outcome::kRefused : Outcome::kUnknown,
                              std::move(committed.error().message));
  if (writer_->in_transaction())
    result.outcome = Outcome::kUnknown;
  return result;
}

CommitResult SqliteStore::Abort(Outcome outcome, std::string reason) {
  // SQLite has rolled back by itself after some errors.
  if (writer_->in_transaction())
    static_cast<void>(Run("ROLLBACK"));
  for (const model::RunKey& run : new_runs_)
    run_nos_.erase(run);
  return {outcome, std::move(reason)};
}

template <typename Row>
base::Result<sqlite::Statement*> SqliteStore::UpsertOf() {
  sqlite::Statement& statement = std::get<Upsert<Row>>(upserts_).statement;
  if (!statement.prepared()) {
    ASSIGN_OR_RETURN(statement, writer_->Prepare(UpsertSql<Row>()));
  }
  return &statement;
}

template <typename Row>
base::Status SqliteStore::Put(const Row& row, std::optional<int64_t> run_no) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement, UpsertOf<Row>());
  BindRow(*statement, row, run_no, epoch_);
  return statement->Run();
}

base::Result<int64_t> SqliteStore::RunNo(const model::RunKey& run) {
  if (const auto found = run_nos_.find(run); found != run_nos_.end())
    return found->second;
  return store::RunNo(*writer_, run);
}

base::Status SqliteStore::Apply(const model::RunRow& row) {
  if (base::Status put = Put(row, std::nullopt); !put.has_value())
    return base::Fail(WhyRunRefused(row, std::move(put.error())));
  if (!run_nos_.contains(row.key)) {
    ASSIGN_OR_RETURN(const int64_t run_no, RunNo(row.key));
    run_nos_.emplace(row.key, run_no);
    new_runs_.push_back(row.key);
  }
  // Its jobs and tasks may follow in the batch.
  if (model::IsTerminal(row.state))
    ended_runs_.push_back(row.key);
  return {};
}

base::Error SqliteStore::WhyRunRefused(const model::RunRow& row, base::Error error) {
  if (writer_->last_code() != SQLITE_CONSTRAINT || !row.logical_date.has_value())
    return error;
  auto holder = writer_->Cached(
      "SELECT run FROM run WHERE dag = ? AND logical_date = ? AND type IN ('scheduled', "
      "'backfill')");
  if (!holder.has_value())
    return error;
  sqlite::Statement& statement = **holder;
  statement.BindText(row.key.dag.str()).BindInt(base::ToMicros(*row.logical_date));
  auto found = statement.Step();
  if (!found.has_value() || !*found)
    return error;
  error = FireTaken(row, {row.key.dag, model::RunId(statement.Text(0))});
  statement.Reset();
  return error;
}

base::Status SqliteStore::Apply(const model::ClusterRow& row) {
  if (!row.attempt.has_value())
    return Put(row, std::nullopt);
  return PutOfRun(row, row.attempt->job.run);
}

base::Status SqliteStore::Apply(const model::CommandDone& done) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement,
                   writer_->Cached("DELETE FROM command WHERE aggregate = ? AND sequence = ?"));
  statement->BindText(done.aggregate).BindInt(done.sequence);
  return statement->Run();
}

base::Status SqliteStore::Apply(const model::RecordDropped& dropped) {
  ASSIGN_OR_RETURN(sqlite::Statement * statement,
                   writer_->Cached("DELETE FROM record WHERE kind = ? AND name = ?"));
  statement->BindText(ToString(dropped.id.kind)).BindText(dropped.id.name);
  return statement->Run();
}

base::Status SqliteStore::Apply(const model::HistoryRow& row) {
  if (row.seq != last_seq_ + 1)
    return base::Fail(HistoryGap(row.seq, last_seq_));
  RETURN_IF_ERROR(Put(row, std::nullopt));
  last_seq_ = row.seq;
  return {};
}

base::Status SqliteStore::Apply(const model::DagRenamed& renamed) {
  RETURN_IF_ERROR(RenameDag(*writer_, renamed));
  // The driver loads all rows again after a rename, which fills them; a rollback leaves nothing
  // wrong.
  run_nos_.clear();
  new_runs_.clear();
  return {};
}

base::Status SqliteStore::Apply(const model::Deleted& deleted) {
  // A rollback leaves nothing wrong: runs whose numbers are not here are looked up.
  std::erase_if(run_nos_, [&](const auto& item) {
    return item.first.dag == deleted.dag && (deleted.run.empty() || item.first.run == deleted.run);
  });
  return Delete(*writer_, deleted);
}

// Symbolic links resolved, so that one file has one lock. A path that cannot be resolved is left as
// it is: opening it tells why.
std::string Resolved(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

// Draws the identity of a new database; checks that of an old one.
base::Status Identify(sqlite::Database& database,
                      const std::string& path,
                      const std::string& deployment) {
  ASSIGN_OR_RETURN(sqlite::Statement read, database.Prepare("SELECT deployment FROM meta"));
  ASSIGN_OR_RETURN(const bool found, read.Step());
  if (found) {
    const std::string theirs = read.Text(0);
    if (theirs == deployment)
      return {};
    return base::Fail(ErrorCode::kConflict,
                      Cat("the database ",
                          path,
                          " belongs to the deployment \"",
                          theirs,
                          "\", and this is \"",
                          deployment,
                          "\": set the deployment's id back to \"",
                          theirs,
                          "\", or name another database"));
  }
  const std::string incarnation = base::Hex(base::RandomBytes(16));
  ASSIGN_OR_RETURN(sqlite::Statement insert,
                   database.Prepare("INSERT INTO meta(one, deployment, incarnation, epoch) "
                                    "VALUES(1, ?, ?, 0)"));
  insert.BindText(deployment).BindText(incarnation);
  return insert.Run();
}

bool IsMissingOrEmpty(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return !std::filesystem::exists(status) ||
         (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) == 0);
}

base::Error DatabaseLost(const std::string& path, const Marker& marker) {
  return {ErrorCode::kNotFound,
          Cat("the database ",
              path,
              " is missing or empty, and this state folder had one (incarnation ",
              marker.incarnation.substr(0, 6),
              "): put it back from a backup, or start with --new-database. A new database has no "
              "runs, and it does not adopt the clusters of the old one: those that still live are "
              "listed by `signalbox clusters list --orphans`, and `signalbox clusters reap` ends "
              "them")};
}

// Before SQLite makes a file, and deletes a log that has lost its database.
base::Status CheckIsExpected(const std::string& path,
                             const SqliteOptions& options,
                             const std::optional<Marker>& marker) {
  const bool is_new = IsMissingOrEmpty(path);
  if (options.new_database && !is_new)
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("the database ",
                          path,
                          " is there: --new-database is for one that is missing or empty. Start "
                          "without it, or move the database away first"));
  if (is_new && !IsMissingOrEmpty(path + "-wal"))
    return base::Fail(ErrorCode::kNotFound,
                      Cat("the database ",
                          path,
                          " is missing or empty, and its log ",
                          path,
                          "-wal is there: put the database back beside its log, or move the log "
                          "away and start with --new-database"));
  if (is_new && marker && !options.new_database)
    return base::Fail(DatabaseLost(path, *marker));
  return {};
}

base::Result<std::unique_ptr<sqlite::Database>> OpenWriter(const std::string& path,
                                                           const SqliteOptions& options,
                                                           const std::optional<Marker>& marker) {
  using sqlite::Database;
  ASSIGN_OR_RETURN(auto writer, Database::Open(path, Database::Mode::kReadWriteCreate));
  if (marker && !options.new_database) {
    ASSIGN_OR_RETURN(const bool is_empty, IsEmpty(*writer));
    if (is_empty)
      return base::Fail(DatabaseLost(path, *marker));
  }
  if (options.max_pages > 0)
    RETURN_IF_ERROR(writer->Execute(Cat("PRAGMA max_page_count=", options.max_pages)));
  // Before the journal mode, which is written into the file: another program's is left alone.
  RETURN_IF_ERROR(Migrate(*writer, path));
  ASSIGN_OR_RETURN(sqlite::Statement mode, writer->Prepare("PRAGMA journal_mode=WAL"));
  ASSIGN_OR_RETURN(const bool answered, mode.Step());
  if (!answered || mode.Text(0) != "wal")
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("the file system of the database ",
                          path,
                          " has no shared memory, which its log needs: put it on a local disk"));
  mode.Reset();
  // A rare checkpoint keeps the slowest commit short; a cache holds the live runs.
  RETURN_IF_ERROR(writer->Execute(
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000; PRAGMA cache_size=-65536"));
  RETURN_IF_ERROR(Identify(*writer, path, options.deployment));
  return writer;
}

// SQLite makes the others with the database's mode. Nobody has the file open yet: closing a
// descriptor drops the locks of this process.
void MakePrivateFrom(const std::string& path) {
  const int created = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (created >= 0)
    ::close(created);
  for (const std::string& open : MakeDatabasePrivate(path))
    base::LogWarning(
        "file_made_private",
        {{"path", open}, {"message", "others could read it; now its owner alone can"}});
}

// Best effort: a full disk still has its clusters to watch.
void KeepMarker(sqlite::Database& database,
                const std::string& path,
                const std::string& marker_path,
                const std::optional<Marker>& before) {
  auto read = database.Prepare("SELECT incarnation FROM meta");
  if (marker_path.empty() || !read.has_value() || !read->Step().value_or(false))
    return;
  const Marker marker{DatabaseName(path, marker_path), read->Text(0)};
  read->Reset();
  if (before == marker)
    return;
  if (before)
    base::LogWarning("database_changed",
                     {{"path", path},
                      {"message",
                       Cat("the incarnation was ",
                           before->incarnation.substr(0, 6),
                           " and is ",
                           marker.incarnation.substr(0, 6),
                           ": clusters of the other one are not adopted; see `signalbox clusters "
                           "list --orphans`")}});
  if (const base::Status written = WriteMarker(marker_path, marker); !written)
    base::LogWarning("marker", {{"message", written.error().message}});
}

}  // namespace

base::Result<std::unique_ptr<Store>> OpenSqlite(const SqliteOptions& options) {
  using sqlite::Database;
  const std::string path = Resolved(options.path);
  std::optional<Marker> marker = options.marker.empty() ? std::nullopt : ReadMarker(options.marker);
  if (marker && marker->database != DatabaseName(path, options.marker))
    marker = std::nullopt;  // somebody names another database
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(path));
  RETURN_IF_ERROR(CheckIsExpected(path, options, marker));
  MakePrivateFrom(path);
  ASSIGN_OR_RETURN(auto writer, OpenWriter(path, options, marker));
  ASSIGN_OR_RETURN(auto reading, Database::Open(path, Database::Mode::kReadOnly));
  KeepMarker(*writer, path, options.marker, marker);
  auto files = std::make_unique<FileWatch>(path);
  Reserve reserve(path, options.reserve_bytes);
  static_cast<void>(reserve.Hold());  // a full disk has none, and still its clusters to watch
  return std::make_unique<SqliteStore>(path,
                                       std::move(lock),
                                       std::move(files),
                                       std::move(writer),
                                       std::move(reading),
                                       std::move(reserve));
}

}  // namespace store
