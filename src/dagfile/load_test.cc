#include "dagfile/load.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sstream>

#include "dagfile/test_support.h"
#include "model/dag_json.h"

namespace dagfile {
namespace {

using base::Cat;
using ::testing::ElementsAre;

std::string Errors(const std::string& dag) {
  return Text(Load({{"dags/a.yaml", dag}}).errors);
}

// A DAG of these tasks (and lanes 1 and 2 where the tasks say so).
std::string Dag(std::string_view tasks, std::string_view before = "") {
  return Cat("dag_id: a\n", before, before.empty() ? "" : "\n", "tasks:\n", tasks);
}
constexpr std::string_view kTwoLanes = "lanes: [{id: 1, params: {x: 1}}, {id: b, params: {x: 2}}]";

std::shared_ptr<const model::Dag> LoadOne(const std::string& dag) {
  Loaded loaded = Load({{"dags/a.yaml", dag}});
  EXPECT_EQ(Text(loaded.errors), "");
  return loaded.dags.size() == 1 ? loaded.dags[0] : std::make_shared<model::Dag>();
}

std::vector<SourceFile> ReadExample() {
  namespace fs = std::filesystem;
  fs::path root = fs::path(SIGNALBOX_SOURCE_DIR) / "examples" / "delphi";
  std::vector<SourceFile> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    files.push_back({fs::relative(entry.path(), root).generic_string(), text.str()});
  }
  return files;
}

TEST(Load, TheExampleHasSeventeenJobsInFourLanes) {
  Loaded loaded = LoadProject(ReadExample(), FindTestZone);
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
  ASSERT_TRUE(loaded.project);
  ASSERT_EQ(loaded.dags.size(), 2u);
  const model::Dag& dag = *loaded.dags[0];
  EXPECT_EQ(dag.id.str(), "purchase_propensity");
  EXPECT_EQ(dag.fileloc, "dags/purchase_propensity.yaml");
  EXPECT_EQ(dag.version, model::ComputeVersion(dag));
  EXPECT_EQ(dag.timezone, "Europe/Istanbul");
  ASSERT_EQ(dag.jobs.size(), 17u);
  EXPECT_EQ(model::TaskDisplayId(dag.jobs[0], 0), "labeling_1.start_cluster");
  EXPECT_EQ(dag.jobs[0].retries, 3);
  EXPECT_EQ(dag.jobs[0].infra_retry_delay, base::minutes(10));
  EXPECT_EQ(dag.jobs[0].pool.str(), "clusters");
  ASSERT_EQ(dag.jobs[0].cross.size(), 1u);
  EXPECT_EQ(dag.jobs[0].cross[0].dag.str(), "sessionize");
  EXPECT_THAT(dag.jobs[5].upstream, ElementsAre(1));  // dataset_preparation_2 ← labeling_2
  EXPECT_THAT(dag.jobs[16].upstream, ElementsAre(12, 13, 14, 15));
  EXPECT_EQ(dag.jobs[16].lane.str(), "");
  // The fourth lane overrides a member of the template, and only that.
  EXPECT_EQ(base::GetInt(model::EmrOf(dag.jobs[0])->request, "EbsRootVolumeSize"), 50);
  EXPECT_EQ(base::GetInt(model::EmrOf(dag.jobs[3])->request, "EbsRootVolumeSize"), 100);
  EXPECT_EQ(base::GetString(model::EmrOf(dag.jobs[3])->request, "ReleaseLabel"), "emr-7.1.0");
}

TEST(Load, ReadsEveryKeyOfADag) {
  auto dag = LoadOne(
      "dag_id: a.b-c\n"
      "description: d\n"
      "tags: [x, y]\n"
      "owner: me\n"
      "access: [team_a, team-b]\n"
      "schedule: {cron: '@daily', timetable: data_interval}\n"
      "timezone: UTC\n"
      "start_date: 2026-01-01\n"
      "end_date: 2026-02-01T03:00:00Z\n"
      "catchup: true\n"
      "max_active_runs: 2\n"
      "is_paused_upon_creation: false\n"
      "params: {days: 7, deep: {er: [1]}}\n"
      "default_args: {retries: 1, infra_retries: 4, retry_delay: 1m, owner: other, pool: "
      "clusters}\n"
      "tasks:\n"
      "  first: {type: empty, retries: 2, infra_retry_delay: 9m}\n"
      "  second: {type: empty, depends_on: [first], pool: default_pool}\n");
  EXPECT_EQ(dag->id.str(), "a.b-c");
  EXPECT_EQ(dag->description, "d");
  EXPECT_THAT(dag->tags, ElementsAre("x", "y"));
  EXPECT_EQ(dag->owner, "me");
  EXPECT_THAT(dag->access, ElementsAre("team_a", "team-b"));
  EXPECT_EQ(dag->schedule, (model::Schedule{"@daily", model::Timetable::kDataInterval}));
  EXPECT_EQ(dag->start_date, *base::ParseTime("2026-01-01"));
  EXPECT_EQ(dag->end_date, *base::ParseTime("2026-02-01T03:00:00Z"));
  EXPECT_TRUE(dag->catchup);
  EXPECT_EQ(dag->max_active_runs, 2);
  EXPECT_FALSE(dag->is_paused_upon_creation);
  EXPECT_EQ(json::serialize(dag->params), R"({"days":7,"deep":{"er":[1]}})");
  ASSERT_EQ(dag->jobs.size(), 2u);
  EXPECT_EQ(dag->jobs[0].retries, 2);
  EXPECT_EQ(dag->jobs[0].infra_retries, 4);
  EXPECT_EQ(dag->jobs[0].retry_delay, base::minutes(1));
  EXPECT_EQ(dag->jobs[0].infra_retry_delay, base::minutes(9));
  EXPECT_EQ(dag->jobs[0].pool.str(), "clusters");
  EXPECT_EQ(dag->jobs[1].infra_retry_delay, base::minutes(1));
  EXPECT_EQ(dag->jobs[1].pool.str(), "default_pool");
  EXPECT_THAT(dag->jobs[1].upstream, ElementsAre(0));
}

TEST(Load, FillsInAirflowsDefaults) {
  auto dag = LoadOne(Dag("  x: {type: empty, retries: 3}\n"));
  EXPECT_EQ(dag->schedule.cron, "");
  EXPECT_EQ(dag->timezone, "UTC");
  EXPECT_FALSE(dag->catchup);
  EXPECT_TRUE(dag->is_paused_upon_creation);
  EXPECT_EQ(dag->max_active_runs, 16);
  EXPECT_EQ(dag->jobs[0].infra_retries, 3);
  EXPECT_EQ(dag->jobs[0].retry_delay, base::minutes(5));
  EXPECT_EQ(dag->jobs[0].pool.str(), "default_pool");
}

TEST(Load, WritesSparkSubmitAsAStep) {
  auto dag =
      LoadOne(Dag("  x:\n"
                  "    cluster: spot\n"
                  "    steps:\n"
                  "      - name: label\n"
                  "        action_on_failure: CONTINUE\n"
                  "        spark_submit:\n"
                  "          application: s3://b/x.py\n"
                  "          args: [--date, '{{ ds }}', --n, 5]\n"
                  "          conf: {spark.a: true, spark.b: 1.50}\n"
                  "          class: C\n"
                  "          jars: [a.jar, b.jar]\n"
                  "          packages: p:q:1\n"
                  "          deploy_mode: client\n"
                  "          executor_memory: 4g\n"
                  "      - {Name: raw, HadoopJarStep: {Jar: j.jar, Args: [x]}}\n"));
  EXPECT_EQ(
      json::serialize(*base::Find(model::EmrOf(dag->jobs.at(0))->request, "Steps")),
      R"([{"Name":"label","ActionOnFailure":"CONTINUE","HadoopJarStep":{"Jar":"command-runner.jar","Args":)"
      R"(["spark-submit","--deploy-mode","client","--class","C","--executor-memory","4g",)"
      R"("--jars","a.jar,b.jar","--packages","p:q:1","--conf","spark.a=true","--conf","spark.b=1.50",)"
      R"("s3://b/x.py","--date","{{ ds }}","--n","5"]}},)"
      R"({"Name":"raw","HadoopJarStep":{"Jar":"j.jar","Args":["x"]},"ActionOnFailure":"TERMINATE_CLUSTER"}])");
}

TEST(Load, MergesTemplateThenJobThenLane) {
  auto dag = LoadOne(Cat(
      "dag_id: a\n"
      "lanes: [{id: 1, overrides: {LogUri: s3://lane/, EbsRootVolumeSize: null}}, {id: 2}]\n"
      "tasks:\n"
      "  x:\n"
      "    cluster: {template: spot, overrides: {LogUri: s3://cluster/, EbsRootVolumeSize: 20}}\n"
      "    overrides: {LogUri: s3://job/, Instances: {Ec2KeyName: k}}\n"
      "    steps: ",
      kStep,
      "\n"));
  const json::object& first = model::EmrOf(dag->jobs.at(0))->request;
  const json::object& second = model::EmrOf(dag->jobs.at(1))->request;
  EXPECT_EQ(base::GetString(first, "LogUri"), "s3://lane/");
  EXPECT_EQ(base::GetString(second, "LogUri"), "s3://job/");
  EXPECT_EQ(base::Find(first, "EbsRootVolumeSize"), nullptr);
  EXPECT_EQ(base::GetInt(second, "EbsRootVolumeSize"), 20);
  EXPECT_EQ(base::GetString(second, "Instances.Ec2KeyName"), "k");
  EXPECT_EQ(base::GetArray(second, "Instances.InstanceFleets").size(), 1u);
}

TEST(Load, TheVersionFollowsTheMeaningNotTheText) {
  auto one = LoadOne(Dag("  x: {type: empty}\n"));
  auto same = LoadOne("# a comment\ndag_id: a\ntasks: {x: {type: empty, retries: 0}}\n");
  auto other = LoadOne(Dag("  x: {type: empty, retries: 1}\n"));
  auto seen = LoadOne(Dag("  x: {type: empty}\n", "access: [team_a]"));
  EXPECT_EQ(one->version, seen->version);
  EXPECT_EQ(one->version, same->version);
  EXPECT_NE(one->version, other->version);
}

TEST(Load, ResolvesLanes) {
  auto dag =
      LoadOne(Dag("  all: {type: empty, lanes: none, depends_on: ['x[*]']}\n"
                  "  x: {type: empty}\n"
                  "  y: {type: empty, depends_on: [x]}\n"
                  "  z: {type: empty, depends_on: ['x[b]', before]}\n"
                  "  wide: {type: empty, depends_on: ['x[*]', x]}\n"
                  "  one: {type: empty, lanes: none, depends_on: ['x[1]']}\n"
                  "  before: {type: empty, lanes: none}\n",
                  kTwoLanes));
  auto upstream = [&](std::string_view name) {
    std::vector<std::string> out;
    for (const model::Job& job : dag->jobs)
      if (model::DisplayName(job.id, job.lane) == name)
        for (int index : job.upstream) {
          const model::Job& up = dag->jobs[static_cast<size_t>(index)];
          out.push_back(model::DisplayName(up.id, up.lane));
        }
    return out;
  };
  EXPECT_THAT(upstream("all"), ElementsAre("x_1", "x_b"));
  EXPECT_THAT(upstream("y_b"), ElementsAre("x_b"));
  EXPECT_THAT(upstream("z_1"), ElementsAre("x_b", "before"));
  EXPECT_THAT(upstream("wide_1"), ElementsAre("x_1", "x_b"));
  EXPECT_THAT(upstream("one"), ElementsAre("x_1"));
}

TEST(Load, ResolvesOtherDags) {
  Loaded loaded = Load({{"dags/up.yaml",
                         Cat("dag_id: up\nschedule: '@daily'\n",
                             kTwoLanes,
                             "\ntasks: {x: {type: empty}, y: {type: empty, lanes: none}}\n")},
                        {"dags/a.yaml",
                         Dag("  p: {type: empty, depends_on: [up/x, {job: up/y, window: covers}]}\n"
                             "  q: {type: empty, depends_on: ['up/x[b]']}\n"
                             "  r: {type: empty, depends_on: ['up/x[*]']}\n")}});
  EXPECT_EQ(Text(loaded.errors), "");
  ASSERT_EQ(loaded.dags.size(), 2u);
  const auto& jobs = loaded.dags[0]->jobs;
  const model::DagId up("up");
  const model::JobId x("x"), y("y");
  EXPECT_THAT(jobs[0].cross,
              ElementsAre(model::CrossDependency{up, x, std::nullopt, model::Window::kLatestDue},
                          model::CrossDependency{up, y, std::nullopt, model::Window::kCovers}));
  EXPECT_THAT(jobs[1].cross, ElementsAre(model::CrossDependency{up, x, model::LaneId("b")}));
  EXPECT_THAT(jobs[2].cross,
              ElementsAre(model::CrossDependency{up, x, model::LaneId("1")},
                          model::CrossDependency{up, x, model::LaneId("b")}));
}

TEST(Load, EveryMistakeInADagFileHasItsPlaceAndMend) {
  struct {
    std::string dag;
    const char* errors;
  } table[] = {
      {"tasks: {x: {type: empty}}\n", "1:1: the DAG needs the key 'dag_id'"},
      {"dag_id: 'a b'\ntasks: {x: {type: empty}}\n",
       "1:9: 'a b' is no dag_id: 1 to 250 letters, digits, '_', '-' and '.'"},
      {"dag_id: a\n", "1:1: the DAG needs the key 'tasks'"},
      {"dag_id: a\ntasks: {}\n", "2:8: 'tasks': expected a map of at least one job"},
      {"- 1\n", "1:1: the DAG: expected a map, found a list"},
      {Dag("  x: {type: empty}\n", "shedule: '@daily'"),
       "2:1: unknown key 'shedule' in the DAG; did you mean 'schedule'?"},
      {Dag("  x: {type: empty}\n", "access: []"),
       "2:9: 'access' has 0 names, and must have 1 to 20: remove the key if no scope goes by it"},
      {Dag("  x: {type: empty}\n", "access: [a, 'b c']"),
       "2:9: 'b c' is no name for access: 1 to 64 letters, digits, '_' and '-', such as team_a; a "
       "user with the scope access:team_a sees this DAG"},
      {Dag("  x: {type: empty}\n", "access: [a, a]"), "2:9: 'access' names 'a' twice"},
      {Dag("  x: {type: empty}\n", "deadline: 5s"),
       "2:11: a deadline is at least 1m after what it counts from"},
      {Dag("  x: {type: empty}\n", "deadline: {within: 1h, by: '06:00'}"),
       "2:20: 'within' and 'by' exclude each other"},
      {Dag("  x: {type: empty}\n", "deadline: {by: 'Sun 25:00'}"),
       "2:16: 'by': expected a time such as \"06:00\" or \"Sun 24:00\", or a cron expression, "
       "found "
       "'Sun 25:00'"},
      {Dag("  x: {type: empty}\n", "deadline: {from: start, within: 1h}"),
       "2:18: a deadline counts from data_interval_end, logical_date or queued_at, not 'start'"},
      {Dag("  x: {type: empty}\n", "default_args: {deadline: 1h}"),
       "2:26: 'deadline' has no default; write it in the jobs"},
      {Dag("  x: {type: empty, trigger_rule: all_dome}\n"),
       "3:34: 'trigger_rule': expected one of all_success, all_failed, all_done, "
       "all_done_min_one_success, all_skipped, one_failed, one_success, one_done, none_failed, "
       "none_failed_min_one_success, none_skipped, always, found 'all_dome'; did you mean "
       "'all_done'?"},
      {Dag("  x: {type: empty, when: 'parms.y'}\n"),
       "3:26: at column 1 of this expression: 'parms' is not defined; did you mean 'params'?"},
      {Dag("  x: {type: empty}\n  y: {type: empty, depends_on: [x], when: states.z == 'failed'}\n"),
       "4:43: at column 8 of this expression: 'states' has no member 'z'; there are x"},
      {Dag("  x: {type: empty}\n"
           "  y: {type: empty, depends_on: [x], when: states.x == 'sucess'}\n"),
       "4:43: at column 13 of this expression: expected a state (success, failed, upstream_failed, "
       "skipped, none), found 'sucess'; did you mean 'success'?"},
      {Dag("  x: {type: empty}\n"
           "  y: {type: empty, depends_on: [x], when: \"states['x'] in ['failed', 'dead']\"}\n"),
       "4:43: at column 27 of this expression: expected a state (success, failed, upstream_failed, "
       "skipped, none), found 'dead'"},
      {Dag("  x: {type: empty, when: \"ds = 'x'\"}\n"),
       "3:26: at column 4 of this expression: expected the end of the expression, found '='"},
      {Dag("  x: {type: empty, setup: true, teardown: true}\n"),
       "3:27: a job is a setup or a teardown, not both"},
      {Dag("  x: {type: empty, teardown: true, trigger_rule: always}\n"),
       "3:50: a teardown has no 'trigger_rule': it runs once all before it are done and one of its "
       "setups has succeeded"},
      {Dag("  x: {type: empty, teardown: {setups: [b/y]}}\n"),
       "3:40: a teardown's setups are jobs of its own DAG"},
      {Dag("  x: {type: empty, teardown: true}\n  y: {type: empty, teardown: {setups: [x]}}\n"),
       "4:40: 'x' is a teardown itself, not a setup"},
      {Dag("  x: {type: empty, execution_timeout: 1h}\n"),
       "3:39: 'execution_timeout' is for jobs with a cluster or a command; this one has neither"},
      {Dag("  x: {type: empty}\n", "default_args: {sla: 1h}"),
       "2:16: 'sla' is not supported yet in this version"},
      {Dag("  x: {type: empty}\n", "schedule: 5"),
       "2:11: 'schedule': expected a cron expression such as \"0 2 * * 1\", a preset such as "
       "\"@daily\", or null, found a whole number"},
      {Dag("  x: {type: empty}\n", "schedule: {cron: '@daily', timetable: x}"),
       "2:39: 'timetable': expected trigger or data_interval, found 'x'"},
      {Dag("  x: {type: empty}\n", "timezone: Mars/Olympus"),
       "2:11: 'Mars/Olympus' is not an IANA time zone such as Europe/Istanbul"},
      {Dag("  x: {type: empty}\n", "timezone: ../../etc/passwd"),
       "2:11: '../../etc/passwd' is not an IANA time zone such as Europe/Istanbul"},
      {Dag("  x: {type: empty}\n", "start_date: 2026-02-01\nend_date: 2026-01-01"),
       "3:11: 'end_date' is before 'start_date'"},
      {Dag("  x: {type: empty}\n", "catchup: true"),
       "2:10: 'catchup: true' needs a 'start_date' to begin with"},
      {Dag("  x: {type: empty}\n", "max_active_runs: 0"),
       "2:18: 'max_active_runs' must be from 1 to 10000, found 0"},
      {Dag("  x: {type: empty, retries: -1}\n"),
       "3:29: 'retries' must be from 0 to 10000, found -1"},
      {Dag("  x: {type: empty, retry_delay: 10}\n"),
       "3:33: 'retry_delay': expected a duration such as 90s, 10m, 1h30m or 5d, found 10"},
      {Dag("  x: {}\n"),
       "3:3: the job 'x' needs a 'type': emr_job, command, trigger_dag_run, airflow_task or empty"},
      {Dag("  x:\n"),
       "3:3: the job 'x': expected a map, found nothing (give a value, or remove the key)"},
      {Dag("  x: {type: python}\n"), "3:13: 'type: python' is not supported yet in this version"},
      {Dag("  x: {type: emr}\n"),
       "3:13: there is no job type 'emr'; there are emr_job, command, trigger_dag_run, "
       "airflow_task "
       "and empty"},
      {Dag("  1x: {type: empty}\n"),
       "3:3: '1x' is no job id: a letter, then at most 99 letters, digits, '_' and '-'"},
      {Dag("  x: {type: empty, pool: cluster}\n"),
       "3:26: there is no pool 'cluster' in signalbox.yaml; did you mean 'clusters'?"},
      {Dag("  x: {type: empty}\n", "lanes: []"),
       "2:8: 'lanes' is empty; give at least one lane, or remove the key"},
      {Dag("  x: {type: empty}\n", "lanes: [{id: 1}, {id: '1'}]"),
       "2:23: the lane '1' is there twice; first at line 2"},
      {Dag("  x: {type: empty}\n", "lanes: [{id: a b}]"),
       "2:14: 'a b' is no lane id: 1 to 64 letters, digits, '_' and '-'"},
      {Dag("  x: {type: empty, lanes: all}\n", kTwoLanes),
       "4:27: 'lanes' of a job may only be none: the job runs once, for all lanes"},
      {Dag("  x: {type: empty}\n  x_1: {type: empty, lanes: none}\n", kTwoLanes),
       "5:3: the jobs 'x' and 'x_1' would both be shown as 'x_1'; rename one of them"},
      // References.
      {Dag("  x: {type: empty, depends_on: y}\n"),
       "3:32: 'depends_on': expected a list, found the text 'y'"},
      {Dag("  first: {type: empty}\n  x: {type: empty, depends_on: [frst]}\n"),
       "4:33: there is no job 'frst' in this DAG; did you mean 'first'?"},
      {Dag("  x: {type: empty, depends_on: ['y[']}\n"),
       "3:33: 'y[' names no job; expected job, job[*], job[LANE], group, dag_id/job or "
       "dag_id/job[LANE]"},
      {Dag("  y: {type: empty}\n  x: {type: empty, depends_on: ['y[*]']}\n"),
       "4:33: 'y' has no lanes; write 'y'"},
      {Dag("  y: {type: empty}\n  x: {type: empty, lanes: none, depends_on: [y]}\n", kTwoLanes),
       "5:46: 'x' has no lane and 'y' has 2; write 'y[*]' for all of them or 'y[1]' for one"},
      {Dag("  y: {type: empty}\n  x: {type: empty, depends_on: ['y[3]']}\n", kTwoLanes),
       "5:33: there is no lane '3'; there are 1, b"},
      {Dag("  x: {type: empty, depends_on: [x]}\n"),
       "3:33: these jobs wait for each other: x -> x"},
      {Dag("  x: {type: empty, depends_on: [z]}\n  y: {type: empty, depends_on: [x]}\n"
           "  z: {type: empty, depends_on: [y]}\n",
           kTwoLanes),
       "4:33: these jobs wait for each other: x -> z -> y -> x"},
      {Dag("  x: {type: empty, depends_on: [a/x]}\n"),
       "3:33: 'a/x' is in this very DAG; write 'x'"},
      {Dag("  x: {type: empty, depends_on: [up/x]}\n"),
       "3:33: there is no DAG 'up' in this project"},
      {Dag("  y: {type: empty}\n  x: {type: empty, depends_on: [{job: y, window: covers}]}\n"),
       "4:50: 'window' is for jobs of other DAGs: dag_id/job"},
      {Dag("  x: {type: empty, depends_on: [{job: zzz/y, window: last}]}\n"),
       "3:39: there is no DAG 'zzz' in this project\n"
       "dags/a.yaml:3:54: 'window': expected latest_due, same_interval, covers or within, found "
       "'last'"},
      // Requests.
      {Dag(Cat("  x: {cluster: sport, steps: ", kStep, "}\n")),
       "3:16: there is no cluster template 'sport' (clusters/sport.yaml); did you mean 'spot'?"},
      {Dag(Cat("  x: {type: emr_job, steps: ", kStep, "}\n")),
       "3:3: the job 'x' needs the key 'cluster'"},
      {Dag("  x: {type: empty, outputs: s3://b1x/y.json}\n"),
       "3:29: 'outputs' is for jobs with a cluster or a command; this one has neither"},
      {Dag(Cat("  x: {cluster: spot, outputs: 'http://x', steps: ", kStep, "}\n")),
       "3:31: 'outputs': 'http://x' is no S3 URI; expected s3://bucket/path/of/a/file.json"},
      {Dag(Cat("  x: {cluster: spot, outputs: 's3://b1x/{{ runid }}', steps: ", kStep, "}\n")),
       "3:31: at column 13 of this text: 'runid' is not defined; did you mean 'run_id'?"},
      {Dag(Cat("  x: {cluster: spot, outputs: 's3://b1x/{{ run_id }}', steps: ",
               kStep,
               "}\n  y: {type: empty, depends_on: [x]}\n"
               "  z: {type: empty, depends_on: [y], when: outputs.y.n}\n"
               "  w: {type: empty, when: outputs.x.n}\n")),
       "5:43: at column 9 of this expression: 'outputs' has no member 'y'; there are x\n"
       "dags/a.yaml:6:26: at column 9 of this expression: 'outputs' has no member 'x'"},
      {Dag("  x: {cluster: spot}\n"),
       "3:3: the job 'x' needs 'steps'; its cluster template has none"},
      {Dag("  x: {cluster: spot, steps: []}\n"),
       "3:29: 'steps': expected a list of at least one step"},
      {Dag(Cat("  x: {cluster: spot, overrides: {Steps: []}, steps: ", kStep, "}\n")),
       "3:41: 'overrides' cannot change Steps; write them under the job's 'steps'"},
      {Dag(Cat("  x: {cluster: spot, overrides: {LogUrl: s3://x}, steps: ", kStep, "}\n")),
       "3:42: LogUrl: is not a known member; did you mean \"LogUri\"?"},
      {Dag("  x: {cluster: spot, steps: [{name: s}]}\n"),
       "3:30: this step needs the key 'spark_submit'"},
      {Dag("  x: {cluster: spot, steps: [{name: s, spark_submit: {aplication: x}}]}\n"),
       "3:54: 'spark_submit' needs the key 'application'\n"
       "dags/a.yaml:3:55: unknown key 'aplication' in 'spark_submit'; did you mean 'application'?"},
      {Dag("  x: {cluster: spot, steps: [{name: s, spark_submit: {application: x, args: [\"a {{ "
           "dss }}\"]}}]}\n"),
       "3:78: at column 6 of this text: 'dss' is not defined; did you mean 'ds'?"},
      {Dag("  x: {cluster: spot, steps: [{name: s, spark_submit: {application: x, args: [\"{{ "
           "lane.params.y }}\"]}}]}\n",
           kTwoLanes),
       "4:78: at column 16 of this text: 'lane.params' has no member 'y'; there are x"},
      {Dag("  x: {cluster: spot, lanes: none, steps: [{name: s, spark_submit: {application: '{{ "
           "lane.id }}'}}]}\n",
           kTwoLanes),
       "4:81: at column 4 of this text: 'lane' is not defined"},
      {Dag("  x: {cluster: spot, steps: [{name: s, action_on_failure: STOP, spark_submit: "
           "{application: x}}]}\n"),
       "3:59: Steps[0].ActionOnFailure: "},
  };
  for (const auto& row : table) {
    std::string expected = Cat("dags/a.yaml:", row.errors);
    std::string found = Errors(row.dag);
    std::string_view compared = found;
    if (!found.empty())
      compared.remove_suffix(1);
    if (expected.ends_with(": ") || expected.ends_with("not defined"))
      compared = compared.substr(0, expected.size());
    EXPECT_EQ(compared, expected) << row.dag;
  }
}

TEST(Load, ACronMistakeStandsAtItsPlace) {
  EXPECT_EQ(Errors(Dag("  x: {type: empty}\n", "schedule: '0 25 * * *'")).substr(0, 28),
            "dags/a.yaml:2:11: 'schedule'");
}

// One argument of a step.
std::string ErrorsOfArgument(std::string_view text) {
  return Errors(
      Dag(Cat("  x: {cluster: spot, steps: [{name: s, spark_submit: {application: x, args: [\"",
              text,
              "\"]}}]}\n"),
          "params: {size: 8, large: 16}"));
}

TEST(Load, TextsMayUseAllNamesOfTheTemplateLanguage) {
  for (std::string_view text :
       {"{{ logical_date.subtract(months=1).start_of('month').strftime('%Y-%m') }}",
        "{{ (prev_data_interval_end_success or data_interval_start) - 1d }}",
        "{{ macros.ds_add(ds, -7) }}{{ ts_nodash }}{{ ts_nodash_with_tz }}",
        "{{ dag_run.conf.get('x', dag_run.run_id) }}{{ dag_run.logical_date.year }}",
        "{{ params.size if ti.try_number == 1 else params.large }}",
        "{{ lane.params.x if lane is defined else 'all' }}"})
    EXPECT_EQ(ErrorsOfArgument(text), "") << text;
}

TEST(Load, AMistakeInABranchForLaterTriesIsFoundBeforeTheyCome) {
  struct {
    std::string_view text;
    std::string_view error;
  } table[] = {
      {"{{ params.size if try_number == 1 else params.larg }}",
       "column 47 of this text: 'params' has no member 'larg'; did you mean 'large'?"},
      {"{{ params.smal if dag_run.logical_date.day == 31 else 1 }}",
       "column 11 of this text: 'params' has no member 'smal'"},
      {"{{ ti.try_numbr }}",
       "column 7 of this text: 'ti' has no member 'try_numbr'; did you mean 'try_number'?"},
      {"{{ logical_date.strftime('%s') }}", "column 26 of this text: the format has '%s'"},
      {"{{ 1 / 0 }}", "column 6 of this text: division by zero"},
  };
  for (const auto& row : table)
    EXPECT_NE(ErrorsOfArgument(row.text).find(Cat("4:78: at ", row.error)), std::string::npos)
        << ErrorsOfArgument(row.text);
}

TEST(Load, AMistakeInATemplateIsToldOnceAndAtItsOwnPlace) {
  std::string bad = Cat(kGoodTemplate, "LogUrl: x\nTags: [{Key: k, Value: '{{ nope }}'}]\n");
  Loaded loaded = Load({{"clusters/bad.yaml", bad},
                        {"dags/a.yaml",
                         Dag(Cat("  x: {cluster: bad, steps: ",
                                 kStep,
                                 "}\n  y: {cluster: bad, steps: ",
                                 kStep,
                                 "}\n"),
                             kTwoLanes)},
                        {"dags/b.yaml", "dag_id: b\ntasks: {x: {type: empty}}\n"}});
  EXPECT_EQ(Text(loaded.errors).substr(0, 149),
            Cat("clusters/bad.yaml:10:9: LogUrl: is not a known member; did you mean \"LogUri\"?\n"
                "clusters/bad.yaml:11:24: at column 4 of this text: 'nope' is not defined")
                .substr(0, 149));
  EXPECT_EQ(loaded.errors.size(), 2u);
  // The DAG that uses it is not there; the other one is.
  ASSERT_EQ(loaded.dags.size(), 1u);
  EXPECT_EQ(loaded.dags[0]->id.str(), "b");
}

TEST(Load, AllowUnknownLetsNewMembersOfEmrThrough) {
  Loaded loaded =
      Load({{"clusters/new.yaml", Cat(kGoodTemplate, "allow_unknown: true\nBrandNew: {x: 1}\n")},
            {"dags/a.yaml", Dag(Cat("  x: {cluster: new, steps: ", kStep, "}\n"))}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(base::GetInt(model::EmrOf(loaded.dags.at(0)->jobs[0])->request, "BrandNew.x"), 1);
  EXPECT_FALSE(model::EmrOf(loaded.dags[0]->jobs[0])->request.contains("allow_unknown"));
}

TEST(Load, OneObjectForManyOutputsIsWarnedAbout) {
  Loaded loaded = Load({{"dags/a.yaml",
                         Dag(Cat("  x: {cluster: spot, outputs: 's3://b1x/y', steps: ",
                                 kStep,
                                 "}\n  z: {type: empty, depends_on: [x], when: outputs.x.n > 1}\n"),
                             kTwoLanes)}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings),
            "dags/a.yaml:4:31: 'outputs': all lanes write to one object; put {{ lane.id }} into "
            "the key\n"
            "dags/a.yaml:4:31: 'outputs': all runs write to one object; put {{ run_id }} into the "
            "key\n");
}

TEST(Load, WhatSignalboxSetsItselfIsWarnedAbout) {
  Loaded loaded =
      Load({{"clusters/named.yaml",
             base::ReplaceAll(Cat(kGoodTemplate, "Name: mine\n"),
                              "Instances:\n",
                              "Instances:\n  KeepJobFlowAliveWhenNoSteps: true\n")},
            {"dags/a.yaml", Dag(Cat("  x: {cluster: named, steps: ", kStep, "}\n"), kTwoLanes)}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings),
            "clusters/named.yaml:5:32: 'KeepJobFlowAliveWhenNoSteps' is set to false: a cluster "
            "ends after its steps\n"
            "clusters/named.yaml:11:7: 'Name' is not used: Signalbox gives every cluster a name of "
            "its own\n");
  const json::object& request = model::EmrOf(loaded.dags.at(0)->jobs[0])->request;
  EXPECT_FALSE(request.contains("Name"));
  EXPECT_FALSE(base::GetBool(request, "Instances.KeepJobFlowAliveWhenNoSteps", true));
}

TEST(Load, StepsMayStandInTheTemplateWhereTheJobHasNone) {
  std::string text = Cat(kGoodTemplate, "Steps: [{Name: s, HadoopJarStep: {Jar: j}}]\n");
  std::string dag = "dag_id: a\ntasks: {x: {type: emr_job, cluster: full}}\n";
  EXPECT_EQ(Text(Load({{"clusters/full.yaml", text}, {"dags/a.yaml", dag}}).errors), "");
  dag = Dag(Cat("  x: {cluster: full, steps: ", kStep, "}\n"));
  EXPECT_EQ(Text(Load({{"clusters/full.yaml", text}, {"dags/a.yaml", dag}}).errors),
            "dags/a.yaml:3:29: the cluster template 'full' has Steps of its own; a job with "
            "'steps' needs one without\n");
}

TEST(Load, ABadFileNeverStopsTheGoodOnes) {
  Loaded loaded =
      Load({{"dags/a.yaml", "dag_id: a\ntasks: [\n"},
            {"dags/b.yaml", "dag_id: b\ntasks: {x: {type: empty, depends_on: [a/x]}}\n"},
            {"dags/c.yaml", "dag_id: b\ntasks: {x: {type: empty}}\n"},
            {"README.md", "`hello`"},
            {"clusters/unused.yaml", "a: 1\na: 2\n"}});
  EXPECT_EQ(
      Text(loaded.errors),
      "clusters/unused.yaml:1:1: Instances: is required\n"
      "clusters/unused.yaml:1:1: JobFlowRole: EMR starts no cluster without it; AWS's default "
      "role is EMR_EC2_DefaultRole\n"
      "clusters/unused.yaml:1:1: ReleaseLabel: is required, such as emr-7.1.0\n"
      "clusters/unused.yaml:1:1: ServiceRole: EMR starts no cluster without it; AWS's default "
      "role is EMR_DefaultRole\n"
      "clusters/unused.yaml:1:4: a: is not a known member\n"
      "clusters/unused.yaml:2:1: the key 'a' is there twice; first at line 1 column 1\n"
      "dags/a.yaml:3:1: the '[' at line 2 column 8 is not closed before this\n"
      "dags/c.yaml:1:9: the dag_id 'b' is taken by dags/b.yaml:1\n");
  EXPECT_EQ(Text(loaded.warnings),
            "dags/b.yaml:2:39: there is no DAG 'a' in this project (as far as its "
            "files can be read)\n");
  ASSERT_EQ(loaded.dags.size(), 1u);
  EXPECT_EQ(loaded.dags[0]->fileloc, "dags/b.yaml");
}

TEST(Load, CyclesAcrossDagsArePrintedAsAPath) {
  Loaded loaded =
      Load({{"dags/a.yaml",
             "dag_id: a\nschedule: '@daily'\ntasks: {x: {type: empty, depends_on: [b/y]}}\n"},
            {"dags/b.yaml",
             "dag_id: b\nschedule: '@daily'\ntasks: {y: {type: empty, depends_on: [z]}, z: {type: "
             "empty, depends_on: [a/x]}}\n"},
            {"dags/c.yaml", "dag_id: c\ntasks: {y: {type: empty}}\n"}});
  EXPECT_EQ(Text(loaded.errors),
            "dags/a.yaml:3:39: these jobs wait for each other: x -> b/y -> b/z -> x\n");
  ASSERT_EQ(loaded.dags.size(), 1u);
  EXPECT_EQ(loaded.dags[0]->id.str(), "c");
}

TEST(Load, WarnsWhereTheUpstreamNeverRunsByItself) {
  Loaded loaded =
      Load({{"dags/a.yaml", "dag_id: a\ntasks: {x: {type: empty, depends_on: [b/y]}}\n"},
            {"dags/b.yaml", "dag_id: b\ntasks: {y: {type: empty}}\n"}});
  EXPECT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(
      Text(loaded.warnings),
      "dags/a.yaml:2:39: the DAG 'b' has no schedule: this waits until someone triggers it\n");
}

TEST(Load, AnsweredForVeryLongChains) {
  std::string text = "dag_id: a\ntasks:\n  j0: {type: empty, depends_on: [j9999]}\n";
  for (int i = 1; i < 10'000; ++i)
    text += Cat("  j", i, ": {type: empty, depends_on: [j", i - 1, "]}\n");
  Loaded loaded = Load({{"dags/a.yaml", text}});
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_EQ(loaded.errors[0].message.substr(0, 55),
            "these jobs wait for each other: j0 -> j9999 -> j9998 ->");
}

// A good file with pieces changed at random: no crash, and either the DAG or an error that says
// why.
RC_GTEST_PROP(LoadProperty, AMutatedFileGivesADagOrAnError, ()) {
  static const std::vector<SourceFile> kFiles = ReadExample();
  std::vector<SourceFile> files = kFiles;
  SourceFile& file = files[*rc::gen::inRange<size_t>(0, files.size())];
  int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes && !file.text.empty(); ++i) {
    size_t at = *rc::gen::inRange<size_t>(0, file.text.size());
    size_t length = *rc::gen::inRange<size_t>(0, 12);
    auto piece = *rc::gen::elementOf(std::vector<std::string>{
        "",   " ",    "\n", ":",  "- ",  "[", "]",   "{",    "}",  "'",        "\"",   "x",
        "-1", "null", "{{", "}}", "[*]", "*", "&a ", "<<: ", "\t", "labeling", "none", "\xff"});
    file.text.replace(at, length, piece);
  }
  Loaded loaded = LoadProject(files, FindTestZone);
  RC_ASSERT(loaded.dags.size() == 2 || !loaded.errors.empty());
  RC_ASSERT(loaded.project.has_value() || !loaded.errors.empty());
  for (const auto& dag : loaded.dags)
    RC_ASSERT(model::DagFromJson(model::DagToJson(*dag)).has_value());
}

TEST(Load, ADependencyOnAFileThatCannotBeReadIsKept) {
  const SourceFile broken{"dags/a.yaml", "dag_id: a\ntasks: [\n"};
  auto waits = [&](const SourceFile& up, std::string_view reference) {
    Loaded loaded =
        Load({up,
              {"dags/b.yaml",
               Cat("dag_id: b\ntasks: {x: {type: empty, depends_on: ['", reference, "']}}\n")}});
    return loaded.dags.empty() ? std::string("not loaded")
           : loaded.dags[0]->jobs[0].cross.empty()
               ? std::string("nothing")
               : Cat(loaded.dags[0]->jobs[0].cross[0].dag.str(),
                     "/",
                     loaded.dags[0]->jobs[0].cross[0].job.str());
  };
  EXPECT_EQ(waits(broken, "a/y"), "a/y");
  EXPECT_EQ(waits(broken, "a/y[2]"), "a/y");
  EXPECT_EQ(waits(broken, "a/y[*]"), "not loaded") << "its lanes are not known";
  EXPECT_EQ(waits({"dags/a.yaml", "dag_id: a\ntasks: 5\n"}, "a/y"), "a/y");
  std::string lanes;
  for (int i = 0; i < 10'001; ++i)
    lanes += Cat(i == 0 ? "" : ", ", "{id: l", i, "}");
  EXPECT_EQ(
      waits({"dags/a.yaml", Cat("dag_id: a\nlanes: [", lanes, "]\ntasks: {y: {type: empty}}\n")},
            "a/y"),
      "a/y");
}

// Every level of every file in one go.
TEST(Load, TellsTheMistakesOfEveryLevelAtOnce) {
  Loaded loaded = Load({{"signalbox.yaml", "deployment: demo\nnope: 1\npools: {clusters: 2}\n"},
                        {"clusters/spot.yaml", Cat(kGoodTemplate, "LogUrl: s3://b\n")},
                        {"clusters/unused.yaml", Cat(kGoodTemplate, "LogUri: '{{ nope }}'\n")},
                        {"dags/a.yaml",
                         "dag_id: a\n"
                         "schedule: never\n"
                         "tasks:\n"
                         "  x:\n"
                         "    cluster: nowhere\n"
                         "    pool: cluster\n"
                         "    steps: [{spark_submit: {application: '{{ oops }}'}}]\n"
                         "  y:\n"
                         "    cluster: spot\n"
                         "    overrides: 5\n"
                         "    depends_on: [z]\n"
                         "    steps: [{name: s, spark_submit: {args: ['{{ oh }}']}}]\n"
                         "  w:\n"
                         "    type: emr_jobb\n"
                         "    cluster: spot\n"
                         "    steps: [{name: s, spark_submit: {application: '{{ ah }}'}}]\n"}});
  const std::string errors = Text(loaded.errors);
  for (const char* told : {"signalbox.yaml:2:1: unknown key 'nope'",
                           "clusters/spot.yaml:10:9: LogUrl: is not a known member",
                           "clusters/unused.yaml:10:9: at column 4 of this text: 'nope' is not",
                           "dags/a.yaml:2:11: 'schedule'",
                           "dags/a.yaml:5:14: there is no cluster template 'nowhere'",
                           "dags/a.yaml:6:11: there is no pool 'cluster' in signalbox.yaml",
                           "dags/a.yaml:7:",
                           "'oops' is not defined",
                           "dags/a.yaml:10:16: 'overrides': expected a map",
                           "dags/a.yaml:11:18: there is no job 'z'",
                           "'spark_submit' needs the key 'application'",
                           "'oh' is not defined",
                           "there is no job type 'emr_jobb'",
                           "'ah' is not defined"})
    EXPECT_NE(errors.find(told), std::string::npos) << told << "\nis not in\n" << errors;
}

TEST(Load, AParameterMustGiveANumberWhereOneIsNeeded) {
  auto load = [](std::string_view params) {
    return Load({{"dags/a.yaml",
                  Cat("dag_id: a\nparams: ",
                      params,
                      "\ntasks:\n  x:\n    cluster: spot\n    overrides: {EbsRootVolumeSize: '{{ "
                      "params.size }}', LogUri: 's3://{{ params.size }}/'}\n    steps: ",
                      kStep,
                      "\n")}});
  };
  EXPECT_EQ(Text(load("{size: 20}").errors), "");
  EXPECT_EQ(Text(load("{size: null}").errors), "") << "a trigger may give it";
  EXPECT_EQ(
      Text(load("{size: '20'}").errors),
      "dags/a.yaml:6:36: with the parameters' defaults, EbsRootVolumeSize: expected an integer, "
      "got the string \"20\"\n");
  EXPECT_EQ(
      Text(load("{size: 4}").errors),
      "dags/a.yaml:6:36: with the parameters' defaults, EbsRootVolumeSize: 4 GiB is too small; "
      "at least 15 are needed from emr-6.10.0 on\n");
}

std::string Lanes(int count) {
  std::string lanes;
  for (int i = 0; i < count; ++i)
    lanes += Cat(i == 0 ? "" : ", ", "{id: l", i, "}");
  return Cat("lanes: [", lanes, "]\n");
}

TEST(Load, RefusesMoreJobsThanTheLimitsAllow) {
  auto dag = [](std::string_view id, int lanes, int jobs) {
    std::string tasks;
    for (int i = 0; i < jobs; ++i)
      tasks += Cat("  j", i, ": {type: empty}\n");
    return SourceFile{Cat("dags/", id, ".yaml"),
                      Cat("dag_id: ", id, "\n", Lanes(lanes), "tasks:\n", tasks)};
  };
  // By the defaults: 4,000 lanes of 5,000 jobs are 20 million.
  Loaded loaded = Load({dag("bomb", 4'000, 5'000), dag("small", 2, 2)});
  EXPECT_EQ(
      Text(loaded.errors),
      "dags/bomb.yaml:1:9: the DAG 'bomb' has 20000000 jobs once its lanes are written out; at "
      "most 10000 are allowed (limits.jobs_per_dag in signalbox.yaml): take fewer lanes, or "
      "split the DAG\n");
  ASSERT_EQ(loaded.dags.size(), 1u);
  EXPECT_EQ(loaded.dags[0]->id.str(), "small");

  const SourceFile project{"signalbox.yaml",
                           Cat(kGoodProject, "limits: {jobs_per_dag: 12, jobs_per_project: 20}\n")};
  EXPECT_EQ(Text(Load({project, dag("a", 3, 4)}).errors), "") << "12 are allowed";
  EXPECT_NE(Text(Load({project, dag("a", 13, 1)}).errors), "");
  loaded = Load({project, dag("a", 2, 4), dag("b", 3, 4), dag("c", 1, 5)});
  EXPECT_EQ(
      Text(loaded.errors),
      "dags/b.yaml:1:9: the project has 25 jobs once lanes are written out, 12 of them in this "
      "DAG; at most 20 are allowed (limits.jobs_per_project in signalbox.yaml): take fewer "
      "lanes, or another project\n")
      << "the largest goes";
  EXPECT_EQ(loaded.dags.size(), 2u);
}

TEST(Load, RefusesMoreDependenciesThanTheLimitsAllow) {
  auto text = [](int lanes, std::string_view reference) {
    return Cat("dag_id: a\n",
               Lanes(lanes),
               "tasks:\n  x: {type: empty}\n  y: {type: empty, depends_on: ['",
               reference,
               "']}\n");
  };
  EXPECT_EQ(Text(Load({{"dags/a.yaml", text(400, "x[*]")}}).errors), "");
  EXPECT_NE(Text(Load({{"dags/a.yaml", text(3'000, "x[*]")}}).errors)
                .find("have 9000000 dependencies once lanes are written out; at most 200000"),
            std::string::npos);
  EXPECT_EQ(Text(Load({{"dags/a.yaml", text(3'000, "x")}}).errors), "");
  // Across DAGs too, where the lanes are not the same.
  std::string up = base::ReplaceAll(text(2'000, "x"), "{id: l", "{id: m");
  up = base::ReplaceAll(up, "dag_id: a", "dag_id: up");
  EXPECT_NE(Text(Load({{"dags/a.yaml", text(2'000, "up/x")}, {"dags/up.yaml", up}}).errors)
                .find("have 4000000 dependencies"),
            std::string::npos);
}

TEST(Load, RefusesRequestsThatLanesMakeHuge) {
  std::string args = Cat("['", std::string(9'000, 'a'), "']");
  std::string steps;
  for (int i = 0; i < 100; ++i)
    steps += Cat(
        i == 0 ? "" : ", ", "{name: s", i, ", spark_submit: {application: x, args: ", args, "}}");
  std::string text =
      Cat("dag_id: a\n", Lanes(200), "tasks: {x: {cluster: spot, steps: [", steps, "]}}\n");
  EXPECT_NE(Text(Load({{"dags/a.yaml", text}}).errors)
                .find("MiB once its lanes are written out; at most 64 MiB are allowed for a DAG"),
            std::string::npos);
  text =
      Cat("dag_id: a\nlanes: [{id: 1, params: {p: '", std::string(100'000, 'p'), "'}}]\ntasks:\n");
  for (int i = 0; i < 1'000; ++i)
    text += Cat("  j", i, ": {type: empty}\n");
  EXPECT_NE(
      Text(Load({{"dags/a.yaml", text}}).errors).find("the lanes' params of the DAG 'a' take"),
      std::string::npos);
}

}  // namespace
}  // namespace dagfile
