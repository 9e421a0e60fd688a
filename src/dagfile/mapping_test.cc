// map_over and map_index_template in DAG files: what they become, and what is said of mistakes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_text.h"
#include "dagfile/test_support.h"
#include "model/dag_json.h"

namespace dagfile {
namespace {

using base::Cat;
using ::testing::HasSubstr;

SourceFile Dag(std::string_view keys, std::string_view of_dag = "") {
  return {"dags/a.yaml",
          Cat("dag_id: a\nparams: {customers: [a, b]}\n",
              of_dag,
              "tasks:\n  train:\n    cluster: spot\n",
              "    steps: [{name: s, spark_submit: {application: s3://b/x.py, args: ['{{ item }}', "
              "'{{ ti.map_index }}']}}]\n",
              keys)};
}

SourceFile List(std::string_view text, std::string_view path = "lists/customers.yaml") {
  return {std::string(path), std::string(text)};
}

model::MapOver MappingOf(const Loaded& loaded) {
  EXPECT_EQ(Text(loaded.errors), "");
  return loaded.dags.empty() ? model::MapOver() : *loaded.dags[0]->jobs[0].map_over;
}

TEST(MapOver, IsAListAnExpressionOrAFile) {
  EXPECT_EQ(base::Serialize(MappingOf(Load({Dag("    map_over: [a, 2, {id: x}]\n")})).items),
            R"(["a",2,{"id":"x"}])");
  EXPECT_EQ(MappingOf(Load({Dag("    map_over: '{{ params.customers }}'\n")})).expression,
            "params.customers");
  EXPECT_EQ(MappingOf(Load({Dag("    map_over: '{{ [1, 2] }}'\n")})).expression, "[1, 2]");
  EXPECT_EQ(MappingOf(Load({Dag("    map_over: '{{ dag_run.conf.x }}'\n")})).expression,
            "dag_run.conf.x");
  for (const char* path : {"lists/customers.yaml", "lists/customers.json"}) {
    const Loaded loaded =
        Load({Dag(Cat("    map_over: {file: ", path, "}\n")), List("[\"eu\", \"us\"]", path)});
    EXPECT_EQ(base::Serialize(MappingOf(loaded).items), R"(["eu","us"])");
  }
}

TEST(MapOver, MayBeTheDagsLanes) {
  const Loaded loaded = Load({Dag("    lanes: none\n    map_over: '{{ lanes }}'\n",
                                  "lanes: [{id: eu, params: {n: 1}}, {id: us}]\n")});
  ASSERT_EQ(Text(loaded.errors), "");
  const auto again = model::DagFromJson(model::DagToJson(*loaded.dags.at(0))).value();
  ASSERT_EQ(again->lanes.size(), 2u);
  EXPECT_EQ(again->lanes[0].id.str(), "eu");
  EXPECT_EQ(base::Serialize(again->lanes[0].params), R"({"n":1})");
  EXPECT_EQ(again->version, loaded.dags[0]->version);
}

TEST(MapOver, AnEditOfItsFileIsANewVersion) {
  const auto version = [](std::string_view list) {
    return Load({Dag("    map_over: {file: lists/customers.yaml}\n"), List(list)})
        .dags.at(0)
        ->version;
  };
  EXPECT_EQ(version("[1, 2]"), version("- 1\n- 2\n"));
  EXPECT_NE(version("[1, 2]"), version("[1, 2, 3]"));
}

TEST(MapOver, ComesBackFromItsStoredVersion) {
  const Loaded loaded =
      Load({Dag("    map_over: [1, 2]\n    map_index_template: 'customer {{ item }}'\n")});
  const auto again = model::DagFromJson(model::DagToJson(*loaded.dags.at(0))).value();
  EXPECT_EQ(again->jobs[0].map_over, loaded.dags[0]->jobs[0].map_over);
  EXPECT_EQ(again->jobs[0].map_over->index_template, "customer {{ item }}");
}

TEST(MapOver, MistakesAreTold) {
  const struct {
    const char* keys;
    const char* error;
  } table[] = {
      {"    map_over: params.customers\n",
       "dags/a.yaml:7:15: 'map_over': expected a list, one {{ expression }} that gives a list, or "
       "{file: lists/NAME.yaml}, found 'params.customers'"},
      {"    map_over: '{{ params.customer }}'\n", "at column 8 of this expression"},
      {"    map_over: '{{ item }}'\n", "'item'"},
      {"    map_over: '{{ 5 }}'\n",
       "dags/a.yaml:7:15: 'map_over': expected a list, one {{ expression }} that gives a list, or "
       "{file: lists/NAME.yaml}; this expression is always 5"},
      {"    map_over: '{{ \"a\" }}'\n", "this expression is always \"a\""},
      {"    map_over: ['{{ params.customers }}']\n",
       "an item of a list is taken as it stands, without templates"},
      {"    map_over: {file: lists/customer.yaml}\n",
       "there is no list 'lists/customer.yaml'; did you mean 'lists/customers.yaml'?"},
      {"    map_over: {fil: lists/customers.yaml}\n", "did you mean 'file'?"},
      {"    map_over: [1]\n    setup: true\n", "a setup cannot be mapped"},
      {"    map_over: [1]\n    map_index_template: '{{ itm }}'\n", "of this template"},
      {"    map_over: [1]\n    when: item == 1\n", "'item'"},
      {"    map_index_template: '{{ ds }}'\n", "it needs 'map_over'"},
      {"", "'item'"},  // in a step of a job that is not mapped
  };
  for (const auto& [keys, error] : table)
    EXPECT_THAT(Text(Load({Dag(keys), List("[1]")}).errors), HasSubstr(error)) << keys;
  EXPECT_THAT(
      Text(Load({Dag("    map_over: {file: lists/customers.yaml}\n"), List("{a: 1}")}).errors),
      HasSubstr("lists/customers.yaml:1:1: expected a list, found a map"));
}

TEST(MapOver, AnEmptyListIsAWarningAndALongOneAnError) {
  EXPECT_THAT(Text(Load({Dag("    map_over: []\n")}).warnings),
              HasSubstr("the list is empty: the job would always be skipped"));
  std::string items = "0";
  for (int i = 1; i < 4000; ++i)
    items += ", 0";
  const std::string keys = Cat("    map_over: [", items, "]\n");
  EXPECT_EQ(Text(Load({Dag(keys, "lanes: [{id: 1}, {id: 2}]\n")}).errors), "");
  EXPECT_THAT(Text(Load({Dag(keys, "lanes: [{id: 1}, {id: 2}, {id: 3}]\n")}).errors),
              HasSubstr("the lists of the DAG 'a' make 12000 instances in each run, lanes among "
                        "them; at most 10000 are allowed"));
}

}  // namespace
}  // namespace dagfile
