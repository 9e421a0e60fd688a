#include "emulator_http/step_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace emulator_http {
namespace {

using ::testing::HasSubstr;

// The words of a command, or "! message".
std::string Command(const std::string& args, std::string jar = "command-runner.jar") {
  emulator::StepOrder order{.jar = std::move(jar)};
  if (!args.empty())
    order.args = base::Split(args, ' ');
  auto command = StepCommand(order, {.s3_root = "/root", .spark_submit = "/sp", .threads = 2});
  return command ? base::Join(*command, " ") : "! " + command.error().message;
}

constexpr std::string_view kOurs =
    "--master local[2] --deploy-mode client --driver-memory 1g --conf spark.driver.host=127.0.0.1 "
    "--conf spark.driver.bindAddress=127.0.0.1 --conf spark.ui.enabled=false";

std::string Expected(std::string_view options, std::string_view application) {
  return base::Cat(
      "/sp --conf spark.sql.shuffle.partitions=2", options, " ", kOurs, " ", application);
}

TEST(StepCommand, RunsOnThisMachineWhatIsMeantForACluster) {
  EXPECT_EQ(Command("spark-submit --master yarn --deploy-mode cluster --num-executors 40 "
                    "--executor-memory=36g --driver-memory 8g --verbose s3://b/a.py --date x"),
            Expected(" --verbose", "/root/b/a.py --date x"));
}

TEST(StepCommand, PutsItsSettingsBehindTheStepsOwn) {
  EXPECT_EQ(Command("spark-submit --conf spark.driver.host=0.0.0.0 a.py"),
            Expected(" --conf spark.driver.host=0.0.0.0", "a.py"));
}

TEST(StepCommand, LeavesTheApplicationsArgumentsToIt) {
  EXPECT_EQ(Command("spark-submit a.py --master s3a://b/k --packages x"),
            Expected("", "a.py --master /root/b/k --packages x"));
}

TEST(StepCommand, FindsS3InsideOfArguments) {
  EXPECT_EQ(Command("spark-submit --conf k=s3://b/x --py-files s3://b/y.zip,s3n://c/z.zip a.py"),
            Expected(" --conf k=/root/b/x --py-files /root/b/y.zip,/root/c/z.zip", "a.py"));
  EXPECT_EQ(WithLocalPaths(R"({"in": "s3://b/x", "n": 1})", "/r"), R"({"in": "/r/b/x", "n": 1})");
  EXPECT_EQ(WithLocalPaths("xs3://b/x s3:/b", "/r"), "xs3://b/x s3:/b");
}

TEST(StepCommand, RefusesToLeaveTheRoot) {
  for (const char* place :
       {"s3://b/../x", "s3://../x", "s3://.steps/x", "s3://b/x/..", "s3:///x", "k=s3a://b/../../x"})
    EXPECT_THAT(Command(base::Cat("spark-submit a.py ", place)), HasSubstr("is no place in S3"))
        << place;
  EXPECT_THAT(Command("spark-submit s3://b/../a.py"), HasSubstr("is no place in S3"));
  EXPECT_FALSE(LocalPath("/etc/passwd", "/r").has_value());
  EXPECT_FALSE(LocalPath("s3://b/x,/../y", "/r").has_value());
}

TEST(StepCommand, TakesTimeout) {
  EXPECT_EQ(Command("timeout -k 30s 2h spark-submit a.py"),
            "timeout -k 30s 2h " + Expected("", "a.py"));
  EXPECT_EQ(Command("timeout --signal=KILL 90 spark-submit a.py"),
            "timeout --signal=KILL 90 " + Expected("", "a.py"));
  EXPECT_THAT(Command("timeout spark-submit a.py"), HasSubstr("! 'spark-submit' is no duration"));
  EXPECT_THAT(Command("timeout 5m bash -c true"), HasSubstr("! 'bash' is not run here"));
}

TEST(StepCommand, RefusesEverythingElseAndSaysWhatIsTaken) {
  for (const auto& [args, what] : std::vector<std::pair<std::string, std::string>>{
           {"bash -c true", "'bash' is not run here."},
           {"", "There is no program in the arguments."},
           {"timeout 5m", "There is no program in the arguments."},
           {"spark-submit", "spark-submit has no application."},
           {"spark-submit --conf", "'--conf' of spark-submit has no value."},
           {"spark-submit --packages a:b:1 a.py", "'--packages' of spark-submit is not there."},
           {"/bin/spark-submit a.py", "'/bin/spark-submit' is not run here."}})
    EXPECT_EQ(Command(args),
              base::Cat("! ",
                        what,
                        " This emulator runs `spark-submit …` and `timeout [-k D] D spark-submit "
                        "…` of command-runner.jar."));
  EXPECT_THAT(Command("spark-submit a.py", "s3://b/my.jar"),
              HasSubstr("'s3://b/my.jar' is not run"));
}

}  // namespace
}  // namespace emulator_http
