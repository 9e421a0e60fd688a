// Limits of vCPUs, spend caps and prices: each key's meaning, and each mistake's place.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

// A job `x` on the good template, one m5.xlarge: 4 vCPUs.
std::string Dag(std::string_view before, std::string_view keys = "") {
  return Cat(
      "dag_id: a\n", before, "tasks:\n  x:\n    cluster: spot\n    steps: ", kStep, "\n", keys);
}

Loaded LoadDag(const std::string& dag, const std::string& project = std::string(kGoodProject)) {
  return Load({{"dags/a.yaml", dag}, {"signalbox.yaml", project}});
}

std::string Errors(const std::string& dag, const std::string& project = std::string(kGoodProject)) {
  return Text(LoadDag(dag, project).errors);
}

TEST(VcpuLimits, StandInLimitsOfADagAndOfTheProject) {
  const Loaded loaded =
      LoadDag(Dag("limits: [{max_vcpus: 64, max: 3}, {by: pool, max_vcpus: 32, market: spot},\n"
                  "  {by: pool, max_vcpus: 16, market: on_demand}]\n",
                  "    vcpus: 8\n"),
              "deployment: demo\nlimits: {active: [{tag: weekly, max_vcpus: 2000}]}\n");
  ASSERT_EQ(Text(loaded.errors), "");
  const model::Dag& dag = *loaded.dags.at(0);
  EXPECT_EQ(dag.limits,
            (std::vector<model::JobLimit>{
                {.max = 3, .max_vcpus = 64},
                {.by = "pool", .max_vcpus = 32, .market = model::Market::kSpot},
                {.by = "pool", .max_vcpus = 16, .market = model::Market::kOnDemand}}));
  EXPECT_EQ(dag.jobs.at(0).capacity.vcpus, 8);
  EXPECT_EQ(loaded.project->job_limits,
            (std::vector<model::LimitRow>{{{.tag = "weekly", .max_vcpus = 2000}}}));
}

TEST(VcpuLimits, TellEachMistakeAtItsPlace) {
  EXPECT_EQ(Errors(Dag("limits: [{market: spot, max: 1}, {max_vcpus: 0}, {max_vcpus: 9, market: "
                       "spt}]\n")),
            "dags/a.yaml:2:19: 'market' says whose vCPUs 'max_vcpus' counts, which is not there\n"
            "dags/a.yaml:2:19: 'max' counts jobs, whatever their market: write it as a limit of "
            "its own\n"
            "dags/a.yaml:2:46: 'max_vcpus' must be from 1 to 1000000000, found 0\n"
            "dags/a.yaml:2:73: 'market': expected on_demand or spot, found 'spt'; did you mean "
            "'spot'?\n");
  EXPECT_EQ(Errors(Dag("limits: [{max_vcpus: 9}, {max_vcpus: 8}]\n")),
            "dags/a.yaml:2:26: there are two limits with neither 'by' nor 'tag'; keep one\n");
  EXPECT_EQ(Errors(Dag("limits: [{max_vcpu: 9}]\n")),
            "dags/a.yaml:2:10: this limit needs the key 'max', 'max_vcpus' or both\n"
            "dags/a.yaml:2:11: unknown key 'max_vcpu' in this limit; did you mean 'max_vcpus'?\n");
  EXPECT_EQ(Errors(Dag("", "    vcpus: 0\n")),
            "dags/a.yaml:6:12: 'vcpus' must be from 1 to 1000000000, found 0\n");
}

