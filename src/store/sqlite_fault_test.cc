// The n-th write, sync or truncation of a commit fails, for every n: what the store then says must
// be true of what a crash at that moment would leave on the disk.

#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/sqlite_store.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::RunKeyOf;
using testing::SampleHistory;
using testing::SampleRun;
using Outcome = CommitResult::Outcome;

// A SQLite file system over the real one, in which one operation can be made to fail.
struct Faults {
  int countdown = 0;  // the operation that fails, counted from 1; 0: none
  int write_code = SQLITE_OK;
  bool sticky = false;  // so do all after it
};
Faults faults;

// SQLITE_OK, or how this operation fails.
int Fault(int code) {
  if (faults.countdown == 0)
    return SQLITE_OK;
  if (faults.countdown > 1) {
    --faults.countdown;
    return SQLITE_OK;
  }
  if (!faults.sticky)
    faults.countdown = 0;
  return code;
}

struct FaultFile {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file)->real();
}

sqlite3_vfs* real_vfs = nullptr;
sqlite3_io_methods methods;

int FaultyWrite(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  const int code = Fault(faults.write_code);
  if (code == SQLITE_OK)
    return Real(file)->pMethods->xWrite(Real(file), data, size, at);
  // Half of it may have reached the file all the same.
  Real(file)->pMethods->xWrite(Real(file), data, size / 2, at);
  return code;
}

void FillMethods() {
  using File = sqlite3_file*;
  methods.iVersion = 2;
  methods.xClose = [](File f) { return Real(f)->pMethods->xClose(Real(f)); };
  methods.xRead = [](File f, void* data, int size, sqlite3_int64 at) {
    return Real(f)->pMethods->xRead(Real(f), data, size, at);
  };
  methods.xWrite = FaultyWrite;
  methods.xTruncate = [](File f, sqlite3_int64 size) {
    const int code = Fault(SQLITE_IOERR_TRUNCATE);
    return code != SQLITE_OK ? code : Real(f)->pMethods->xTruncate(Real(f), size);
  };
  methods.xSync = [](File f, int flags) {
    const int code = Fault(SQLITE_IOERR_FSYNC);
    return code != SQLITE_OK ? code : Real(f)->pMethods->xSync(Real(f), flags);
  };
  methods.xFileSize = [](File f, sqlite3_int64* size) {
    return Real(f)->pMethods->xFileSize(Real(f), size);
  };
  methods.xLock = [](File f, int level) { return Real(f)->pMethods->xLock(Real(f), level); };
  methods.xUnlock = [](File f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); };
  methods.xCheckReservedLock = [](File f, int* out) {
    return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
  };
  methods.xFileControl = [](File f, int op, void* arg) {
    return Real(f)->pMethods->xFileControl(Real(f), op, arg);
  };
  methods.xSectorSize = [](File f) { return Real(f)->pMethods->xSectorSize(Real(f)); };
  methods.xDeviceCharacteristics = [](File f) {
    return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
  };
  methods.xShmMap = [](File f, int page, int size, int extend, void volatile** out) {
    return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
  };
  methods.xShmLock = [](File f, int offset, int n, int flags) {
    return Real(f)->pMethods->xShmLock(Real(f), offset, n, flags);
  };
  methods.xShmBarrier = [](File f) { Real(f)->pMethods->xShmBarrier(Real(f)); };
  methods.xShmUnmap = [](File f, int remove) {
    return Real(f)->pMethods->xShmUnmap(Real(f), remove);
  };
}

// The default file system while it lives.
class FaultyFileSystem {
 public:
  FaultyFileSystem() {
    real_vfs = sqlite3_vfs_find(nullptr);
    FillMethods();
    vfs_ = *real_vfs;
    vfs_.zName = "signalbox_faults";
    vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + real_vfs->szOsFile;
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      file->pMethods = nullptr;
      const int code = real_vfs->xOpen(real_vfs, name, Real(file), flags, out);
      if (Real(file)->pMethods != nullptr)
        file->pMethods = &methods;
      return code;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  FaultyFileSystem(const FaultyFileSystem&) = delete;
  FaultyFileSystem& operator=(const FaultyFileSystem&) = delete;
  ~FaultyFileSystem() {
    faults = {};
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_vfs, 1);
  }

 private:
  sqlite3_vfs vfs_{};
};

