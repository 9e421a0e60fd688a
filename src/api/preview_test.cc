// POST dags/D/dagRuns/dry_run: what the jobs of a run would ask for, without the run.

#include "api/test_support.h"

namespace api::testing {
namespace {

constexpr char kFlow[] = R"(
dag_id: flow
is_paused_upon_creation: false
params: {models: 3, broken: ""}
default_args: {pool: clusters}
lanes: [{id: 1, params: {group: first}}, {id: 2, params: {group: second}}]
tasks:
  train:
    cluster: small
    steps:
      - name: train
        spark_submit: {application: s3://example/train.py, args: ["{{ params.models }}", "{{ lane.params.group }}", "{{ ds }}"]}
  many:
    map_over: [1, 2]
    cluster: small
    steps: [{name: each, spark_submit: {application: s3://example/each.py, args: ["{{ item }}"]}}]
  after: {type: trigger_dag_run, lanes: none, depends_on: ["train[*]"], trigger_dag_id: empty, conf: {k: "{{ params.models }}"}}
  nothing: {type: empty, lanes: none}
)";

class PreviewTest : public ApiTest {
 protected:
  PreviewTest() { Write("dags/flow.yaml", kFlow); }

  Answer Preview(const std::string& members, const std::string& query = "") {
    return Post("dags/flow/dagRuns/dry_run" + query,
                base::Cat(R"({"logical_date":"2026-01-04T00:00:00Z")", members, "}"));
  }
  // Of an answer that lives on.
  static const json::object& Job(const Answer& answer, std::string_view name) {
    for (const json::value& job : base::GetArray(answer.body, "jobs")) {
      if (base::GetString(job.get_object(), "display_name") == name)
        return job.get_object();
    }
    static const json::object kNone;
    ADD_FAILURE() << "no " << name << " in " << json::serialize(answer.body);
    return kNone;
  }
};

TEST_F(PreviewTest, IsTheRequestAsItIsSentLater) {
  Start();
  const Answer preview = Preview(R"(,"dag_run_id":"r","conf":{"models":7})");
  ASSERT_EQ(preview.status, 200) << preview.detail();
  const json::object& job = Job(preview, "train_2");
  EXPECT_EQ(base::GetString(job, "type"), "emr_job");
  EXPECT_TRUE(job.at("trouble").is_null());
  const std::string request = json::serialize(job.at("request"));
  EXPECT_NE(request.find(R"("7","second","2026-01-04")"), std::string::npos) << request;
  EXPECT_EQ(json::serialize(preview.body.at("params").at("models")), "7");

  EXPECT_EQ(Get("dags/flow/dagRuns/r").status, 404) << "nothing is made";
  const Answer made = Post("dags/flow/dagRuns",
                           R"({"dag_run_id":"r","logical_date":"2026-01-04T00:00:00Z",)"
                           R"("conf":{"models":7}})");
  ASSERT_EQ(made.status, 200) << made.detail();
  const Answer sent = GetUntil("dags/flow/dagRuns/r/taskInstances/train_2.start_cluster/tries/1",
                               [](const Answer& answer) {
                                 const json::value* request = answer.body.if_contains("request");
                                 return request != nullptr && !request->is_null();
                               });
  EXPECT_EQ(json::serialize(sent.body.at("request")), request);
}

TEST_F(PreviewTest, TellsWhatOtherKindsOfJobsDo) {
  Start();
  const Answer preview = Preview("");
  EXPECT_EQ(base::GetString(preview.body, "dag_run_id"), "manual__2026-01-04T00:00:00+00:00");
  EXPECT_TRUE(Job(preview, "nothing").at("request").is_null());
  EXPECT_TRUE(Job(preview, "many_1").at("is_mapped").as_bool());
  EXPECT_TRUE(Job(preview, "many_1").at("request").is_null());
  const json::object& after = Job(preview, "after").at("request").as_object();
  EXPECT_EQ(base::GetString(after, "trigger_dag_id"), "empty");
  EXPECT_EQ(json::serialize(after.at("conf")), R"({"k":3})");
}

TEST_F(PreviewTest, TellsWhichJobWouldFailAndWhy) {
  Write("dags/flow.yaml",
        "dag_id: flow\nparams: {level: 1}\ntasks:\n  train:\n    cluster: {template: "
        "small, overrides: {StepConcurrencyLevel: '{{ params.level }}'}}\n    steps: [{name: a, "
        "spark_submit: {application: s3://example/a.py}}]\n");
  Start();
  const Answer preview = Preview(R"(,"conf":{"level":"many"})");
  const json::object& job = Job(preview, "train");
  EXPECT_TRUE(job.at("request").is_null());
  EXPECT_NE(base::GetString(job, "trouble").find("StepConcurrencyLevel"), std::string::npos)
      << json::serialize(job);
}

TEST_F(PreviewTest, IsRefusedAsTheTriggerIs) {
  Start();
  EXPECT_EQ(Preview(R"(,"conf":{"nobody":1})").status, 422);
  EXPECT_EQ(Preview(R"(,"dag_run_id":"scheduled__x")").status, 422);
  EXPECT_EQ(Post("dags/nobody/dagRuns/dry_run", R"({"logical_date":null})").status, 404);
}

TEST_F(PreviewTest, IsReadInPages) {
  Start();
  const Answer page = Preview("", "?limit=2&offset=1");
  EXPECT_EQ(base::GetArray(page.body, "jobs").size(), 2u);
  EXPECT_EQ(page.body.at("total_entries").as_int64(), 6);
}

}  // namespace
}  // namespace api::testing