TEST(VcpuLimits, AJobThatIsLargerThanALimitWouldNeverStart) {
  EXPECT_EQ(Errors(Dag("limits: [{max_vcpus: 4}]\n")), "");
  EXPECT_EQ(Errors(Dag("limits: [{by: job_id, max_vcpus: 3}]\n")),
            "dags/a.yaml:4:3: the job 'x' takes up to 4 vCPUs, more than the limit 'by: job_id, "
            "max_vcpus: 3' of its DAG allows: it would never start\n");
  EXPECT_EQ(Errors(Dag("tags: [t]\n", "    vcpus: 65\n"),
                   "deployment: demo\nlimits: {active: [{tag: t, max_vcpus: 64}, {tag: other, "
                   "max_vcpus: 1}, {max_vcpus: 1, by: params.x}]}\n"),
            "dags/a.yaml:4:3: the job 'x' takes up to 65 vCPUs, more than the limit 'tag: t, "
            "max_vcpus: 64' of signalbox.yaml allows: it would never start\n")
      << "and the other limits do not concern it";
  EXPECT_EQ(Errors(Dag("limits: [{max_vcpus: 1}, {by: dag_id, max_vcpus: 2}]\n")),
            "dags/a.yaml:4:3: the job 'x' takes up to 4 vCPUs, more than the limit 'by: dag_id, "
            "max_vcpus: 2' of its DAG allows: it would never start\n"
            "dags/a.yaml:4:3: the job 'x' takes up to 4 vCPUs, more than the limit 'max_vcpus: 1' "
            "of its DAG allows: it would never start\n");
  EXPECT_EQ(Errors(Dag("limits: [{max_vcpus: 1, market: spot}]\n")), "") << "it has none of spot";
}

TEST(VcpuLimits, AnUnknownTypeIsAWarningAndUnderALimitAnError) {
  const std::string giant = base::ReplaceAll(kGoodTemplate, "m5.xlarge", "m5.giant");
  const auto load = [&](const std::string& dag) {
    return Load({{"dags/a.yaml", dag}, {"clusters/spot.yaml", giant}});
  };
  EXPECT_EQ(Text(load(Dag("")).errors), "");
  EXPECT_EQ(Text(load(Dag("")).warnings),
            "dags/a.yaml:3:3: the job 'x': the vCPUs of the instance type 'm5.giant' are not "
            "known; the key 'vcpus' of the job tells them\n");
  EXPECT_EQ(Text(load(Dag("", "    vcpus: 8\n")).warnings), "");
  EXPECT_NE(Text(load(Dag("limits: [{by: params.x, max_vcpus: 9}]\n")).warnings), "")
      << "the limit does not concern it";
  EXPECT_EQ(Text(load(Dag("limits: [{max_vcpus: 9}]\n")).errors),
            "dags/a.yaml:4:3: the limit 'max_vcpus: 9' of its DAG cannot count the job 'x': the "
            "vCPUs of the instance type 'm5.giant' are not known; give the job the key 'vcpus'\n");
  EXPECT_EQ(Text(load(Dag("limits: [{max_vcpus: 9}]\n", "    vcpus: 8\n")).errors), "");
}

TEST(VcpuLimits, ASizeThatATemplateDecidesNeedsTheKey) {
  const std::string dag =
      Dag("params: {n: 1}\nlimits: [{max_vcpus: 99}]\n",
          "    overrides: {Instances: {InstanceFleets: [{InstanceFleetType: MASTER,\n"
          "      TargetOnDemandCapacity: \"{{ params.n }}\", InstanceTypeConfigs: [{InstanceType: "
          "m5.xlarge}]}]}}\n");
  EXPECT_EQ(Errors(dag),
            "dags/a.yaml:5:3: the limit 'max_vcpus: 99' of its DAG cannot count the job 'x': "
            "Instances.InstanceFleets[0].TargetOnDemandCapacity is no plain value, so it is not "
            "known before the launch; give the job the key 'vcpus'\n");
  EXPECT_EQ(Errors(dag + "    vcpus: 12\n"), "");
}

