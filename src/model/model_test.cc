#include <gtest/gtest.h>

#include "model/dag_json.h"
#include "model/event.h"
#include "model/rows.h"

namespace model {
namespace {

Dag Sample() {
  Dag dag;
  dag.id = DagId("d");
  dag.schedule.cron = "0 2 * * 1";
  dag.timezone = "Europe/Istanbul";
  dag.start_date = base::FromMicros(1767571200000000);
  Job a;
  a.id = JobId("a");
  a.type = JobType::kEmrJob;
  a.request = json::object{{"Name", "x"}};
  a.cross.push_back({DagId("s"), JobId("build"), LaneId("2"), Window::kCovers});
  Job b;
  b.id = JobId("b");
  b.lane = LaneId("1");
  b.upstream = {0};
  dag.jobs = {a, b};
  return dag;
}

TEST(DagJson, RoundTripsAndKeepsItsVersion) {
  Dag dag = Sample();
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(base::Canonical(DagToJson(**back)), base::Canonical(DagToJson(dag)));
  EXPECT_EQ((*back)->version, ComputeVersion(dag));
  dag.timezone = "UTC";
  EXPECT_NE((*back)->version, ComputeVersion(dag));
}

TEST(DagJson, ADanglingEdgeIsCorrupt) {
  Dag dag = Sample();
  dag.jobs[1].upstream = {7};
  auto back = DagFromJson(DagToJson(dag));
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, base::ErrorCode::kCorrupt);
}

TEST(States, EveryNameReadsBack) {
  for (int i = 0; i <= static_cast<int>(TaskState::kSkipped); ++i)
    EXPECT_EQ(ParseTaskState(ToString(static_cast<TaskState>(i))), static_cast<TaskState>(i));
  for (int i = 0; i <= static_cast<int>(ClusterPhase::kLost); ++i)
    EXPECT_EQ(ParseClusterPhase(ToString(static_cast<ClusterPhase>(i))),
              static_cast<ClusterPhase>(i));
  EXPECT_EQ(ParseTaskState("nonsense"), std::nullopt);
}

TEST(Dag, TasksAreNamedAsAirflowShowsThem) {
  Dag dag = Sample();
  EXPECT_EQ(TaskDisplayId(dag.jobs[0], 1), "a.wait_cluster_termination");
  EXPECT_EQ(TaskDisplayId(dag.jobs[1], 0), "b_1");
}

}  // namespace
}  // namespace model
