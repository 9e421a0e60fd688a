#include "machine/told.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "base/json_text.h"

namespace machine {
namespace {

class ToldTest : public ::testing::Test {
 protected:
  ToldTest() {
    std::string name = (std::filesystem::temp_directory_path() / "told-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    record_.emplace(folder_, "t");
    EXPECT_TRUE(record_->Make());
  }
  ~ToldTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::optional<Record> record_;
};

TEST_F(ToldTest, KeepsTheLatestValueOfAKeyAndTheFirstReport) {
  EXPECT_TRUE(ReadTold(*record_).empty());
  EXPECT_TRUE(Tell(*record_, {{"xcom", "a"}, {"value", 1}}));
  EXPECT_TRUE(Tell(*record_, {{"xcom", "a"}, {"value", json::array{2}}}));
  EXPECT_TRUE(Tell(*record_, {{"xcom", "b"}, {"value", nullptr}}));
  EXPECT_TRUE(Tell(*record_, {{"xcom", "c"}, {"value", 3}}));
  EXPECT_TRUE(Tell(*record_, {{"drop", "c"}}));
  EXPECT_TRUE(Tell(*record_, {{"skipped", json::array{"x"}}}));
  EXPECT_TRUE(Tell(*record_, {{"report", json::object{{"state", "success"}}}}));
  const auto told = Tell(*record_, {{"report", json::object{{"state", "failed"}}}});
  ASSERT_TRUE(told);
  EXPECT_EQ(base::Serialize(*told),
            R"({"xcoms":{"a":[2],"b":null},"skipped":["x"],"report":{"state":"success"}})");
  EXPECT_EQ(ReadTold(*record_), *told);
}

TEST_F(ToldTest, RefusesMoreThanItKeeps) {
  EXPECT_TRUE(Tell(*record_, {{"xcom", "a"}, {"value", std::string(40'000, 'x')}}));
  const auto more = Tell(*record_, {{"xcom", "b"}, {"value", std::string(10'000, 'x')}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_TRUE(Tell(*record_, {{"xcom", "a"}, {"value", "short"}}));
  EXPECT_TRUE(Tell(*record_, {{"xcom", "b"}, {"value", std::string(10'000, 'x')}}));
}

TEST_F(ToldTest, NothingIsToldAfterTheEnd) {
  EXPECT_TRUE(record_->Write("end", {{"end", "ended"}}));
  const auto late = Tell(*record_, {{"report", json::object{{"state", "success"}}}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kConflict);
}

}  // namespace
}  // namespace machine
