#include "runtime/step_error.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace runtime {
namespace {

TEST(StepError, HasTheEndOfTheText) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += base::Cat("line ", i, "\n");
  const std::string lines = ErrorOf("", text, "").text;
  EXPECT_TRUE(lines.starts_with("line 88\n"));
  EXPECT_TRUE(lines.ends_with("line 99"));
}

TEST(StepError, BeginsWithTheCauseThatTheTextNames) {
  const notify::StepError error = ErrorOf("",
                                          "Traceback (most recent call last):\n"
                                          "  File \"/home/hadoop/train.py\", line 12, in main\n"
                                          "ModuleNotFoundError: No module named 'x'\n",
                                          "");
  EXPECT_TRUE(error.has_cause);
  EXPECT_NE(error.text.find("No module named 'x'"), std::string::npos);
  EXPECT_GT(error.text.find("Traceback"), error.text.find("\n\n"));
}

TEST(StepError, HasTheEndOfStdoutWherePythonSaysThere) {
  const notify::StepError error =
      ErrorOf("row 1\nTraceback (most recent call last):\nKeyError: 'user'\n",
              "INFO ShutdownHookManager: Shutdown hook called\n",
              "");
  EXPECT_TRUE(error.has_cause);
  EXPECT_TRUE(error.text.starts_with("KeyError: 'user'"));
  EXPECT_EQ(error.text.find("Shutdown"), std::string::npos);
}

TEST(StepError, SaysACauseThatIsKnownAlready) {
  const notify::StepError error = ErrorOf("", "the last line", "the disk was full");
  EXPECT_TRUE(error.has_cause);
  EXPECT_EQ(error.text, "the disk was full\n\nthe last line");
  EXPECT_EQ(ErrorOf("", "", "the disk was full").text, "the disk was full");
  EXPECT_FALSE(ErrorOf("", "the last line", "").has_cause);
}

TEST(StepError, CutsALineThatIsTooLong) {
  EXPECT_LT(ErrorOf("", std::string(5000, 'x'), "").text.size(), 400U);
  EXPECT_EQ(ErrorOf("", "", "").text, "");
}

}  // namespace
}  // namespace runtime
