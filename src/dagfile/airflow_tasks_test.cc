#include "dagfile/airflow_tasks.h"

#include <gtest/gtest.h>

#include "base/json_text.h"
#include "dagfile/test_support.h"
#include "model/dag_json.h"

namespace dagfile {
namespace {

using base::Cat;

Loaded LoadOne(std::string_view keys) {
  return Load({{"dags/a.yaml",
                Cat("dag_id: a\ntasks:\n  go: {type: airflow_task, ",
                    keys,
                    "}\n  next: {type: airflow_task, file: a.py, depends_on: [go]}\n")}});
}
std::string Errors(std::string_view keys) {
  return Text(LoadOne(keys).errors);
}

TEST(AirflowTasks, TakeTheirKeys) {
  const Loaded loaded = LoadOne(
      "file: sub/a.py, task_id: group.go, operator: PythonOperator, airflow_version: 2, "
      "resources: {memory: 1GiB}, retries: 2");
  ASSERT_EQ(Text(loaded.errors), "");
  const model::CommandWork& work = *model::CommandOf(loaded.dags[0]->jobs[0]);
  EXPECT_EQ(work.airflow, (model::AirflowTask{"sub/a.py", "group.go", "PythonOperator", 2}));
  EXPECT_EQ(work.outputs, model::OutputsFrom::kTold);
  EXPECT_EQ(work.limits.memory, int64_t{1} << 30);
  EXPECT_EQ(model::CommandOf(loaded.dags[0]->jobs[1])->airflow->task_id, "next");
  // A stored version means the same.
  const auto again = model::DagFromJson(model::DagToJson(*loaded.dags[0]));
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->jobs[0].work, loaded.dags[0]->jobs[0].work);
}

TEST(AirflowTasks, MapByLengths) {
  const Loaded loaded =
      Load({{"dags/a.yaml",
             "dag_id: a\ntasks:\n  go: {type: airflow_task, file: a.py}\n"
             "  each: {type: airflow_task, file: a.py, depends_on: [go], map_over: "
             "{lengths: {product: [3, {job: go}]}}}\n"}});
  ASSERT_EQ(Text(loaded.errors), "");
  const model::Job& each = loaded.dags[0]->jobs[1];
  EXPECT_EQ(base::Serialize(each.map_over->lengths), R"({"product":[3,{"job":"go"}]})");
  const auto again = model::DagFromJson(model::DagToJson(*loaded.dags[0]));
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->jobs[1].map_over, each.map_over);
}

TEST(AirflowTasks, TellTheirMistakes) {
  EXPECT_NE(Errors("file: /etc/passwd").find("below the folder of DAG files"), std::string::npos);
  EXPECT_NE(Errors("file: ../a.py").find("below the folder of DAG files"), std::string::npos);
  EXPECT_NE(Errors("task_id: x").find("file"), std::string::npos);
  EXPECT_NE(Errors("file: a.py, airflow_version: 4").find("2 or 3"), std::string::npos);
  EXPECT_NE(Errors("file: a.py, command: [x]").find("is for jobs of type command"),
            std::string::npos);
  EXPECT_NE(Errors("file: a.py, map_over: {lengths: {job: nobody}}").find("nobody"),
            std::string::npos);
  EXPECT_NE(Errors("file: a.py, map_over: {lengths: -1}").find("not negative"), std::string::npos);
  EXPECT_NE(Errors("file: a.py, map_over: {lengths: {median: [1]}}").find("a length is"),
            std::string::npos);
}

}  // namespace
}  // namespace dagfile
