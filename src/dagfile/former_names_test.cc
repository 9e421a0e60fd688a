#include "dagfile/former_names.h"

#include <gtest/gtest.h>

#include "dagfile/test_support.h"

namespace dagfile {
namespace {

using base::Cat;

SourceFile Dag(std::string_view name, std::string_view text) {
  return {Cat("dags/", name, ".yaml"), Cat("dag_id: ", name, "\n", text)};
}

TEST(FormerNames, EachLaneHasAllItsNames) {
  const Loaded loaded =
      Load({Dag("a",
                "formerly: [old, older]\n"
                "lanes: [{id: 1, formerly: one}, {id: 2}]\n"
                "tasks: {x: {type: empty, formerly: [w, v]}, all: {type: empty, lanes: none}}\n")});
  ASSERT_EQ(Text(loaded.errors), "");
  const model::Dag& dag = *loaded.dags.at(0);
  EXPECT_EQ(dag.formerly, (std::vector{model::DagId("old"), model::DagId("older")}));
  const auto names = [&](size_t job) {
    std::string out;
    for (const model::JobName& name : dag.jobs[job].formerly)
      out += Cat(DisplayName(name.job, name.lane), " ");
    return out;
  };
  EXPECT_EQ(names(0), "x_one w_1 w_one v_1 v_one ");
  EXPECT_EQ(names(1), "w_2 v_2 ");
  EXPECT_EQ(names(2), "");
}

TEST(FormerNames, TheyArePartOfTheVersionOnlyWhereTheyAre) {
  const auto version = [](std::string_view key) {
    return Load({Dag("a", Cat("tasks: {x: {type: empty", key, "}}\n"))}).dags.at(0)->version;
  };
  EXPECT_NE(version(""), version(", formerly: y"));
}

TEST(FormerNames, AnEdgeThatNamesAFormerNameIsToldTheNewOne) {
  const Loaded loaded =
      Load({Dag("daily", "formerly: zzz\ntasks: {build: {type: empty, formerly: q}}\n"),
            Dag("b",
                "tasks: {x: {type: empty, depends_on: [zzz/build]}, y: {type: empty, depends_on: "
                "[daily/q]}}\n")});
  EXPECT_EQ(Text(loaded.errors),
            "dags/b.yaml:2:39: there is no DAG 'zzz' in this project; did you mean 'daily'?\n"
            "dags/b.yaml:2:82: there is no job 'q' in the DAG 'daily'; did you mean 'build'?\n");
}

TEST(FormerNames, MistakesAreTold) {
  const struct {
    std::string_view file;
    const char* error;
  } table[] = {
      {"tasks: {x: {type: empty, formerly: 'a b'}}\n",
       "dags/a.yaml:2:36: 'a b' is no such id, and cannot have been one"},
      {"tasks: {x: {type: empty, formerly: x}}\n",
       "dags/a.yaml:2:36: 'x' is its name now; 'formerly' has older ones"},
      {"tasks: {x: {type: empty, formerly: y}, y: {type: empty}}\n",
       "dags/a.yaml:2:9: 'x' cannot have been called 'y': there is such a job now; correct "
       "'formerly'"},
      {"tasks: {x: {type: empty, formerly: z}, y: {type: empty, formerly: z}}\n",
       "dags/a.yaml:2:40: 'y' cannot have been called 'z': 'x' says so too; correct 'formerly'"},
      {"formerly: b\ntasks: {x: {type: empty}}\n",
       "dags/a.yaml:2:11: 'a' cannot have been called 'b': dags/b.yaml has such a DAG now; correct "
       "'formerly'"},
      {"lanes: [{id: 1, formerly: {}}]\ntasks: {x: {type: empty}}\n",
       "dags/a.yaml:2:27: 'formerly': expected a text, found a map"},
  };
  for (const auto& row : table) {
    const Loaded loaded = Load({Dag("a", row.file), Dag("b", "tasks: {x: {type: empty}}\n")});
    EXPECT_EQ(Text(loaded.errors), Cat(row.error, "\n")) << row.file;
  }
}

}  // namespace
}  // namespace dagfile
