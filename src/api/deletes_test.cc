// DELETE of runs and DAGs, and what clears say beside what they clear, over a whole Signalbox.

#include <gmock/gmock.h>

#include "api/test_support.h"

namespace api {
namespace {

using testing::Answer;
using ::testing::HasSubstr;

class DeletesTest : public testing::ApiTest {
 protected:
  Answer Delete(const std::string& target) { return Send(Request("DELETE", target)); }
  int64_t RunsOf(const std::string& dag) {
    return base::GetInt(Get(base::Cat("dags/", dag, "/dagRuns")).body, "total_entries", -1);
  }
};

TEST_F(DeletesTest, AnEndedRunIsGoneAndItsIdIsFree) {
  Start();
  RunToEnd("empty", "r");
  EXPECT_EQ(Delete("dags/empty/dagRuns/r").status, 204);
  EXPECT_EQ(Get("dags/empty/dagRuns/r").status, 404);
  EXPECT_EQ(Delete("dags/empty/dagRuns/r").status, 404);
  const Answer told = Get("history?dag_id=empty&dag_run_id=r&limit=100");
  EXPECT_THAT(json::serialize(told.body), HasSubstr("\"deleted\"")) << told.status;
  RunToEnd("empty", "r");
  EXPECT_EQ(RunsOf("empty"), 1);
}

TEST_F(DeletesTest, WhatIsLiveIsAConflictAndWhatItsClustersCostStays) {
  Start();
  ASSERT_EQ(Post("dags/spark/dagRuns", R"({"dag_run_id":"s","logical_date":null})").status, 200);
  const Answer refused = Delete("dags/spark/dagRuns/s");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.detail(), HasSubstr("end it first"));
  EXPECT_EQ(Delete("dags/spark").status, 409);
  GetUntil("dags/spark/dagRuns/s",
           [](const Answer& answer) { return base::GetString(answer.body, "state") == "success"; });
  const int64_t clusters = base::GetInt(Get("clusters?dag_id=spark").body, "total_entries");
  EXPECT_GT(clusters, 0);
  bool is_gone = false;
  GetUntil("dags/spark/dagRuns/s", [&](const Answer&) {
    is_gone = is_gone || Delete("dags/spark/dagRuns/s").status == 204;  // once its clusters are
    return is_gone;
  });
  const Answer left = Get("clusters?dag_id=spark");
  EXPECT_EQ(base::GetInt(left.body, "total_entries"), clusters);
  EXPECT_THAT(json::serialize(left.body), HasSubstr("s (deleted 1)"));
}

TEST_F(DeletesTest, ADagWhoseFileIsThereBeginsAnew) {
  Start();
  RunToEnd("empty", "r");
  EXPECT_EQ(Delete("dags/none").status, 404);
  EXPECT_EQ(Delete("dags/empty").status, 204);
  EXPECT_EQ(Get("dags/empty").status, 200);
  EXPECT_EQ(RunsOf("empty"), 0);
  StopServer();
  StartServer();
  EXPECT_EQ(RunsOf("empty"), 0);
  RunToEnd("empty", "r");
}

TEST_F(DeletesTest, ManyRunsAtOnce) {
  Start();
  RunToEnd("empty", "a");
  RunToEnd("empty", "b");
  const Answer answer = Patch("dags/empty/dagRuns",
                              R"({"actions": [{"action": "delete", "entities": ["a", "none",
                                 {"dag_run_id": "b"}]}]})");
  EXPECT_EQ(answer.status, 200) << answer.detail();
  EXPECT_THAT(json::serialize(answer.body), HasSubstr(R"("success":["empty.a","empty.b"])"));
  EXPECT_EQ(RunsOf("empty"), 0);
}

TEST_F(DeletesTest, ClearsTakeANote) {
  Start();
  RunToEnd("empty", "r");
  ASSERT_EQ(
      Post("dags/empty/dagRuns/r/clear", R"({"dry_run": false, "note": "of the run"})").status,
      200);
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r").body, "note"), "of the run");
  ASSERT_EQ(Post("dags/empty/clearTaskInstances",
                 R"({"dag_run_id": "r", "dry_run": false, "only_failed": false, "note": "of it"})")
                .status,
            200);
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r/taskInstances/only").body, "note"), "of it");
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r").body, "note"), "of the run");
}

TEST_F(DeletesTest, OnlyTheNewJobsOfTheNewestVersionBegin) {
  Start();
  RunToEnd("empty", "r");
  Write("dags/empty.yaml",
        "dag_id: empty\nparams: {k: null}\ntasks: {only: {type: empty}, more: {type: empty}}\n");
  runtime_->commands().LookAtProject();
  GetUntil("dags/empty/tasks",
           [](const Answer& answer) { return base::GetInt(answer.body, "total_entries") == 2; });
  const std::string body = R"({"only_new": true, "dry_run": )";
  const Answer planned = Post("dags/empty/dagRuns/r/clear", body + "true}");
  EXPECT_EQ(base::GetInt(planned.body, "total_entries"), 1) << planned.detail();
  EXPECT_THAT(json::serialize(planned.body), HasSubstr(R"("version_change":"new")"));
  ASSERT_EQ(Post("dags/empty/dagRuns/r/clear", body + "false}").status, 200);
  GetUntil("dags/empty/dagRuns/r/taskInstances/more",
           [](const Answer& answer) { return base::GetString(answer.body, "state") == "success"; });
  EXPECT_EQ(Post("dags/empty/dagRuns/r/clear", R"({"only_new": true, "only_failed": true})").status,
            422);
  Write("dags/empty.yaml", "dag_id: empty\nparams: {k: null}\ntasks: {only: {type: empty}}\n");
  runtime_->commands().LookAtProject();
  GetUntil("dags/empty/tasks",
           [](const Answer& answer) { return base::GetInt(answer.body, "total_entries") == 1; });
  EXPECT_THAT(json::serialize(
                  Post("dags/empty/dagRuns/r/clear", R"({"run_on_latest_version": true})").body),
              HasSubstr(R"("version_change":"removed")"));
}

TEST_F(DeletesTest, MarksReachOtherRuns) {
  Start();
  for (const char* day : {"5", "6", "7"})
    ASSERT_EQ(Post("dags/empty/dagRuns",
                   base::Cat(R"({"dag_run_id": "r)",
                             day,
                             R"(", "logical_date": "2026-01-0)",
                             day,
                             R"(T00:00:00Z"})"))
                  .status,
              200);
  for (const char* run : {"r5", "r6", "r7"})
    GetUntil(base::Cat("dags/empty/dagRuns/", run), [](const Answer& answer) {
      return base::GetString(answer.body, "state") == "success";
    });
  const Answer marked = Patch("dags/empty/dagRuns/r6/taskInstances/only",
                              R"({"new_state": "failed", "include_past": true})");
  EXPECT_EQ(base::GetInt(marked.body, "total_entries"), 2) << marked.detail();
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r5").body, "state"), "failed");
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r6").body, "state"), "failed");
  EXPECT_EQ(base::GetString(Get("dags/empty/dagRuns/r7").body, "state"), "success");
}

}  // namespace
}  // namespace api
