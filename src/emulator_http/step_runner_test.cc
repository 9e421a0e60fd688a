// Steps as real processes: a shell script stands for spark-submit.

#include "emulator_http/step_runner.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <sstream>
#include <unistd.h>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/text.h"

namespace emulator_http {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::Duration kPatience = base::seconds(30);

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class StepRunnerTest : public ::testing::Test {
 protected:
  StepRunnerTest() {
    std::string pattern = testing::TempDir() + "steps_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~StepRunnerTest() override {
    runner_.reset();
    fs::remove_all(root_);
  }

  // The program sees its arguments and writes what it likes into $ROOT.
  void StartRunner(const std::string& script, size_t slots = 2) {
    const std::string program = root_ + "/spark-submit";
    std::ofstream(program) << "#!/bin/bash\nROOT=" << root_ << "\n" << script << "\n";
    fs::permissions(program, fs::perms::owner_all);
    runner_.emplace(loop_,
                    StepRunnerOptions{.s3_root = root_ + "/s3",
                                      .spark_submit = program,
                                      .slots = slots,
                                      .grace = base::milliseconds(200)},
                    [this](const emulator::StepOrder& order, const std::string& failure) {
                      finished_.push_back(base::Cat(order.step_id, ": ", failure));
                    });
    auto ready = runner_->Check();
    ASSERT_TRUE(ready.has_value()) << ready.error().message;
  }

  static emulator::StepOrder Order(const std::string& step,
                                   std::vector<std::string> args = {"spark-submit",
                                                                    "s3://b/a.py"}) {
    return {.cluster_id = "j-1",
            .step_id = step,
            .jar = "command-runner.jar",
            .args = std::move(args),
            .log_folder = base::Cat("s3://logs/x/j-1/steps/", step, "/")};
  }
  void Stop(const std::string& step) {
    runner_->Take({.kind = emulator::StepOrder::Kind::kStop, .cluster_id = "j-1", .step_id = step});
  }

  // Runs the loop until `condition` holds.
  template <typename Condition>
  void Until(Condition condition) {
    const base::Time deadline = base::Clock::Wall() + kPatience;
    http::Timer look;
    std::function<void()> check = [&] {
      if (condition() || base::Clock::Wall() > deadline)
        loop_.Stop();
      else
        look = loop_.After(base::milliseconds(5), check);
    };
    look = loop_.After(base::Duration(0), check);
    loop_.Run();
    EXPECT_TRUE(condition());
  }
  void UntilFinished(size_t count) {
    Until([&] { return finished_.size() >= count; });
  }
  std::string Log(const std::string& step, const std::string& stream) {
    const std::string packed =
        ReadAll(base::Cat(root_, "/s3/logs/x/j-1/steps/", step, "/", stream, ".gz"));
    return base::Gunzip(packed, size_t{64} << 20).value_or("not kept");
  }
  // Of a process that wrote it down.
  pid_t WaitForPid(const std::string& name) {
    const std::string path = root_ + "/" + name;
    Until([&] { return ReadAll(path).ends_with('\n'); });
    return static_cast<pid_t>(base::ParseInt(base::Trim(ReadAll(path))).value_or(0));
  }
  // One that nobody has waited for yet is dead nonetheless.
  static bool IsAlive(pid_t pid) {
    const std::string stat = ReadAll(base::Cat("/proc/", pid, "/stat"));
    const size_t name_end = stat.rfind(") ");
    return name_end != std::string::npos && stat[name_end + 2] != 'Z';
  }

  std::string root_;
  http::Loop loop_;
  std::vector<std::string> finished_;
  std::optional<StepRunner> runner_;
};

TEST_F(StepRunnerTest, KeepsWhatAStepWroteWhereEmrWould) {
  StartRunner("echo out of $# arguments, $SPARK_LOCAL_IP; echo err >&2; echo $PWD $HOME");
  runner_->Take(Order("s-1"));
  UntilFinished(1);
  EXPECT_THAT(finished_, ElementsAre("s-1: "));
  const std::string folder = root_ + "/s3/.steps/s-1";
  EXPECT_EQ(Log("s-1", "stdout"),
            base::Cat("out of 15 arguments, 127.0.0.1\n", folder, " ", folder, "\n"));
  EXPECT_EQ(Log("s-1", "stderr"), "err\n");
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr("\"--master\" \"local[1]\""));
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr(root_ + "/s3/b/a.py"));
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr("exit code 0"));
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(StepRunnerTest, TellsTheExitCodeAndTheErrorOfAStepThatFails) {
  StartRunner(
      "[ \"${@: -1}\" = quiet ] && exit 7\n"
      "echo 'Traceback (most recent call last):' >&2; echo 'ValueError: no rows' >&2;"
      "echo 26/01/01 INFO ShutdownHookManager: bye >&2; exit 1");
  runner_->Take(Order("s-1"));
  runner_->Take(Order("s-2", {"spark-submit", "a.py", "quiet"}));
  UntilFinished(2);
  EXPECT_THAT(finished_,
              testing::UnorderedElementsAre("s-1: ValueError: no rows (exit code 1)",
                                            "s-2: The step's process ended with exit code 7."));
}