TEST(SpendCaps, StandInADagAndInTheProject) {
  const Loaded loaded = LoadDag(
      Dag("spend_cap: {per_run: 20, per_day: 49.5}\n"),
      "deployment: demo\nspend_cap: {per_day: 500}\n"
      "prices:\n  m5.xlarge: {on_demand: 0.192, spot: 0.07, emr: 0.048}\n  a.b: {on_demand: 1}\n");
  ASSERT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(loaded.dags.at(0)->spend_cap, (model::SpendCap{20'000'000, 49'500'000}));
  EXPECT_EQ(loaded.project->spend_rules.cap_per_day, 500'000'000);
  EXPECT_EQ(loaded.project->spend_rules.prices,
            (std::vector<model::Price>{{"a.b", 1'000'000, 1'000'000, 0},
                                       {"m5.xlarge", 192'000, 70'000, 48'000}}));
}

TEST(SpendCaps, TheProjectsMayComeFromTheEnvironment) {
  const Loaded loaded =
      Load({{"dags/a.yaml", Dag("")},
            {"signalbox.yaml", "deployment: demo\nprices: {m5.xlarge: {on_demand: 1}}\n"}},
           {{"SIGNALBOX__SPEND_CAP__PER_DAY", "7"}});
  ASSERT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(loaded.project->spend_rules.cap_per_day, 7'000'000);
}

TEST(SpendCaps, ADagWithoutACapKeepsItsVersion) {
  const Loaded plain = LoadDag(Dag(""));
  const Loaded priced = LoadDag(Dag(""),
                                "deployment: demo\npools: {clusters: 24}\nspend_cap: {per_day: 1}\n"
                                "prices: {m5.xlarge: {on_demand: 1}}\n");
  ASSERT_EQ(Text(priced.errors), "");
  EXPECT_EQ(plain.dags.at(0)->version, priced.dags.at(0)->version);
}

TEST(SpendCaps, TellEachMistakeAtItsPlace) {
  const std::string project = "deployment: demo\nprices: {m5.xlarge: {on_demand: 1}}\n";
  EXPECT_EQ(
      Errors(Dag("spend_cap: {per_run: 0, per_week: 1}\n"), project),
      "dags/a.yaml:2:22: 'per_run' must be from 0.01 to 1000000000 USD, found 0\n"
      "dags/a.yaml:2:25: unknown key 'per_week' in 'spend_cap'; it may have per_day, per_run\n");
  EXPECT_EQ(Errors(Dag("spend_cap: {}\n"), project),
            "dags/a.yaml:2:12: 'spend_cap' needs the key 'per_run', 'per_day' or both\n");
  EXPECT_EQ(Errors(Dag(""), "deployment: demo\nspend_cap: 5\n"),
            "signalbox.yaml:2:12: 'spend_cap': expected a map, found 5\n");
  EXPECT_EQ(Errors(Dag(""), "deployment: demo\nspend_cap: {}\n"),
            "signalbox.yaml:2:12: 'spend_cap' needs the key 'per_day', in USD\n");
  EXPECT_EQ(Errors(Dag(""),
                   "deployment: demo\nprices:\n  a: {spot: 1}\n  b: {on_demand: -1, spto: 1}\n"
                   "  c: 3\n"),
            "signalbox.yaml:3:6: the price of a needs the key 'on_demand', in USD an hour\n"
            "signalbox.yaml:4:18: 'on_demand' must be from 0 to 10000 USD an hour, found -1\n"
            "signalbox.yaml:4:22: unknown key 'spto' in the price of b; did you mean 'spot'?\n"
            "signalbox.yaml:5:6: the price of c: expected a map, found 3\n");
}

TEST(SpendCaps, ATypeWithoutAPriceIsAnErrorWhereACapNeedsIt) {
  EXPECT_EQ(Errors(Dag("")), "");
  EXPECT_EQ(Errors(Dag("spend_cap: {per_day: 5}\n")),
            "dags/a.yaml:4:3: the spend cap of the DAG cannot count the job 'x': 'prices' has no "
            "price of the instance type 'm5.xlarge'\n");
  EXPECT_EQ(Errors(Dag(""), "deployment: demo\nspend_cap: {per_day: 5}\n"),
            "dags/a.yaml:3:3: the spend cap of signalbox.yaml cannot count the job 'x': 'prices' "
            "has no price of the instance type 'm5.xlarge'\n");
}

}  // namespace
}  // namespace dagfile
