// Calls to EMR over time, over a real socket.

#include <algorithm>
#include <gmock/gmock.h>
#include <map>

#include "api/test_support.h"

namespace api {
namespace {

using testing::Answer;
using testing::ApiTest;

class BudgetHistory : public ApiTest {
 protected:
  // Of all buckets, by action.
  static std::map<std::string, int64_t> MadeOf(const Answer& answer) {
    std::map<std::string, int64_t> made;
    for (const json::value& bucket : base::GetArray(answer.body, "buckets")) {
      for (const json::value& call : base::GetArray(bucket.as_object(), "calls"))
        made[base::GetString(call.as_object(), "action")] += base::GetInt(call.as_object(), "made");
    }
    return made;
  }
};

TEST_F(BudgetHistory, ItsBucketsTellTheSameSumsAsTheBudget) {
  Start();
  RunToEnd("spark", "r");
  GetUntil("clusters?live=true", [](const Answer& answer) {
    return base::GetInt(answer.body, "total_entries", -1) == 0;
  });
  const Answer history = Get("budget/history?interval=5m");
  ASSERT_EQ(history.status, 200) << history.detail();
  EXPECT_EQ(base::GetInt(history.body, "interval_seconds"), 300);
  const std::map<std::string, int64_t> made = MadeOf(history);
  const Answer budget = Get("budget");
  for (const json::value& value : base::GetArray(budget.body, "actions")) {
    const std::string action = base::GetString(value.as_object(), "action");
    // Sweeps go on between the two questions.
    if (action != "ListClusters" && base::GetInt(value.as_object(), "made") > 0)
      EXPECT_EQ(made.at(action), base::GetInt(value.as_object(), "made")) << action;
  }
  EXPECT_EQ(made.at("RunJobFlow"), 2);
}

TEST_F(BudgetHistory, ASensorWouldHaveCalledOnceAMinuteForEachCluster) {
  Start();
  RunToEnd("spark", "r");
  double up = 0;
  const Answer ended = GetUntil("clusters", [](const Answer& answer) {
    return std::ranges::all_of(base::GetArray(answer.body, "clusters"), [](const json::value& one) {
      return one.at("created_at").is_string() && one.at("ended_at").is_string();
    });
  });
  for (const json::value& cluster : base::GetArray(ended.body, "clusters")) {
    const auto at = [&](std::string_view name) {
      return base::ToEpochSeconds(
          base::ParseTime(base::GetString(cluster.as_object(), name)).value());
    };
    up += (at("ended_at") - at("created_at")) / 60;
  }
  ASSERT_GT(up, 0);
  double sum = 0;
  const Answer history = Get("budget/history?interval=1m");
  for (const json::value& bucket : base::GetArray(history.body, "buckets"))
    sum += base::GetDouble(bucket.as_object(), "cluster_minutes");
  EXPECT_NEAR(sum, up, 1);
}

TEST_F(BudgetHistory, WrongSpansAreRefused) {
  Start();
  for (const char* wrong : {"over=2d", "over=10s", "interval=0s", "over=1h&interval=2h", "over=x"})
    EXPECT_EQ(Get(base::Cat("budget/history?", wrong)).status, 422) << wrong;
  EXPECT_EQ(Get("budget/history?over=1m").status, 200);
}

}  // namespace
}  // namespace api
