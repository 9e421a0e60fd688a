// What concerns nothing, or lets nothing start: warnings about a project as a whole.

#include "dagfile/reach.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

SourceFile Dag(std::string_view keys = "", std::string_view of_job = "") {
  return {"dags/a.yaml",
          Cat("dag_id: a\ntags: [heavy]\nlanes: [{id: eu, params: {customer: x}}]\n",
              keys,
              "tasks:\n  t: {cluster: spot, steps: ",
              kStep,
              of_job,
              "}\n")};
}

std::string Warnings(SourceFile dag, std::string_view project = "") {
  const Loaded loaded =
      Load({std::move(dag), {"signalbox.yaml", Cat("deployment: demo\n", project)}});
  EXPECT_EQ(Text(loaded.errors), "");
  return Text(loaded.warnings);
}

std::string Limit(std::string_view limit) {
  return Warnings(Dag(), Cat("limits: {active: [", limit, "]}\n"));
}

TEST(Reach, OfALimitIsWhatItsExpressionHasAValueFor) {
  for (const char* good : {"{by: lane.params.customer, max: 1}",
                           "{by: lane.id, max: 1}",
                           "{by: run_id, max: 1}",
                           "{by: dag_id, max: 1}",
                           "{tag: heavy, max: 1}",
                           "{max: 3}"})
    EXPECT_EQ(Limit(good), "") << good;
  EXPECT_EQ(Limit("{by: lane.params.costumer, max: 1}"),
            "signalbox.yaml:2:19: the limit 'by: lane.params.costumer, max: 1' concerns no job of "
            "the project\n");
  EXPECT_EQ(Limit("{by: params.region, max: 1}"),
            "signalbox.yaml:2:19: the limit 'by: params.region, max: 1' concerns no job of the "
            "project\n");
  EXPECT_EQ(Limit("{by: item, max: 1}"),
            "signalbox.yaml:2:19: the limit 'by: item, max: 1' concerns no job of the project\n");
  EXPECT_EQ(Limit("{tag: haevy, max: 1}"),
            "signalbox.yaml:2:19: the limit 'tag: haevy, max: 1' concerns no job of the project; "
            "did you mean 'heavy'?\n");
}

TEST(Reach, AParamMayComeWithTheTrigger) {
  constexpr std::string_view kLimit = "limits: {active: [{by: params.region, max: 1}]}\n";
  EXPECT_EQ(Warnings(Dag("params: {region: x}\n"), kLimit), "");
  EXPECT_EQ(Warnings(Dag("params_open: true\n"), kLimit), "");
}

TEST(Reach, OfADagsOwnLimitIsTheDag) {
  EXPECT_EQ(Warnings(Dag("limits: [{tag: heavy, max: 1}, {by: lane.id, max: 1}]\n")), "");
  EXPECT_EQ(Warnings(Dag("limits: [{tag: light, max: 1}]\n")),
            "dags/a.yaml:4:10: the limit 'tag: light, max: 1' concerns no job of the DAG\n");
}

TEST(Reach, ASharedDeadlineConcernsSomeDag) {
  const auto deadline = [](std::string_view of) {
    return Warnings(Dag(), Cat("deadlines:\n  w: {by: '06:00', ", of, "}\n"));
  };
  EXPECT_EQ(deadline("tags: [heavy]"), "");
  EXPECT_EQ(deadline("dags: ['a*']"), "");
  EXPECT_EQ(deadline("dags: [b]"),
            "signalbox.yaml:3:3: the deadline 'w' concerns no DAG of the project\n");
  EXPECT_EQ(deadline("tags: [hevay]"),
            "signalbox.yaml:3:3: the deadline 'w' concerns no DAG of the project; did you mean "
            "'heavy'?\n");
}

TEST(Reach, ASharedDeadlineIsNotBeforeTheShortestRun) {
  const auto deadline = [](std::string_view by) {
    return Warnings(Dag("schedule: '0 2 * * 1'\n", ", expected_duration: 5h"),
                    Cat("deadlines:\n  w: {tags: [heavy], by: '", by, "'}\n"));
  };
  EXPECT_EQ(deadline("Mon 07:00"), "");
  EXPECT_EQ(deadline("Mon 06:30"),
            "signalbox.yaml:3:3: the deadline 'w' is at the most 4h30m after a run of the DAG 'a' "
            "begins, which takes 5h at the least (expected_duration along the longest way)\n");
}

TEST(Reach, APoolWithoutSlotsLetsNothingStart) {
  constexpr std::string_view kPools = "pools: {closed: 0}\n";
  EXPECT_EQ(Warnings(Dag("", ", pool: closed"), kPools),
            "signalbox.yaml:2:9: the pool 'closed' has 0 slots, and 1 job is in it: it does not "
            "start\n");
  EXPECT_EQ(Warnings(Dag(), kPools), "") << "nobody uses it";
}

// Half of a project says nothing of the whole.
TEST(Reach, IsNotJudgedWhereAFileHasAMistake) {
  const Loaded loaded =
      Load({Dag("schedule: [\n"),
            {"signalbox.yaml", "deployment: demo\nlimits: {active: [{tag: x, max: 1}]}\n"}});
  EXPECT_NE(Text(loaded.errors), "");
  EXPECT_EQ(Text(loaded.warnings), "");
}

TEST(Dates, ThatAreAllOverAreAWarning) {
  const auto warnings = [](std::string_view keys, std::optional<base::Time> now) {
    std::vector<SourceFile> files{Dag(keys),
                                  {"signalbox.yaml", "deployment: demo\n"},
                                  {"clusters/spot.yaml", std::string(kGoodTemplate)}};
    return Text(LoadProject(std::move(files), FindTestZone, {}, now).warnings);
  };
  constexpr std::string_view kDates = "schedule: {dates: [2026-01-02, 2026-01-05]}\n";
  const base::Time before = base::ParseTime("2026-01-04T00:00:00Z").value();
  EXPECT_EQ(warnings(kDates, before), "");
  EXPECT_EQ(warnings(kDates, std::nullopt), "");
  EXPECT_EQ(warnings(kDates, before + base::hours(48)),
            "dags/a.yaml:4:11: all dates of 'schedule' are over (the last one is "
            "2026-01-05T00:00:00Z): the DAG makes no run by itself; add later ones, or set "
            "'catchup'\n");
  EXPECT_EQ(
      warnings(Cat(kDates, "start_date: 2026-01-01\ncatchup: all\n"), before + base::hours(48)),
      "");
}

}  // namespace
}  // namespace dagfile
