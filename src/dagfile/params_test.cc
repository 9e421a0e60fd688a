// `params:` that say what a value has to be.

#include "dagfile/params.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

Loaded LoadParams(std::string_view params, std::string_view schedule = "") {
  return Load(
      {{"dags/a.yaml",
        Cat("dag_id: a\n", schedule, "params:\n", params, "tasks:\n  x: {type: empty}\n")}});
}

model::Dag DagOf(std::string_view params, std::string_view schedule = "") {
  const Loaded loaded = LoadParams(params, schedule);
  EXPECT_EQ(Text(loaded.errors), "");
  return loaded.errors.empty() ? *loaded.dags.front() : model::Dag();
}

TEST(Params, AMapWithATypeIsASchemaAndOtherMapsAreValues) {
  const model::Dag dag = DagOf(
      "  n: {type: integer, default: 3, minimum: 1}\n"
      "  shape: {cores: 4}\n"
      "  odd: {default: {type: spark}}\n"
      "  plain: x\n");
  EXPECT_EQ(
      dag.params,
      (json::object{
          {"n", 3}, {"shape", {{"cores", 4}}}, {"odd", {{"type", "spark"}}}, {"plain", "x"}}));
  EXPECT_EQ(dag.param_schemas,
            (json::object{{"n", {{"type", "integer"}, {"minimum", 1}}}, {"odd", json::object()}}));
}

TEST(Params, OnlyADagWithoutAScheduleMayLeaveADefaultOut) {
  EXPECT_TRUE(DagOf("  day: {type: string, format: date}\n").params.empty());
  EXPECT_EQ(Text(LoadParams("  day: {type: string}\n", "schedule: '@daily'\n").errors),
            "dags/a.yaml:4:8: 'params.day' has no default: nobody gives the runs of a schedule "
            "their params; add `default`, or remove the schedule\n");
}

TEST(Params, TheDefaultHasToFit) {
  EXPECT_EQ(Text(LoadParams("  n: {type: integer, default: x}\n").errors),
            "dags/a.yaml:3:31: 'params.n': the default: 'x' is not of type 'integer'; without a "
            "default each trigger has to give a value\n");
  EXPECT_EQ(DagOf("  n: {type: ['null', integer], default: null}\n").params,
            (json::object{{"n", nullptr}}));
}

TEST(Params, WhatIsNoSchemaIsAnErrorThatNamesTheWayOut) {
  EXPECT_EQ(Text(LoadParams("  shape: {type: m5.xlarge}\n").errors),
            "dags/a.yaml:3:10: 'params.shape': 'm5.xlarge' is no type; known: array, boolean, "
            "integer, null, number, object, string (at type); if the map itself is the value, "
            "write it as `default: {...}`\n");
  EXPECT_NE(Text(LoadParams("  n: {type: integer, minimun: 3}\n").errors).find("'minimum'?"),
            std::string::npos);
}

TEST(Params, SchemasAreAPartOfTheVersion) {
  EXPECT_NE(DagOf("  n: {type: integer, default: 3}\n").version,
            DagOf("  n: {type: number, default: 3}\n").version);
  EXPECT_NE(DagOf("  n: {type: integer, default: 3}\n").version, DagOf("  n: 3\n").version);
}

}  // namespace
}  // namespace dagfile
