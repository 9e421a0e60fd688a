// Slots, weights and limits: each key's meaning, and each mistake's place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;
using model::WeightRule;
using ::testing::HasSubstr;

std::string Dag(std::string_view keys, std::string_view before = "") {
  return Cat(
      "dag_id: a\n", before, "\ntasks:\n  x:\n    cluster: spot\n    steps: ", kStep, "\n", keys);
}

Loaded LoadDag(const std::string& dag, const std::string& project = std::string(kGoodProject)) {
  return Load({{"dags/a.yaml", dag}, {"signalbox.yaml", project}});
}

std::string Errors(const std::string& dag, const std::string& project = std::string(kGoodProject)) {
  return Text(LoadDag(dag, project).errors);
}

TEST(Capacity, AJobsKeysWinOverItsDagsDefaults) {
  const Loaded loaded =
      LoadDag(Dag("    priority_weight: -7\n    pool: clusters\n",
                  "max_active_tasks: 5\n"
                  "default_args: {pool_slots: 3, priority_weight: 4, weight_rule: downstream,\n"
                  "  max_active_tis_per_dag: 2, max_active_tis_per_dagrun: 1}\n"
                  "limits: [{by: lane.params.customer, max: 2}, {tag: heavy, max: 9}]\n"));
  ASSERT_EQ(Text(loaded.errors), "");
  const model::Dag& dag = *loaded.dags.at(0);
  EXPECT_EQ(dag.jobs.at(0).capacity, (model::Capacity{3, -7, WeightRule::kDownstream, 2, 1}));
  EXPECT_EQ(dag.max_active_tasks, 5);
  EXPECT_EQ(dag.limits,
            (std::vector<model::JobLimit>{{.by = "lane.params.customer", .max = 2},
                                          {.tag = "heavy", .max = 9}}));
}

TEST(Capacity, ADagWithoutTheseKeysKeepsItsVersion) {
  const Loaded plain = LoadDag(Dag(""));
  const Loaded same =
      LoadDag(Dag("    pool_slots: 1\n    priority_weight: 1\n    weight_rule: absolute\n"));
  ASSERT_EQ(plain.dags.size(), 1u);
  ASSERT_EQ(same.dags.size(), 1u);
  EXPECT_EQ(plain.dags[0]->version, same.dags[0]->version);
}

TEST(Capacity, TellsEachMistakeAtItsPlace) {
  EXPECT_EQ(
      Errors(Dag("    pool_slots: 0\n    priority_weight: 3000000000\n    weight_rule: downstrem\n"
                 "    max_active_tis_per_dag: 0\n",
                 "max_active_tasks: 0\n")),
      "dags/a.yaml:2:19: 'max_active_tasks' must be from 1 to 10000, found 0\n"
      "dags/a.yaml:8:17: 'pool_slots' must be from 1 to 1000000, found 0\n"
      "dags/a.yaml:9:22: 'priority_weight' must be from -2147483647 to 2147483647, found "
      "3000000000\n"
      "dags/a.yaml:10:18: 'weight_rule': expected absolute, downstream or upstream, found "
      "'downstrem'; did you mean 'downstream'?\n"
      "dags/a.yaml:11:29: 'max_active_tis_per_dag' must be from 1 to 1000000, found 0\n");
}

TEST(Capacity, AJobThatIsLargerThanItsPoolWouldNeverStart) {
  EXPECT_EQ(Errors(Dag("    pool: clusters\n    pool_slots: 25\n")),
            "dags/a.yaml:8:17: 'pool_slots' is 25, and the pool 'clusters' has 24 slots: the job "
            "would never start\n");
  EXPECT_EQ(Errors(Dag("    pool: clusters\n    pool_slots: 24\n")), "");
  EXPECT_EQ(Errors(Dag("    pool_slots: 129\n")),
            "dags/a.yaml:7:17: 'pool_slots' is 129, and the pool 'default_pool' has 128 slots: the "
            "job would never start\n");
  EXPECT_EQ(Errors(Dag("    pool: closed\n"), "deployment: demo\npools: {closed: 0}\n"), "");
}

TEST(Capacity, TellsEachMistakeInALimit) {
  EXPECT_EQ(Errors(Dag("", "limits: [{by: lnae.id, max: 1}]\n")),
            "dags/a.yaml:2:15: at column 1 of this expression: 'lnae' is not defined; did you "
            "mean 'lane'?\n");
  EXPECT_THAT(Errors(Dag("", "limits: [{by: 'lane.', max: 1}]\n")),
              HasSubstr("of this expression"));
  EXPECT_EQ(Errors(Dag("", "limits: [{max: 1}, {by: dag_id, tag: x, max: 1}, {tag: x}]\n")),
            "dags/a.yaml:2:20: a limit has 'by', an expression such as lane.id, or 'tag', a tag of "
            "DAGs, or neither, for all jobs together\n"
            "dags/a.yaml:2:50: this limit needs the key 'max', 'max_vcpus' or both\n");
  EXPECT_EQ(Errors(Dag("", "limits: [{by: dag_id, max: 0}, {by: dag_id, mx: 1}]\n")),
            "dags/a.yaml:2:28: 'max' must be from 1 to 1000000, found 0\n"
            "dags/a.yaml:2:32: this limit needs the key 'max', 'max_vcpus' or both\n"
            "dags/a.yaml:2:45: unknown key 'mx' in this limit; did you mean 'max'?\n");
  EXPECT_EQ(Errors(Dag("", "limits: [{by: dag_id, max: 1}, {by: dag_id, max: 2}]\n")),
            "dags/a.yaml:2:32: there are two limits with 'by: dag_id'; keep one\n");
}

// What a member of params is, or whether it is there at all, differs from run to run.
TEST(Capacity, AMemberThatIsMissingIsNoMistake) {
  EXPECT_EQ(Errors(Dag("", "limits: [{by: params.region, max: 1}, {by: lane.params.x, max: 1}]\n")),
            "");
}

TEST(Capacity, AProjectsLimitsStandUnderLimitsActive) {
  const Loaded loaded = LoadDag(Dag(""),
                                "deployment: demo\n"
                                "limits:\n  jobs_per_dag: 9\n  active:\n"
                                "    - {by: params.region, max: 3}\n    - {tag: heavy, max: 1}\n");
  ASSERT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(loaded.project->job_limits,
            (std::vector<model::LimitRow>{{{.by = "params.region", .max = 3}},
                                          {{.tag = "heavy", .max = 1}}}));
  EXPECT_EQ(Errors(Dag(""), "deployment: demo\nlimits: {active: {by: dag_id, max: 1}}\n"),
            "signalbox.yaml:2:18: a list of limits: expected a list, found a map\n");
}

}  // namespace
}  // namespace dagfile