TEST_F(StepRunnerTest, RefusesAShellAndSaysSoInTheLog) {
  StartRunner("touch $ROOT/ran");
  runner_->Take(Order("s-1", {"bash", "-c", "touch x"}));
  runner_->Take(Order("s-2", {"spark-submit", "s3://b/../a.py"}));
  UntilFinished(2);
  EXPECT_THAT(finished_[0], HasSubstr("s-1: 'bash' is not run here."));
  EXPECT_THAT(finished_[1], HasSubstr("s-2: 's3://b/../a.py' is no place in S3"));
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr("not started: 'bash' is not run here."));
  EXPECT_FALSE(fs::exists(root_ + "/ran"));
}

TEST_F(StepRunnerTest, HidesCredentialsAndSecrets) {
  ::setenv("AWS_SECRET_ACCESS_KEY", "secret-key", 1);
  ::setenv("DATABASE_PASSWORD", "secret-password", 1);
  StartRunner("env");
  runner_->Take(Order("s-1"));
  UntilFinished(1);
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
  ::unsetenv("DATABASE_PASSWORD");
  EXPECT_THAT(Log("s-1", "stdout"), HasSubstr("PATH="));
  EXPECT_THAT(Log("s-1", "stdout"), Not(HasSubstr("secret")));
}

TEST_F(StepRunnerTest, StopsAStepWithEverythingThatItStarted) {
  StartRunner("sleep 3600 & echo $! > $ROOT/grandchild; echo $$ > $ROOT/child; wait");
  runner_->Take(Order("s-1"));
  const pid_t child = WaitForPid("child");
  const pid_t grandchild = WaitForPid("grandchild");
  EXPECT_TRUE(IsAlive(child) && IsAlive(grandchild));
  Stop("s-1");
  Until([&] { return !IsAlive(child) && !IsAlive(grandchild); });
  Until([&] { return Log("s-1", "controller") != "not kept"; });
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr("the step is stopped"));
  EXPECT_TRUE(finished_.empty());  // it is no news
}

TEST_F(StepRunnerTest, KillsWhatDoesNotHeedATermination) {
  StartRunner("trap '' TERM; echo $$ > $ROOT/child; while true; do sleep 0.05; done");
  runner_->Take(Order("s-1"));
  const pid_t child = WaitForPid("child");
  Stop("s-1");
  Until([&] { return !IsAlive(child); });
}

TEST_F(StepRunnerTest, TakesItsProcessesWithIt) {
  StartRunner("trap '' TERM; echo $$ > $ROOT/child; while true; do sleep 0.05; done");
  runner_->Take(Order("s-1"));
  const pid_t child = WaitForPid("child");
  runner_.reset();
  EXPECT_FALSE(IsAlive(child));
  EXPECT_THAT(Log("s-1", "controller"), HasSubstr("exit code 137"));
}

TEST_F(StepRunnerTest, RunsNoMoreThanItsSlotsAndForgetsWhatIsStoppedMeanwhile) {
  StartRunner("echo $$ > $ROOT/${@: -1}; until [ -e $ROOT/go ]; do sleep 0.02; done", 1);
  for (const char* step : {"1", "2", "3"})
    runner_->Take(Order(base::Cat("s-", step), {"spark-submit", "a.py", step}));
  WaitForPid("1");
  EXPECT_FALSE(fs::exists(root_ + "/2"));
  Stop("s-2");
  std::ofstream(root_ + "/go") << "";
  UntilFinished(2);
  EXPECT_THAT(finished_, ElementsAre("s-1: ", "s-3: "));
  EXPECT_THAT(Log("s-2", "controller"), HasSubstr("stopped before a slot was free"));
  EXPECT_FALSE(fs::exists(root_ + "/2"));
}

TEST_F(StepRunnerTest, CutsALogThatIsTooLong) {
  StartRunner("head -c 40000000 /dev/zero | tr '\\0' x");
  runner_->Take(Order("s-1"));
  UntilFinished(1);
  const std::string log = Log("s-1", "stdout");
  EXPECT_LT(log.size(), kLogBytesMax + 100);
  EXPECT_THAT(log.substr(log.size() - 60), HasSubstr("[cut: what came after 16 MiB was not kept]"));
}

TEST_F(StepRunnerTest, SaysWhatIsMissingBeforeAnythingRuns) {
  StepRunner runner(loop_, {.s3_root = root_, .spark_submit = "/none/spark-submit"}, {});
  EXPECT_THAT(runner.Check().error().message, HasSubstr("/none/spark-submit: there is no such"));
  std::ofstream(root_ + "/file") << "";
  StepRunner closed(loop_, {.s3_root = root_ + "/file", .spark_submit = "sh"}, {});
  EXPECT_THAT(closed.Check().error().message, HasSubstr("/file: cannot be written to"));
}

}  // namespace
}  // namespace emulator_http
