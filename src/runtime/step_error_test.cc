#include "runtime/step_error.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace runtime {
namespace {

TEST(LastLines, AreTheEndOfTheText) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += base::Cat("line ", i, "\n");
  const std::string lines = LastLines(text);
  EXPECT_TRUE(lines.starts_with("line 88\n"));
  EXPECT_TRUE(lines.ends_with("line 99"));
}

TEST(LastLines, BeginWithTheCauseThatTheTextNames) {
  const std::string lines = LastLines(
      "Traceback (most recent call last):\n"
      "  File \"/home/hadoop/train.py\", line 12, in main\n"
      "ModuleNotFoundError: No module named 'x'\n");
  EXPECT_NE(lines.find("No module named 'x'"), std::string::npos);
  EXPECT_GT(lines.find("Traceback"), lines.find("\n\n"));
}

TEST(LastLines, CutALineThatIsTooLong) {
  EXPECT_LT(LastLines(std::string(5000, 'x')).size(), 400U);
  EXPECT_EQ(LastLines(""), "");
}

}  // namespace
}  // namespace runtime