constexpr int kRows = 400;  // several pages, so that a commit writes several frames

std::vector<model::Change> BatchFrom(int64_t seq) {
  std::vector<model::Change> batch{SampleRun(RunKeyOf("d", "r"), static_cast<int>(seq))};
  for (int i = 0; i < kRows; ++i)
    batch.emplace_back(SampleHistory(seq + i));
  return batch;
}

// How much of the second batch stands there: all or nothing, in every table.
bool SecondBatchIsThere(const model::Snapshot& snapshot) {
  const bool there = snapshot.last_seq == 2 * kRows;
  EXPECT_TRUE(there || snapshot.last_seq == kRows) << snapshot.last_seq;
  EXPECT_EQ(snapshot.runs, std::vector{SampleRun(RunKeyOf("d", "r"), there ? kRows + 1 : 1)});
  return there;
}

struct Tally {
  int ok = 0, refused = 0, unknown = 0;
};

// True while there was an n-th operation to fail.
bool CommitWithFault(const Faults& wanted, Tally& tally) {
  const testing::TempDir dir(testing::FastParent());
  const SqliteOptions options{
      .path = dir.File("a.db"), .deployment = "demo", .reserve_bytes = 4096};
  const SqliteOptions crashed{
      .path = dir.File("b.db"), .deployment = "demo", .reserve_bytes = 4096};
  auto opened = OpenSqlite(options);
  if (!opened.has_value()) {
    ADD_FAILURE() << opened.error().message;
    return false;
  }
  Store& store = **opened;
  const int64_t epoch = store.Load(At(0))->identity.epoch;
  EXPECT_EQ(store.Commit(BatchFrom(1), epoch).outcome, Outcome::kOk);

  faults = wanted;
  const CommitResult result = store.Commit(BatchFrom(kRows + 1), epoch);
  const bool struck = faults.countdown == 0 || (faults.sticky && faults.countdown == 1);
  faults = {};
  for (const char* suffix : {"", "-wal"})
    std::filesystem::copy_file(options.path + suffix, crashed.path + suffix);

  auto after_crash = OpenSqlite(crashed);
  EXPECT_TRUE(after_crash.has_value());
  const bool there = SecondBatchIsThere(*(*after_crash)->Load(At(0)));
  switch (result.outcome) {
    case Outcome::kOk:
      ++tally.ok;
      EXPECT_TRUE(there);
      break;
    case Outcome::kRefused:
      ++tally.refused;
      EXPECT_FALSE(there) << result.reason;
      break;
    case Outcome::kUnknown:
      ++tally.unknown;
      break;
    case Outcome::kFenced:
      ADD_FAILURE() << result.reason;
      break;
  }
  // The store itself goes on after a Load, whichever way it went, and so it stays.
  const auto loaded = store.Load(At(0));
  if (!loaded.has_value()) {
    ADD_FAILURE() << loaded.error().message;
    return struck;
  }
  SecondBatchIsThere(*loaded);
  EXPECT_EQ(store.Commit(BatchFrom(loaded->last_seq + 1), loaded->identity.epoch).outcome,
            Outcome::kOk);
  opened->reset();
  opened = OpenSqlite(options);
  EXPECT_EQ((*opened)->Load(At(0))->last_seq, loaded->last_seq + kRows);
  return struck;
}

Tally Sweep(int write_code, bool sticky) {
  FaultyFileSystem file_system;
  Tally tally;
  int n = 1;
  while (CommitWithFault({.countdown = n, .write_code = write_code, .sticky = sticky}, tally) &&
         !::testing::Test::HasFailure())
    ++n;
  EXPECT_GT(n, 5);             // there was something to fail
  EXPECT_GT(tally.ok, 0);      // the last, where nothing failed
  EXPECT_GT(tally.unknown, 0)  // a failed fsync at least
      << tally.refused;
  return tally;
}

TEST(SqliteFaults, AFullDiskAtAnyWriteIsARefusal) {
  for (const bool sticky : {false, true})
    EXPECT_GT(Sweep(SQLITE_FULL, sticky).refused, 5);
}

TEST(SqliteFaults, AFailingDiskIsNeverTakenForASuccess) {
  for (const bool sticky : {false, true})
    Sweep(SQLITE_IOERR_WRITE, sticky);
}

}  // namespace
}  // namespace store
