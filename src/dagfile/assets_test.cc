// Assets in files: outlets, inlets, conditions, declarations.

#include "dagfile/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;
using testing::HasSubstr;

Loaded LoadAll(const std::string& schedule, const std::string& job, const std::string& assets) {
  return Load({{"assets/all.yaml", assets},
               {"dags/a.yaml",
                Cat("dag_id: a\nschedule: ", schedule, "\ntasks: {x: {type: empty", job, "}}\n")}});
}

TEST(Assets, WhatIsSaidOfOneCountsEverywhere) {
  const Loaded loaded = LoadAll("{assets: [s, {any: [p, {name: q, group: g}]}]}",
                                ", outlets: [{name: o, extra: {k: 1}}, s], inlets: [p]",
                                "s: {uri: s3://b/s}\np:\n");
  ASSERT_EQ(Text(loaded.errors), "");
  ASSERT_EQ(loaded.dags.size(), 1u);
  const model::Dag& dag = *loaded.dags[0];
  EXPECT_EQ(model::InWords(*dag.assets), "s and (p or q)");
  EXPECT_EQ(dag.schedule.cron, "");
  ASSERT_EQ(dag.asset_definitions.size(), 4u);
  EXPECT_EQ(dag.asset_definitions[3], (model::Asset{"s", "s3://b/s", "asset"}));
  EXPECT_EQ(dag.asset_definitions[2], (model::Asset{"q", "q", "g"}));
  ASSERT_EQ(dag.jobs[0].outlets.size(), 2u);
  EXPECT_EQ(dag.jobs[0].outlets[0].extra, (json::object{{"k", 1}}));
  EXPECT_EQ(dag.jobs[0].inlets, std::vector<std::string>{"p"});
}

TEST(Assets, ADagFollowsTicksAndAssets) {
  const Loaded loaded = LoadAll("{assets: s, cron: '0 1 * * *'}", "", "s:\n");
  ASSERT_EQ(Text(loaded.errors), "");
  EXPECT_EQ(loaded.dags[0]->schedule.cron, "0 1 * * *");
  EXPECT_TRUE(loaded.dags[0]->assets.has_value());
}

TEST(Assets, MistakesHaveTheirPlaces) {
  const auto errors = [](const std::string& schedule, const std::string& job = "") {
    return Text(LoadAll(schedule, job, "s: {uri: u}\n").errors);
  };
  EXPECT_THAT(errors("{assets: []}"),
              HasSubstr("dags/a.yaml:2:20: 'assets' has an empty list; give at least one asset"));
  EXPECT_THAT(errors("{assets: {any: [s], all: [s]}}"), HasSubstr("'all' stands beside 'any'"));
  EXPECT_THAT(errors("{assets: {some: [s]}}"), HasSubstr("unknown key 'some'"));
  EXPECT_THAT(errors("{assets: [s], timetable: trigger}"), HasSubstr("'timetable' is about ticks"));
  EXPECT_THAT(errors("{datasets: [s]}"), HasSubstr("unknown key 'datasets'"));
  EXPECT_THAT(errors("null", ", outlets: [s, s]"), HasSubstr("is in 'outlets' twice"));
  EXPECT_THAT(errors("null", ", outlets: [{name: s, uri: v}]"),
              HasSubstr("the asset 's' has the uri 'u' at assets/all.yaml:1, and 'v' here: say it "
                        "in one place"));
  EXPECT_THAT(errors("null", ", outlets: ['']"), HasSubstr("is no name of an asset"));
}

}  // namespace
}  // namespace dagfile
