// What clusters have cost, over a real socket.

#include <gmock/gmock.h>

#include "api/test_support.h"

namespace api {
namespace {

using base::Cat;
using testing::Answer;
using testing::ApiTest;
using ::testing::IsEmpty;

class SpendApi : public ApiTest {
 protected:
  void Run(std::string_view project) {
    Write("signalbox.yaml", project);
    Start();
    RunToEnd("spark", "r");
    GetUntil("clusters?live=true", [](const Answer& answer) {
      return base::GetInt(answer.body, "total_entries", -1) == 0;
    });
  }
};

constexpr char kPriced[] = R"(
deployment: demo
emr: {region: us-east-1, launch_settle: 20m}
pools: {clusters: 4}
spend_cap: {per_day: 500}
prices: {m5.xlarge: {on_demand: 0.192, spot: 0.07, emr: 0.048}}
)";

TEST_F(SpendApi, ADayARunAndAClusterTellTheSameSum) {
  Run(kPriced);
  const Answer run = Get("dags/spark/dagRuns/r/spend");
  ASSERT_EQ(run.status, 200) << run.detail();
  const double cost = base::GetDouble(run.body, "estimated_cost_usd");
  EXPECT_GT(cost, 0);
  EXPECT_TRUE(run.body.at("spend_cap_usd").is_null());
  double sum = 0;
  for (const json::value& value : base::GetArray(run.body, "clusters")) {
    const Answer cluster = Get(Cat("clusters/", base::GetString(value.as_object(), "cluster_id")));
    EXPECT_EQ(cluster.body.at("estimated_cost_usd"), value.at("estimated_cost_usd"));
    sum += base::GetDouble(cluster.body, "estimated_cost_usd");
  }
  EXPECT_NEAR(sum, cost, 1e-9);

  const Answer day = Get("spend?day=2026-01-05&dag_id=spark");
  ASSERT_EQ(day.status, 200) << day.detail();
  EXPECT_EQ(base::GetString(day.body, "day"), "2026-01-05");
  EXPECT_EQ(base::GetDouble(day.body, "spend_cap_usd"), 500);
  const json::array& dags = base::GetArray(day.body, "dags");
  ASSERT_EQ(dags.size(), 1u);
  EXPECT_NEAR(base::GetDouble(dags[0].as_object(), "estimated_cost_usd"), cost, 1e-5);
  EXPECT_EQ(base::GetInt(dags[0].as_object(), "clusters"), 2);
}

TEST_F(SpendApi, WithoutPricesNothingIsKnownAndThatIsSaid) {
  Run(testing::kProject);
  const Answer run = Get("dags/spark/dagRuns/r/spend");
  EXPECT_EQ(base::GetDouble(run.body, "estimated_cost_usd"), 0);
  EXPECT_EQ(base::GetInt(run.body, "clusters_without_price"), 2);
  for (const json::value& value : base::GetArray(run.body, "clusters"))
    EXPECT_TRUE(value.at("estimated_cost_usd").is_null());
}

TEST_F(SpendApi, WrongInputIsRefused) {
  Start();
  EXPECT_EQ(Get("spend?day=yesterday").status, 422);
  EXPECT_EQ(Get("spend?day=2026-01-05T00:00:00Z").status, 422);
  EXPECT_EQ(Get("spend?dag=spark").status, 422);
  EXPECT_EQ(Get("spend?dag_id=none").status, 404);
  EXPECT_EQ(Get("dags/spark/dagRuns/none/spend").status, 404);
  EXPECT_EQ(Get("dags/none/dagRuns/r/spend").status, 404);
  EXPECT_THAT(base::GetArray(Get("spend?day=2020-01-01").body, "dags"), IsEmpty());
}

}  // namespace
}  // namespace api
