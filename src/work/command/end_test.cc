#include "work/command/end.h"

#include <csignal>
#include <gtest/gtest.h>

#include "base/text.h"

namespace work {
namespace {

using model::OutputsFrom;
using model::VerdictClass;
using Kind = model::ProcessSeen::Kind;

model::ProcessSeen Exit(int code, std::string text = "") {
  return {.token = {}, .kind = Kind::kEnded, .exit_code = code, .text = std::move(text)};
}
model::ProcessSeen Signal(int signal) {
  return {.token = {}, .kind = Kind::kEnded, .signal = signal};
}
model::ProcessSeen Other(Kind kind, std::string text) {
  return {.token = {}, .kind = kind, .text = std::move(text)};
}
// "application: exit code 3".
std::string Judged(const model::ProcessSeen& seen, const model::CommandWork& work = {}) {
  const ProcessEnd end = JudgeProcess(work, seen);
  return base::Cat(
      end.skips ? "skipped" : ToString(end.verdict.verdict), ": ", end.verdict.reason, end.outputs);
}

TEST(ProcessEnds, AreJudgedByTheirExitCodes) {
  EXPECT_EQ(Judged(Exit(0)), "success: exit code 0");
  EXPECT_EQ(Judged(Exit(3)), "application: exit code 3");
  EXPECT_EQ(Judged(Exit(3, "no luck")), "application: exit code 3: no luck");
  EXPECT_EQ(Judged(Exit(99)), "skipped: exit code 99 skips it");
  EXPECT_EQ(Judged(Exit(99), {.skips_on = {}}), "application: exit code 99");
}

TEST(ProcessEnds, TellWhatTheMachineDid) {
  EXPECT_EQ(Judged(Signal(SIGSEGV)), "application: it was ended by signal 11 (SIGSEGV)");
  EXPECT_EQ(Judged(Signal(SIGKILL)),
            "infrastructure: something on this machine has ended it by signal 9 (SIGKILL): a lack "
            "of memory, or a person");
  model::ProcessSeen late = Signal(SIGTERM);
  late.timed_out = true;
  EXPECT_EQ(Judged(late), "application: it took longer than its execution_timeout, and was ended");
  EXPECT_EQ(Judged(Other(Kind::kRefused, "no program")),
            "configuration: it could not begin: no program");
  EXPECT_EQ(Judged(Other(Kind::kNotBegun, "")), "infrastructure: it did not begin");
  EXPECT_EQ(
      Judged(Other(Kind::kLost, "its supervisor has died")),
      "infrastructure: it runs no more, and nobody saw how it ended: its supervisor has died");
}

TEST(ProcessEnds, OfTasksOfAirflowAreWhatTheyTold) {
  const model::CommandWork task{.airflow = model::AirflowTask(), .outputs = OutputsFrom::kTold};
  const auto judged = [&](model::ProcessSeen seen, std::string told) {
    seen.outputs = std::move(told);
    return Judged(seen, task);
  };
  EXPECT_EQ(judged(Exit(0), R"({"report":{"state":"success"},"xcoms":{"a":1}})"),
            R"(success: Airflow: success{"a":1})");
  EXPECT_EQ(judged(Signal(SIGKILL), R"({"report":{"state":"success"}})"),
            "success: Airflow: success");
  EXPECT_EQ(judged(Other(Kind::kLost, ""), R"({"report":{"state":"skipped"}})"),
            "skipped: Airflow: skipped");
  EXPECT_EQ(judged(Exit(0), R"({"report":{"state":"up_for_retry"}})"),
            "application: Airflow: up for retry");
  EXPECT_EQ(judged(Exit(0, "no luck"), R"({"report":{"state":"failed"}})"),
            "application: Airflow: failed: no luck");
  EXPECT_EQ(judged(Exit(0), "{}"),
            "infrastructure: its process has ended with exit code 0 and without telling its state");
  EXPECT_EQ(judged(Signal(SIGSEGV), "{}"), "infrastructure: it was ended by signal 11 (SIGSEGV)");
  EXPECT_EQ(judged(Other(Kind::kLost, "gone"), "{}"),
            "infrastructure: it runs no more, and nobody saw how it ended: gone");
  EXPECT_TRUE(JudgeProcess(task,
                           [] {
                             auto seen = Exit(0);
                             seen.outputs = R"({"report":{"state":"failed"}})";
                             return seen;
                           }())
                  .verdict.is_final);
}

TEST(ProcessEnds, SkipOthersOnlyIfTheySucceed) {
  const model::CommandWork task{.airflow = model::AirflowTask(), .outputs = OutputsFrom::kTold};
  const auto skipped = [&](std::string told) {
    model::ProcessSeen seen = Exit(0);
    seen.outputs = std::move(told);
    return JudgeProcess(task, seen).skipped.size();
  };
  EXPECT_EQ(skipped(R"({"skipped":["a","b"],"report":{"state":"success"}})"), 2U);
  EXPECT_EQ(skipped(R"({"skipped":["a","b"],"report":{"state":"up_for_retry"}})"), 0U);
  EXPECT_EQ(skipped(R"({"skipped":["a","b"]})"), 0U) << "another try decides again";
}

TEST(ProcessEnds, GiveOutputs) {
  const model::CommandWork line{.outputs = OutputsFrom::kLastLine};
  const model::CommandWork file{.outputs = OutputsFrom::kFile};
  const auto left = [](std::string text) {
    model::ProcessSeen seen = Exit(0);
    seen.outputs = std::move(text);
    return seen;
  };
  EXPECT_EQ(Judged(left(R"({"rows": 3})"), line), R"(success: exit code 0{"rows":3})");
  EXPECT_EQ(Judged(left("hello"), line), R"(success: exit code 0{"return_value":"hello"})");
  EXPECT_EQ(Judged(left("[1]"), line), R"(success: exit code 0{"return_value":[1]})");
  EXPECT_EQ(Judged(left(R"({"rows": 3})"), file), R"(success: exit code 0{"rows":3})");
  EXPECT_EQ(Judged(left("[1]"), file),
            "application: its outputs in the file SIGNALBOX_OUTPUTS are no JSON object");
  EXPECT_EQ(Judged(Exit(0), file), "application: it left no outputs in the file SIGNALBOX_OUTPUTS");
  EXPECT_EQ(Judged(Exit(0), line),
            "application: it printed no line, and its last line is its outputs");
  model::ProcessSeen large = Exit(0);
  large.outputs_too_large = true;
  EXPECT_EQ(Judged(large, line),
            "application: its outputs in its last line take more than 49152 bytes");
  EXPECT_EQ(Judged(Exit(1), line), "application: exit code 1") << "one that failed tells nothing";
}

}  // namespace
}  // namespace work
