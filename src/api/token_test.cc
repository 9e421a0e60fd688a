#include "api/token.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace api {
namespace {

namespace fs = std::filesystem;

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() {
    std::string pattern = ::testing::TempDir() + "/signalbox_token_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/token";
  }
  ~TokenTest() override { fs::remove_all(folder_); }

  std::string folder_, path_;
};

TEST_F(TokenTest, IsMadeOnceForItsOwnerAlone) {
  auto first = EnsureToken(path_);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->size(), 64u);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(EnsureToken(path_), *first);
}

TEST_F(TokenTest, IsReplacedWhereOthersCouldReadIt) {
  std::string first = *EnsureToken(path_);
  fs::permissions(path_, fs::perms::group_read, fs::perm_options::add);
  EXPECT_NE(*EnsureToken(path_), first);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(TokenTest, IsReplacedWhereItIsNone) {
  std::ofstream(path_) << "guess me\n";
  fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(EnsureToken(path_)->size(), 64u);
}

TEST_F(TokenTest, TellsWhereItCannotBeWritten) {
  auto token = EnsureToken(folder_ + "/none/token");
  ASSERT_FALSE(token.has_value());
  EXPECT_NE(token.error().message.find("none/token"), std::string::npos);
}

}  // namespace
}  // namespace api
