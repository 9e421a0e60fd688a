#include "emr/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emr/request_check.h"

namespace emr {
namespace {

using base::hours;
using base::milliseconds;

LaunchIdentity Identity() {
  LaunchIdentity id{"delphi", "0123456789abcdef0123456789abcdef", {}, {}};
  id.attempt.job = {
      {model::DagId("d"), model::RunId("r")}, model::JobId("training"), model::LaneId("2")};
  id.attempt.n = 1;
  id.token = ComputeToken(id.incarnation, id.attempt, 0, 0);
  return id;
}

json::object Object(std::string_view text) {
  return base::ParseJson(text)->as_object();
}

TEST(Request, InsistsOnDyingByItself) {
  json::object in{{"Instances", json::object{{"KeepJobFlowAliveWhenNoSteps", true}}},
                  {"Name", "x"}};
  json::object out = BuildRunJobFlow(in, Identity());
  EXPECT_FALSE(base::GetBool(out, "Instances.KeepJobFlowAliveWhenNoSteps", true));
  EXPECT_TRUE(ParseClusterName(base::GetString(out, "Name")));
  EXPECT_EQ(base::GetArray(out, "Tags").size(), 7u);
}

TEST(Request, I9_AStepThatFailsEndsTheClusterUnlessToldNotTo) {
  json::object out = BuildRunJobFlow(
      Object(R"({"Steps":[{"Name":"a"},{"Name":"b","ActionOnFailure":"CONTINUE"}]})"), Identity());
  const json::array& steps = base::GetArray(out, "Steps");
  EXPECT_EQ(steps[0].at("ActionOnFailure"), "TERMINATE_CLUSTER");
  EXPECT_EQ(steps[1].at("ActionOnFailure"), "CONTINUE");
}

TEST(Request, I9_AnIdleClusterEndsWhereTheReleaseCanDoThat) {
  auto idle = [](std::string label, std::string policy = "") {
    json::object in{{"ReleaseLabel", label}};
    if (!policy.empty())
      in["AutoTerminationPolicy"] = Object(policy);
    json::object out = BuildRunJobFlow(in, Identity());
    EXPECT_TRUE(out.contains("AutoTerminationPolicy") || policy.empty());
    for (const Finding& finding : CheckRunJobFlow(out))
      EXPECT_NE(finding.path, "AutoTerminationPolicy") << label << " " << finding.message;
    return base::GetInt(out, "AutoTerminationPolicy.IdleTimeout", -1);
  };
  for (const char* label : {"emr-5.30.0", "emr-5.36.2", "emr-6.1.0", "emr-6.15.0", "emr-7.8.0"})
    EXPECT_EQ(idle(label), 3600) << label;
  for (const char* label : {"emr-5.29.0", "emr-6.0.1", "emr-4.8.0", "", "latest"})
    EXPECT_EQ(idle(label), -1) << label;
  EXPECT_EQ(idle("emr-7.8.0", R"({"IdleTimeout":600})"), 600);
  EXPECT_EQ(idle("emr-7.8.0", "{}"), -1) << "the user's policy stays as it is";
}

TEST(Request, ArgumentsAreTextsWhateverTheTemplateGave) {
  json::object in = Object(R"({"Steps":[{"HadoopJarStep":{"Args":["--try",2]}}]})");
  json::value out = BuildRunJobFlow(in, Identity());
  EXPECT_EQ(base::Canonical(out.at("Steps").at(0).at("HadoopJarStep")),
            R"({"Args":["--try","2"]})");
}

TEST(Timeout, WrapsEveryStepOfCommandRunner) {
  json::object request = Object(R"({"Steps":[
      {"Name":"a","HadoopJarStep":{"Jar":"command-runner.jar","Args":["spark-submit","x.py"]}},
      {"Name":"b","HadoopJarStep":{"Jar":"command-runner.jar"}}]})");
  ASSERT_TRUE(WrapWithTimeout(request, hours(2)));
  const json::array& steps = base::GetArray(request, "Steps");
  EXPECT_EQ(json::serialize(steps[0].at("HadoopJarStep").at("Args")),
            R"(["timeout","-k","60","7200","spark-submit","x.py"])");
  EXPECT_EQ(json::serialize(steps[1].at("HadoopJarStep").at("Args")),
            R"(["timeout","-k","60","7200"])");

  ASSERT_TRUE(WrapWithTimeout(request, milliseconds(1001)));
  EXPECT_EQ(base::GetArray(request, "Steps")[1].at("HadoopJarStep").at("Args").at(3), "2");
  json::object none;
  EXPECT_TRUE(WrapWithTimeout(none, hours(1)));
  EXPECT_TRUE(none.empty());
}

TEST(Timeout, RefusesStepsThatItCannotEnd) {
  json::object request =
      Object(R"({"Steps":[{"Name":"a","HadoopJarStep":{"Jar":"s3://b/x.jar","Args":["1"]}}]})");
  base::Status status = WrapWithTimeout(request, hours(1));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "Steps[0] 'a' runs s3://b/x.jar, and max_run_time can only end steps of "
            "command-runner.jar; remove one of the two");
  for (const char* steps : {"[3]", "[{}]", R"([{"HadoopJarStep":7}])"}) {
    json::object odd;
    odd["Steps"] = *base::ParseJson(steps);
    EXPECT_FALSE(WrapWithTimeout(odd, hours(1))) << steps;
  }
}

TEST(SparkDefaults, AreAddedWhereThereIsSparkAndTheRequestSaysNothing) {
  const json::object wanted{{"a", "1"}, {"b", "2"}};
  json::object without = Object(R"({"Applications":[{"Name":"Hive"}]})");
  AddSparkDefaults(without, wanted);
  EXPECT_FALSE(without.contains("Configurations"));

  json::object plain = Object(R"({"Applications":[{"Name":"spark"}]})");
  AddSparkDefaults(plain, wanted);
  EXPECT_EQ(base::Canonical(plain.at("Configurations")),
            R"([{"Classification":"spark-defaults","Properties":{"a":"1","b":"2"}}])");

  json::object own = Object(R"({"Applications":[{"Name":"Spark"}],"Configurations":[
      {"Classification":"yarn-site"},
      {"Classification":"spark-defaults","Properties":{"b":"mine"}}]})");
  AddSparkDefaults(own, wanted);
  EXPECT_EQ(base::Canonical(own.at("Configurations")),
            R"([{"Classification":"yarn-site"},)"
            R"({"Classification":"spark-defaults","Properties":{"a":"1","b":"mine"}}])");
}

}  // namespace
}  // namespace emr
