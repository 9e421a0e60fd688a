// The retry policy and the caps of jobs: each key's meaning, and each mistake's place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"
#include "emr/request_check.h"
#include "model/dag_json.h"

namespace dagfile {
namespace {

using base::Cat;
using model::VerdictClass;
using ::testing::ElementsAre;

// One job 'x' on the cluster 'spot' with the keys; `before` is a line of the DAG.
std::string Dag(std::string_view keys, std::string_view before = "", std::string_view steps = "") {
  return Cat("dag_id: a\n",
             before,
             "\ntasks:\n  x:\n    cluster: spot\n    steps: ",
             steps.empty() ? kStep : steps,
             "\n",
             keys);
}

std::string Errors(const std::string& dag) {
  return Text(Load({{"dags/a.yaml", dag}}).errors);
}

model::Job LoadJob(const std::string& dag, size_t index = 0) {
  Loaded loaded = Load({{"dags/a.yaml", dag}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
  if (loaded.dags.size() != 1 || loaded.dags[0]->jobs.size() <= index)
    return {};
  return loaded.dags[0]->jobs[index];
}

TEST(Policy, AJobsKeysWinOverItsDagsDefaults) {
  constexpr std::string_view kDefaults =
      "default_args: {retry_exponential_backoff: true, max_retry_delay: 2h, retry_on: application, "
      "launch_timeout: 45m, max_run_time: 6h, resume: failed_step}";
  model::Job job = LoadJob(Dag("", kDefaults));
  EXPECT_TRUE(job.retry_exponential_backoff);
  EXPECT_EQ(job.max_retry_delay, base::hours(2));
  EXPECT_THAT(job.retry_on, ElementsAre(VerdictClass::kApplication));
  EXPECT_EQ(model::EmrOf(job)->launch_timeout, base::minutes(45));
  EXPECT_EQ(model::EmrOf(job)->max_run_time, base::hours(6));
  EXPECT_EQ(model::EmrOf(job)->resume, model::Resume::kFailedStep);

  job =
      LoadJob(Dag("    retry_exponential_backoff: false\n"
                  "    max_retry_delay: 3h\n"
                  "    retry_on: [application, infrastructure]\n"
                  "    launch_timeout: 20m\n"
                  "    max_run_time: 1m\n"
                  "    resume: none\n",
                  kDefaults));
  EXPECT_FALSE(job.retry_exponential_backoff);
  EXPECT_EQ(job.max_retry_delay, base::hours(3));
  EXPECT_EQ(job.retry_on, model::Job().retry_on);
  EXPECT_EQ(model::EmrOf(job)->launch_timeout, base::minutes(20));
  EXPECT_EQ(model::EmrOf(job)->max_run_time, base::minutes(1));
  EXPECT_EQ(model::EmrOf(job)->resume, model::Resume::kNone);
}

TEST(Policy, WithoutKeysTheModelsDefaultsHold) {
  model::Job job = LoadJob(Dag(""));
  model::Job fresh;
  EXPECT_EQ(job.retry_exponential_backoff, fresh.retry_exponential_backoff);
  EXPECT_EQ(job.max_retry_delay, fresh.max_retry_delay);
  EXPECT_EQ(job.retry_on, fresh.retry_on);
  EXPECT_EQ(model::EmrOf(job)->launch_timeout, model::EmrWork().launch_timeout);
  EXPECT_EQ(model::EmrOf(job)->max_run_time, std::nullopt);
  EXPECT_EQ(model::EmrOf(job)->resume, model::Resume::kNone);
  EXPECT_THAT(model::EmrOf(job)->on_retry, ElementsAre());
  EXPECT_THAT(model::EmrOf(job)->expected_durations, ElementsAre(std::nullopt));
}

TEST(Policy, AnEmptyRetryOnRetriesNothing) {
  EXPECT_THAT(LoadJob(Dag("    retry_on: []\n")).retry_on, ElementsAre());
}

TEST(Policy, DefaultsForClustersPassOverJobsWithoutOne) {
  model::Job job = LoadJob(
      "dag_id: a\ndefault_args: {max_run_time: 6h, retry_on: []}\ntasks: {x: {type: empty}}\n");
  EXPECT_EQ(model::EmrOf(job), nullptr);
  EXPECT_THAT(job.retry_on, ElementsAre());
}

TEST(Policy, ExpectedDurationsStandBesideTheStepsAndNeverReachEmr) {
  model::Job job =
      LoadJob(Dag("",
                  "",
                  "[{name: s, expected_duration: 30m, spark_submit: {application: x.py}},"
                  " {name: t, spark_submit: {application: y.py}},"
                  " {Name: u, expected_duration: 2h, HadoopJarStep: {Jar: j.jar}}]"));
  EXPECT_THAT(model::EmrOf(job)->expected_durations,
              ElementsAre(base::minutes(30), std::nullopt, base::hours(2)));
  EXPECT_EQ(base::Canonical(model::EmrOf(job)->request).find("expected"), std::string::npos);
}

TEST(Policy, AJobsExpectedDurationIsThatOfItsOnlyStep) {
  const auto expected = [](const std::string& dag) {
    const model::Job job = LoadJob(dag);
    return model::EmrOf(job)->expected_durations;
  };
  EXPECT_THAT(expected(Dag("    expected_duration: 30m\n")), ElementsAre(base::minutes(30)));
  EXPECT_THAT(expected(Dag("    expected_duration: 30m\n",
                           "",
                           "[{name: s, expected_duration: 5m, spark_submit: {application: x}}]")),
              ElementsAre(base::minutes(5)));
  Loaded loaded = Load(
      {{"clusters/full.yaml", Cat(kGoodTemplate, "Steps: [{Name: s, HadoopJarStep: {Jar: j}}]\n")},
       {"dags/a.yaml", "dag_id: a\ntasks: {x: {cluster: full, expected_duration: 1h}}\n"}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_THAT(model::EmrOf(loaded.dags.at(0)->jobs[0])->expected_durations,
              ElementsAre(base::hours(1)));
}

TEST(Policy, PatchesMergedInOrderGiveRequestsThatEmrTakes) {
  model::Job job = LoadJob(
      Dag("    overrides: {EbsRootVolumeSize: 20, LogUri: s3://b/}\n"
          "    on_retry:\n"
          "      - {from_try: 2, overrides: {EbsRootVolumeSize: 50, Instances: {Ec2KeyName: k}}}\n"
          "      - from_try: 4\n"
          "        overrides:\n"
          "          LogUri: null\n"
          "          AutoTerminationPolicy: {IdleTimeout: null}\n"
          "          Instances: {Ec2KeyName: '{{ job_id }}', Placement: {AvailabilityZone: z}}\n"));
  ASSERT_EQ(model::EmrOf(job)->on_retry.size(), 2u);
  EXPECT_EQ(model::EmrOf(job)->on_retry[0].from_try, 2);
  EXPECT_EQ(model::EmrOf(job)->on_retry[1].from_try, 4);
  json::object request = model::EmrOf(job)->request;
  base::DeepMerge(request, model::EmrOf(job)->on_retry[0].overrides);
  EXPECT_EQ(base::GetInt(request, "EbsRootVolumeSize"), 50);
  EXPECT_EQ(base::GetString(request, "LogUri"), "s3://b/");
  base::DeepMerge(request, model::EmrOf(job)->on_retry[1].overrides);
  EXPECT_FALSE(request.contains("LogUri"));
  EXPECT_EQ(base::GetString(request, "Instances.Ec2KeyName"), "{{ job_id }}");
  EXPECT_EQ(base::GetString(request, "Instances.Placement.AvailabilityZone"), "z");
  EXPECT_TRUE(base::GetObject(request, "AutoTerminationPolicy").empty());
  EXPECT_EQ(base::GetArray(request, "Instances.InstanceFleets").size(), 1u);
  request["Name"] = "sbx";
  EXPECT_TRUE(emr::CheckRunJobFlow(request).empty());
}

TEST(Policy, APatchStandsOnTopOfTheLane) {
  std::string dag = Dag("    on_retry: [{from_try: 2, overrides: {EbsRootVolumeSize: 50}}]\n",
                        "lanes: [{id: 1, overrides: {EbsRootVolumeSize: 30}}, {id: 2}]");
  for (size_t lane : {0u, 1u}) {
    model::Job job = LoadJob(dag, lane);
    ASSERT_EQ(model::EmrOf(job)->on_retry.size(), 1u);
    EXPECT_EQ(base::GetInt(model::EmrOf(job)->on_retry[0].overrides, "EbsRootVolumeSize"), 50);
  }
}

TEST(Policy, APatchCannotKeepAClusterAliveOrNameIt) {
  Loaded loaded = Load({{"dags/a.yaml",
                         Dag("    on_retry:\n"
                             "      - from_try: 2\n"
                             "        overrides: {Name: mine, Instances: "
                             "{KeepJobFlowAliveWhenNoSteps: true}}\n")}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings),
            "dags/a.yaml:9:27: 'Name' is not used: Signalbox gives every cluster a name of its "
            "own\n"
            "dags/a.yaml:9:74: 'KeepJobFlowAliveWhenNoSteps' is set to false: a cluster ends after "
            "its steps\n");
  EXPECT_EQ(base::Canonical(model::EmrOf(loaded.dags.at(0)->jobs[0])->on_retry.at(0).overrides),
            R"({"Instances":{"KeepJobFlowAliveWhenNoSteps":false}})");
}

TEST(Policy, EveryMistakeHasItsPlaceAndMend) {
  constexpr std::string_view kRawStep = "[{Name: s, HadoopJarStep: {Jar: s3://b/j.jar}}]";
  constexpr std::string_view kTwoSteps =
      "[{name: s, spark_submit: {application: x}}, {name: t, spark_submit: {application: x}}]";
  struct {
    std::string dag;
    const char* errors;
  } table[] = {
      {Dag("    retry_exponential_backoff: 2\n"),
       "7:32: 'retry_exponential_backoff': expected true or false, found 2"},
      {Dag("    max_retry_delay: 0s\n"), "7:22: 'max_retry_delay' must be more than 0s"},
      {Dag("    retry_on: infra\n"),
       "7:15: 'retry_on': expected infrastructure or application, found 'infra'"},
      {Dag("    retry_on: [infrastucture, user]\n"),
       "7:16: 'retry_on': expected infrastructure or application, found 'infrastucture'; did you "
       "mean 'infrastructure'?\n"
       "dags/a.yaml:7:31: 'retry_on': expected infrastructure or application, found 'user'"},
      {Dag("    retry_on: {a: b}\n"), "7:15: 'retry_on': expected a text, found a map"},
      {Dag("    launch_timeout: 0m\n"), "7:21: 'launch_timeout' must be more than 0s"},
      {Dag("", "default_args: {launch_timeout: soon}"),
       "2:32: 'launch_timeout': expected a duration such as 90s, 10m, 1h30m or 5d, found the text "
       "'soon'"},
      {Dag("    max_run_time: 59s\n"), "7:19: 'max_run_time' must be at least 1m"},
      {Dag("    resume: failed\n"), "7:13: 'resume': expected none or failed_step, found 'failed'"},
      {Dag("    max_run_time: 1h\n", "", kRawStep),
       "6:44: Steps[0].HadoopJarStep.Jar: the job 'x' has a 'max_run_time', which only a step on "
       "command-runner.jar can have: nothing of EMR would end this one; run it there, or remove "
       "'max_run_time'"},
      {Dag("    expected_duration: 1h\n", "", kTwoSteps),
       "7:24: 'expected_duration' of a job is for its only step, and 'x' has 2; write it on the "
       "steps"},
      {Dag("    expected_duration: 0s\n"), "7:24: 'expected_duration' must be more than 0s"},
      {Dag("", "", "[{name: s, expected_duration: 0s, spark_submit: {application: x}}]"),
       "6:42: 'expected_duration' must be more than 0s"},
      {Dag("", "", "[{Name: s, expected_duration: 5, HadoopJarStep: {Jar: j}}]"),
       "6:42: 'expected_duration': expected a duration such as 90s, 10m, 1h30m or 5d, found 5"},
      {Dag("", "default_args: {expected_duration: 1h}"),
       "2:35: 'expected_duration' has no default; write it in the jobs"},
      {Dag("", "default_args: {on_retry: []}"),
       "2:26: 'on_retry' has no default; write it in the jobs"},
      {"dag_id: a\ntasks: {x: {type: empty, max_run_time: 1h}}\n",
       "2:40: 'max_run_time' is for jobs with a cluster; this one has none"},
      // on_retry.
      {Dag("    on_retry: {from_try: 2}\n"), "7:15: 'on_retry': expected a list, found a map"},
      {Dag("    on_retry: [{from_try: 1, overrides: {}}]\n"),
       "7:27: 'from_try' must be from 2 to 10000, found 1"},
      {Dag("    on_retry: [{from_try: 3, overrides: {}}, {from_try: 3, overrides: {}}]\n"),
       "7:57: 'from_try' must be more than the 3 of the entry before and at most 10000, found 3"},
      {Dag("    on_retry: [{overrides: {}, tries: 3}]\n"),
       "7:16: this entry of 'on_retry' needs the key 'from_try'\n"
       "dags/a.yaml:7:32: unknown key 'tries' in this entry of 'on_retry'; it may have from_try, "
       "overrides"},
      {Dag("    on_retry: [{from_try: 2, overrides: {Steps: []}}]\n"),
       "7:49: 'overrides' cannot change Steps; write them under the job's 'steps'"},
      {Dag("    on_retry: [{from_try: 2, overrides: 5}]\n"),
       "7:41: 'overrides': expected a map, found a whole number"},
      {Dag("    on_retry: [{from_try: 3, overrides: {LogUrl: x}}]\n"),
       "7:50: from try 3 on, LogUrl: is not a known member; did you mean \"LogUri\"?"},
      // It is wrong only together with the entry before.
      {Dag("    on_retry:\n"
           "      - {from_try: 2, overrides: {Instances: {InstanceFleets: null}}}\n"
           "      - {from_try: 3, overrides: {EbsRootVolumeSize: 20}}\n"),
       "8:34: from try 2 on, "},
      {Dag("    on_retry: [{from_try: 2, overrides: {LogUri: 's3://{{ dss }}/'}}]\n"),
       "7:50: at column 9 of this text: 'dss' is not defined; did you mean 'ds'?"},
  };
  for (const auto& row : table) {
    std::string expected = Cat("dags/a.yaml:", row.errors);
    std::string found = Errors(row.dag);
    std::string_view compared = found;
    if (!found.empty())
      compared.remove_suffix(1);
    if (expected.ends_with(", "))
      compared = compared.substr(0, expected.size());
    EXPECT_EQ(compared, expected) << row.dag;
  }
}

TEST(Policy, AMistakeOfTheRequestItselfIsNotToldOfEachPatchAgain) {
  std::string errors =
      Errors(Dag("    overrides: {LogUrl: x}\n"
                 "    on_retry: [{from_try: 2, overrides: {EbsRootVolumeSize: 20}}]\n"));
  EXPECT_EQ(errors, "dags/a.yaml:7:25: LogUrl: is not a known member; did you mean \"LogUri\"?\n");
}

TEST(Policy, ThePatchesAndCapsArePartOfTheVersion) {
  auto version = [](const std::string& keys) {
    Loaded loaded = Load({{"dags/a.yaml", Dag(keys)}});
    EXPECT_EQ(Text(loaded.errors), "");
    return loaded.dags.at(0)->version;
  };
  EXPECT_EQ(version("    retry_on: [infrastructure, application]\n"),
            version("    retry_on: [application, infrastructure]\n"));
  EXPECT_NE(version(""), version("    max_run_time: 1h\n"));
  EXPECT_NE(version("    on_retry: [{from_try: 2, overrides: {LogUri: s3://b/}}]\n"), version(""));
}

}  // namespace
}  // namespace dagfile
