#include "notify/facts.h"

#include <gtest/gtest.h>

#include "notify/test_support.h"
#include "store/memory_store.h"

namespace notify {
namespace {

class FactsTest : public ::testing::Test {
 protected:
  FactsTest() { epoch_ = store_.Load(base::Time{})->identity.epoch; }
  void Put(std::vector<model::Change> rows) {
    ASSERT_EQ(store_.Commit(rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
  }
  static model::AttemptRow Attempt(int n, base::Time started_at) {
    model::AttemptRow row;
    row.key = {Failed(1, kStart).job, n};
    row.started_at = started_at;
    row.verdict = model::VerdictClass::kApplication;
    return row;
  }

  store::MemoryStore store_{{"demo", "0123456789abcdef0123456789abcdef", 0}};
  int64_t epoch_ = 0;
};

TEST_F(FactsTest, OfAFailureAreTheAttemptThatHadBegunThen) {
  const model::JobKey job = Failed(1, kStart).job;
  model::RunRow run;
  run.key = job.run;
  model::JobRow row;
  row.key = job;
  row.try_number = 2;
  row.next_try_at = kStart + base::minutes(5);
  Put({run, row, Attempt(1, kStart - base::hours(2)), Attempt(2, kStart - base::hours(1))});
  const model::HistoryRow retry = TaskRow(1, kStart, "1", "up_for_retry");
  ASSERT_TRUE(NeedsFacts(retry));
  const auto facts = FactsOf(store_.reader(), retry);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->attempt->key.n, 2);
  EXPECT_EQ(facts->next_try_at, kStart + base::minutes(5));
  // By now the next try has begun: what is to be said of the last one stays the same.
  row.try_number = 3;
  row.next_try_at = std::nullopt;
  Put({row, Attempt(3, kStart + base::minutes(5))});
  const auto later = FactsOf(store_.reader(), retry);
  EXPECT_EQ(later->attempt->key.n, 2);
  EXPECT_EQ(later->next_try_at, std::nullopt);
}

TEST_F(FactsTest, AClusterIsUnclaimedIfNoAttemptHasItAndNobodyEndsIt) {
  model::HistoryRow seen{.seq = 1,
                         .at = kStart,
                         .subject = {.kind = model::EntityKind::kCluster},
                         .from = "",
                         .to = "RUNNING"};
  const auto is_unclaimed = [&](const std::string& id, bool is_ended) {
    model::ClusterRow cluster;
    cluster.id = model::ClusterId(id);
    if (is_ended)
      cluster.terminate_requested_at = kStart;
    Put({base::Boxed<model::ClusterRow>(cluster)});
    seen.subject.cluster = cluster.id;
    return FactsOf(store_.reader(), seen)->is_unclaimed;
  };
  EXPECT_TRUE(is_unclaimed("j-1", false));
  EXPECT_FALSE(is_unclaimed("j-2", true));
  seen.subject.cluster = model::ClusterId("j-3");
  EXPECT_FALSE(FactsOf(store_.reader(), seen)->is_unclaimed);
}

}  // namespace
}  // namespace notify
