#include <gtest/gtest.h>

#include "model/dag_json.h"

namespace model {
namespace {

// a → b → d, a → c → d, with the weights 1, 10, 100 and 1000.
Dag Diamond(WeightRule rule) {
  Dag dag;
  dag.id = DagId("d");
  const std::vector<std::vector<int>> upstream{{}, {0}, {0}, {1, 2}};
  int weight = 1;
  for (size_t i = 0; i < upstream.size(); ++i) {
    Job job;
    job.id = JobId(std::string(1, static_cast<char>('a' + i)));
    job.upstream = upstream[i];
    job.capacity = {.priority_weight = weight, .weight_rule = rule};
    dag.jobs.push_back(job);
    weight *= 10;
  }
  return dag;
}

TEST(Weights, AbsoluteIsTheJobsOwn) {
  EXPECT_EQ(EffectiveWeights(Diamond(WeightRule::kAbsolute)), (std::vector{1, 10, 100, 1000}));
}

// As Airflow: each job counts once, whatever the number of ways to it.
TEST(Weights, DownstreamAddsAllThatFollows) {
  EXPECT_EQ(EffectiveWeights(Diamond(WeightRule::kDownstream)),
            (std::vector{1111, 1010, 1100, 1000}));
}

TEST(Weights, UpstreamAddsAllThatComesBefore) {
  EXPECT_EQ(EffectiveWeights(Diamond(WeightRule::kUpstream)), (std::vector{1, 11, 101, 1111}));
}

TEST(Weights, TheSumsStayWithin32Bits) {
  Dag dag = Diamond(WeightRule::kUpstream);
  for (Job& job : dag.jobs)
    job.capacity.priority_weight = 2'000'000'000;
  EXPECT_EQ(EffectiveWeights(dag)[3], 2'147'483'647);
  for (Job& job : dag.jobs)
    job.capacity.priority_weight = -2'000'000'000;
  EXPECT_EQ(EffectiveWeights(dag)[3], -2'147'483'648);
}

TEST(Capacity, ComesBackFromJsonAndChangesTheVersion) {
  const Dag plain = Diamond(WeightRule::kDownstream);
  Dag dag = plain;
  dag.jobs[1].capacity = {3, -5, WeightRule::kUpstream, 2, 1};
  dag.max_active_tasks = 7;
  dag.limits = {{.by = "lane.id", .max = 2}, {.tag = "heavy", .max = 3}};
  const auto back = DagFromJson(DagToJson(dag));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ((*back)->jobs[1].capacity, dag.jobs[1].capacity);
  EXPECT_EQ((*back)->max_active_tasks, 7);
  EXPECT_EQ((*back)->limits, dag.limits);
  EXPECT_NE((*back)->version, ComputeVersion(plain));
}

TEST(Capacity, DefaultsAreNotWritten) {
  Dag dag = Diamond(WeightRule::kAbsolute);
  for (Job& job : dag.jobs)
    job.capacity = {};
  const std::string text = base::Canonical(DagToJson(dag));
  for (const char* key : {"pool_slots", "priority_weight", "weight_rule", "max_active_t", "limits"})
    EXPECT_EQ(text.find(key), std::string::npos) << key;
}

TEST(Capacity, AWeightRuleThatNobodyKnowsIsCorrupt) {
  json::object dag = DagToJson(Diamond(WeightRule::kDownstream));
  dag["jobs"].as_array()[0].as_object()["weight_rule"] = "sideways";
  const auto back = DagFromJson(dag);
  ASSERT_FALSE(back.has_value());
  EXPECT_NE(back.error().message.find("'sideways' is no weight rule"), std::string::npos);
}

}  // namespace
}  // namespace model
