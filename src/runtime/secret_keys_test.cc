#include "runtime/secret_keys.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/text.h"

namespace runtime {
namespace {

using model::RecordKey;
using model::RecordKind;

constexpr char kOne[] = "1111111111111111111111111111111111111111111111111111111111111111";
constexpr char kTwo[] = "2222222222222222222222222222222222222222222222222222222222222222";

class Keys : public ::testing::Test {
 protected:
  Keys() : folder_(std::string(::testing::TempDir()) + "keys_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    file_ = folder_ + "/secret.key";
  }
  ~Keys() override { std::filesystem::remove_all(folder_); }

  model::RecordRow Sealed(SecretKeys& keys) const {
    model::RecordRow row{.id = {RecordKind::kVariable, "x"}};
    row.body = keys.Load()->Seal(row.id, "document").value();
    return row;
  }
  std::string Text() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_, file_;
  const RecordKey id_{RecordKind::kVariable, "x"};
};

TEST_F(Keys, TheFileIsMadeAtFirstNeedForItsOwnerAlone) {
  SecretKeys keys(file_, {});
  EXPECT_FALSE(keys.Load()->Seal(id_, "d"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  ASSERT_TRUE(keys.Ensure(false));
  struct stat status;
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto row = Sealed(keys);
  const std::string text = Text();
  ASSERT_TRUE(keys.Ensure(true));
  EXPECT_EQ(Text(), text);
  EXPECT_EQ(SecretKeys(file_, {}).Load()->Open(row).value(), "document");
}

TEST_F(Keys, AKeyThatIsLostIsNotReplaced) {
  SecretKeys keys(file_, {});
  EXPECT_EQ(keys.Ensure(true).error().code, base::ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Keys, AFileThatOthersCanReadIsRefused) {
  SecretKeys keys(file_, {});
  ASSERT_TRUE(keys.Ensure(false));
  const auto row = Sealed(keys);
  ::chmod(file_.c_str(), 0640);
  const auto opened = keys.Load()->Open(row);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("chmod 600"), std::string::npos);
  EXPECT_FALSE(keys.Ensure(false));
  EXPECT_FALSE(keys.Begin());
}

TEST_F(Keys, ARotationOpensEverythingAtEveryMoment) {
  SecretKeys keys(file_, {});
  ASSERT_TRUE(keys.Ensure(false));
  const auto before = Sealed(keys);
  ASSERT_TRUE(keys.Begin());
  const auto after = Sealed(keys);
  // A crash here, before or after the commit:
  EXPECT_TRUE(SecretKeys(file_, {}).Load()->Open(before));
  EXPECT_TRUE(SecretKeys(file_, {}).Load()->Open(after));
  ASSERT_TRUE(keys.Finish());
  EXPECT_FALSE(keys.Load()->Open(before));
  EXPECT_TRUE(keys.Load()->Open(after));
  EXPECT_EQ(keys.Advice(), "");
}

TEST_F(Keys, TheEnvironmentComesFirst) {
  SecretKeys of_file(file_, {});
  ASSERT_TRUE(of_file.Ensure(false));
  const auto old = Sealed(of_file);
  SecretKeys keys(file_, {{"SIGNALBOX_SECRET_KEY", kOne}});
  EXPECT_TRUE(keys.Load()->Open(old));
  EXPECT_FALSE(of_file.Load()->Open(Sealed(keys)));
  const Environment alone{{"SIGNALBOX_SECRET_KEY", kOne}};
  EXPECT_FALSE(SecretKeys("", alone).Begin());
  SecretKeys both("", {{"SIGNALBOX_SECRET_KEY", base::Cat(kTwo, " , ", kOne)}});
  EXPECT_TRUE(both.Load()->Open(Sealed(keys)));
  EXPECT_TRUE(both.Begin());
  EXPECT_TRUE(both.Finish());
  EXPECT_NE(both.Advice().find("leave the others out"), std::string::npos);
}

TEST_F(Keys, AShortKeyIsSaidAtEachUse) {
  SecretKeys keys(file_, {{"SIGNALBOX_SECRET_KEY", "short"}});
  const auto sealed = keys.Load()->Seal(id_, "d");
  ASSERT_FALSE(sealed);
  EXPECT_NE(sealed.error().message.find("SIGNALBOX_SECRET_KEY: a key has at least 32"),
            std::string::npos);
}

}  // namespace
}  // namespace runtime
