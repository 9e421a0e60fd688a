#include "work/emr/render.h"

#include <gtest/gtest.h>

#include "base/json_text.h"

namespace work {
namespace {

base::Time At(std::string_view text) {
  return *base::ParseTime(text);
}

// A run of 2026-03-02 of a DAG with two jobs.
struct World {
  World() {
    auto dag = std::make_shared<model::Dag>();
    dag->id = model::DagId("d");
    dag->params = {{"days", 7}};
    for (const char* id : {"first", "second"}) {
      dag->jobs.emplace_back();
      dag->jobs.back().id = model::JobId(id);
    }
    auto plan = std::make_shared<engine::Plan>();
    plan->dag = dag;
    plan->deciding = {0, 1};
    state.identity.deployment = "test";
    run.plan = plan;
    run.row.key = {dag->id, model::RunId("scheduled__2026-03-02")};
    run.row.logical_date = At("2026-03-02T05:06:07Z");
    run.row.data_interval = {At("2026-03-01"), At("2026-03-02")};
    run.row.conf = R"({"days": 3, "note": "x"})";
    job.def = &dag->jobs[0];
  }

  void Succeed(const char* job_id, const char* run_id, const char* begin, const char* end) {
    state.successes[{run.row.key.dag, model::JobId(job_id), {}}][{At(begin), At(end)}].insert(
        model::RunId(run_id));
  }

  std::string Rendered(std::string_view text) const {
    auto request = RenderRequest({{"x", text}}, state, run, job, 2, "eu-west-1", {});
    return request ? base::Serialize((*request)["x"]) : request.error().message;
  }

  engine::State state;
  engine::Run run;
  engine::JobInstance job;
};

TEST(Render, NamesMeanWhatAirflowSays) {
  const World world;
  struct {
    const char* text;
    const char* json;
  } table[] = {
      {"{{ ds }} {{ ds_nodash }}", R"("2026-03-02 20260302")"},
      {"{{ ts }}", R"("2026-03-02T05:06:07+00:00")"},
      {"{{ ts_nodash }} {{ ts_nodash_with_tz }}", R"("20260302T050607 20260302T050607+0000")"},
      {"{{ dag_run.run_id }}", R"("scheduled__2026-03-02")"},
      {"{{ dag_run.conf.note }}{{ dag_run.conf.get('more', 1) }}", R"("x1")"},
      {"{{ dag_run.logical_date.hour }}", "5"},
      {"{{ dag_run.data_interval_end - dag_run.data_interval_start }}", R"("1 day, 0:00:00")"},
      {"{{ ti.try_number == try_number == 2 }}", "true"},
      {"{{ params.days }}", "3"},
  };
  for (const auto& row : table)
    EXPECT_EQ(world.Rendered(row.text), row.json) << row.text;
}

TEST(Render, MicrosecondsAreInTsAndNotInTsNodash) {
  World world;
  world.run.row.logical_date = At("2026-03-02T05:06:07.5Z");
  EXPECT_EQ(world.Rendered("{{ ts_nodash }} {{ ts_nodash_with_tz }}"),
            R"("20260302T050607 20260302T050607.500000+0000")");
}

TEST(Render, ThePreviousSuccessIsTheLatestRunInWhichAllJobsSucceeded) {
  World world;
  constexpr std::string_view kText = "{{ prev_data_interval_end_success }}";
  EXPECT_EQ(world.Rendered(kText), "null");
  world.Succeed("first", "a", "2026-02-20", "2026-02-21");
  EXPECT_EQ(world.Rendered(kText), "null");
  world.Succeed("second", "a", "2026-02-20", "2026-02-21");
  EXPECT_EQ(world.Rendered(kText), R"("2026-02-21T00:00:00+00:00")");
  // Half of it in one run and half in another is no run that succeeded.
  world.Succeed("first", "b", "2026-02-22", "2026-02-23");
  world.Succeed("second", "c", "2026-02-22", "2026-02-23");
  EXPECT_EQ(world.Rendered(kText), R"("2026-02-21T00:00:00+00:00")");
  world.Succeed("second", "b", "2026-02-22", "2026-02-23");
  EXPECT_EQ(world.Rendered(kText), R"("2026-02-23T00:00:00+00:00")");
  // Of the same interval and of later ones none counts.
  for (const char* id : {"first", "second"}) {
    world.Succeed(id, "again", "2026-03-01", "2026-03-02");
    world.Succeed(id, "later", "2026-03-02", "2026-03-03");
  }
  EXPECT_EQ(world.Rendered(kText), R"("2026-02-23T00:00:00+00:00")");
}

}  // namespace
}  // namespace work
