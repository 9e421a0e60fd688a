// What guards the database: the watch over its files, the marker in the state folder, the modes.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/file_guard.h"
#include "store/marker.h"
#include "store/sqlite.h"
#include "store/sqlite_store.h"
#include "store/test_support.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::SampleHistory;

class GuardTest : public ::testing::Test {
 protected:
  GuardTest() { Open(); }

  base::Status TryToOpen() {
    store_ = nullptr;
    auto opened = OpenSqlite(options_);
    if (!opened)
      return base::Fail(opened.error());
    store_ = std::move(*opened);
    epoch_ = store_->Load({})->identity.epoch;
    return {};
  }
  void Open() {
    const base::Status opened = TryToOpen();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }
  void Write(int64_t seq) {
    ASSERT_EQ(store_->Commit({SampleHistory(seq)}, epoch_).outcome, CommitResult::Outcome::kOk);
  }
  // What another program does with the open database.
  void Outside(const std::string& sql) {
    auto other = sqlite::Database::Open(path_, sqlite::Database::Mode::kReadWriteCreate);
    ASSERT_TRUE(other.has_value());
    auto statement = (*other)->Prepare(sql);
    ASSERT_TRUE(statement.has_value()) << statement.error().message;
    ASSERT_TRUE(statement->Run().has_value());
  }
  std::string Trouble() {
    const base::Status files = store_->CheckFiles();
    return files ? "" : files.error().message;
  }
  int Mode(const std::string& path) const {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 0777) : -1;
  }

  testing::TempDir dir_;
  const std::string path_ = dir_.File("signalbox.db");
  SqliteOptions options_{.path = path_,
                         .deployment = "demo",
                         .marker = dir_.File("database.json"),
                         .reserve_bytes = 4096};
  std::unique_ptr<Store> store_;
  int64_t epoch_ = 0;
};

TEST_F(GuardTest, AnUntouchedDatabaseIsWell) {
  for (int64_t seq = 1; seq < 50; ++seq)
    Write(seq);
  EXPECT_EQ(Trouble(), "");
}

TEST_F(GuardTest, ADeletedDatabaseIsNoticedThoughCommitsSucceed) {
  fs::remove(path_);
  Write(1);
  EXPECT_THAT(Trouble(), HasSubstr("signalbox.db is gone"));
  EXPECT_THAT(Trouble(), HasSubstr("put the database back from a backup"));
}

TEST_F(GuardTest, AFileThatIsMovedAwayAndBackIsWellAgain) {
  fs::rename(path_, path_ + ".away");
  EXPECT_THAT(Trouble(), HasSubstr("is gone"));
  fs::rename(path_ + ".away", path_);
  EXPECT_EQ(Trouble(), "");
}

TEST_F(GuardTest, AnotherFileInItsPlaceIsNoticed) {
  fs::copy_file(path_, path_ + ".copy");
  fs::rename(path_ + ".copy", path_);
  EXPECT_THAT(Trouble(), HasSubstr("signalbox.db was replaced"));
}

TEST_F(GuardTest, ADatabaseThatShrinksIsNoticed) {
  ASSERT_EQ(Trouble(), "");
  fs::resize_file(path_, fs::file_size(path_) / 2);
  EXPECT_THAT(Trouble(), HasSubstr("signalbox.db has shrunk"));
}

TEST_F(GuardTest, ALostLogIsNoticed) {
  Write(1);
  fs::remove(path_ + "-wal");
  EXPECT_THAT(Trouble(), HasSubstr("signalbox.db-wal is gone"));
}

TEST_F(GuardTest, ALogThatIsCutShortIsNoticed) {
  Write(1);
  fs::resize_file(path_ + "-wal", 100);
  EXPECT_THAT(Trouble(), HasSubstr("signalbox.db-wal has shrunk"));
}

TEST_F(GuardTest, AnothersCheckpointIsNoDamage) {
  for (int64_t seq = 1; seq < 20; ++seq)
    Write(seq);
  ASSERT_EQ(Trouble(), "");
  Outside("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(fs::file_size(path_ + "-wal"), 0u);
  EXPECT_EQ(Trouble(), "");
  Write(20);
  EXPECT_EQ(Trouble(), "");
  Outside("VACUUM");
  Outside("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(Trouble(), "");
}

TEST_F(GuardTest, AMissingDatabaseNeedsAWord) {
  const std::optional<Marker> before = ReadMarker(options_.marker);
  ASSERT_TRUE(before.has_value());
  store_ = nullptr;
  for (const char* suffix : {"", "-wal", "-shm"})
    fs::remove(path_ + suffix);
  const base::Status refused = TryToOpen();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::kNotFound);
  EXPECT_THAT(refused.error().message, HasSubstr("--new-database"));
  EXPECT_FALSE(fs::exists(path_)) << "a refused start makes nothing";
  options_.new_database = true;
  Open();
  EXPECT_NE(ReadMarker(options_.marker)->incarnation, before->incarnation);
  options_.new_database = false;
  Open();
}

TEST_F(GuardTest, AnEmptiedDatabaseNeedsAWord) {
  store_ = nullptr;
  fs::resize_file(path_, 0);
  EXPECT_FALSE(TryToOpen().has_value());
  fs::remove(path_);
  Outside("VACUUM");  // a database without tables
  EXPECT_FALSE(TryToOpen().has_value());
}

TEST_F(GuardTest, AStateFolderThatWasMovedIsGuardedToo) {
  store_ = nullptr;
  const std::string moved = dir_.File("moved");
  fs::create_directories(moved);
  for (const char* name : {"signalbox.db", "database.json"})
    fs::copy_file(dir_.File(name), moved + "/" + name);
  options_.path = moved + "/signalbox.db";
  options_.marker = moved + "/database.json";
  Open();
  store_ = nullptr;
  fs::resize_file(options_.path, 0);
  EXPECT_FALSE(TryToOpen().has_value());
}

TEST_F(GuardTest, ALogWithoutItsDatabaseIsLeftAlone) {
  Write(1);
  fs::copy_file(path_ + "-wal", path_ + "-wal.kept");
  store_ = nullptr;
  fs::remove(path_);
  fs::rename(path_ + "-wal.kept", path_ + "-wal");
  options_.new_database = true;
  const base::Status refused = TryToOpen();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("signalbox.db-wal is there"));
  EXPECT_TRUE(fs::exists(path_ + "-wal"));
}

TEST_F(GuardTest, NewIsOnlyForAMissingDatabase) {
  options_.new_database = true;
  const base::Status refused = TryToOpen();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("is there: --new-database is for"));
}

TEST_F(GuardTest, AnotherDatabaseMayBeNamed) {
  options_.path = dir_.File("other.db");
  Open();
  EXPECT_EQ(fs::path(ReadMarker(options_.marker)->database).filename(), "other.db");
}

TEST_F(GuardTest, FilesAreForTheirOwnerAlone) {
  store_ = nullptr;
  fs::permissions(path_, static_cast<fs::perms>(0644));
  fs::permissions(path_ + ".lock", static_cast<fs::perms>(0664));
  Open();
  Write(1);
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".reserve"})
    EXPECT_EQ(Mode(path_ + suffix), 0600) << suffix;
  EXPECT_EQ(Mode(options_.marker), 0600);
  fs::permissions(path_, static_cast<fs::perms>(0644));
  EXPECT_EQ(MakeDatabasePrivate(path_).size(), 1u) << "said where it was open to others";
  EXPECT_TRUE(MakeDatabasePrivate(path_).empty());
}

}  // namespace
}  // namespace store
