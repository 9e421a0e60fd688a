#include "runtime/secret_references.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/state.h"
#include "secrets/book.h"

namespace runtime {
namespace {

using ::testing::HasSubstr;

class References : public ::testing::Test {
 protected:
  References()
      : book_({{"AIRFLOW_CONN_MAIL", "smtp://me:conn-secret@h"},
               {"AIRFLOW_CONN_A.B", "smtp://me:dotted@h"}}) {
    std::filesystem::create_directories(folder_);
    state_.book = &book_;
  }
  ~References() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Cat(folder_, "/", name)) << text;
  }
  template <typename... P>
  static std::string Cat(const P&... pieces) {
    return base::Cat(pieces...);
  }

  const std::string folder_ = Cat(::testing::TempDir(), "/references.", ::getpid());
  const secrets::Book book_;
  engine::State state_;
  Environment environment_{{"KEY", "env-secret"}, {"NOTHING", ""}};
  SecretReferences references_{
      folder_, environment_, [this]() -> const engine::State& { return state_; }};
};

TEST_F(References, AreReadWhereTheyPoint) {
  Write("key", "file-secret\n");
  EXPECT_EQ(references_.Read({""}).value(), "");
  EXPECT_EQ(references_.Read({"env:KEY"}).value(), "env-secret");
  EXPECT_EQ(references_.Read({"file:key"}).value(), "file-secret");
  EXPECT_EQ(references_.Read({"file:" + folder_ + "/key"}).value(), "file-secret");
  EXPECT_EQ(references_.Read({"conn:mail"}).value(), "conn-secret");
  EXPECT_EQ(references_.Read({"conn:mail.password"}).value(), "conn-secret");
  EXPECT_EQ(references_.Read({"conn:a.b"}).value(), "dotted");
}

TEST_F(References, AFileThatHasChangedCountsAtOnce) {
  Write("key", "one");
  EXPECT_EQ(references_.Read({"file:key"}).value(), "one");
  Write("key", "two");
  EXPECT_EQ(references_.Read({"file:key"}).value(), "two");
}

TEST_F(References, WhatIsMissingIsNamed) {
  Write("empty", "\n");
  Write("large", std::string(100'000, 'x'));
  ASSERT_EQ(::mkfifo(Cat(folder_, "/pipe").c_str(), 0600), 0);
  const auto why = [&](const std::string& reference) {
    const auto secret = references_.Read({reference});
    EXPECT_FALSE(secret) << reference;
    return secret ? "" : secret.error().message;
  };
  EXPECT_EQ(why("env:OTHER"), "the server's environment has no variable OTHER");
  EXPECT_EQ(why("env:NOTHING"), "the secret in env:NOTHING is empty");
  EXPECT_THAT(why("file:none"), HasSubstr("none: No such file"));
  EXPECT_THAT(why("file:empty"), HasSubstr("is empty"));
  EXPECT_THAT(why("file:large"), HasSubstr("larger than 64 KiB"));
  EXPECT_THAT(why("file:pipe"), HasSubstr("it is no file"));
  EXPECT_THAT(why("conn:none"), HasSubstr("there is no connection 'none'"));
  EXPECT_THAT(why("hush"), ::testing::Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace runtime
