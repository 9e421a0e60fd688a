// The rows of limits and of pool time, in each store: put, replaced, and read back by a new
// process.

#include <gtest/gtest.h>

#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::SampleLimit;
using testing::SamplePoolTime;

class CapacityRows : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         CapacityRows,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(CapacityRows, TheLatestOfEachKeyComesBack) {
  const auto backing = testing::NewBacking(GetParam());
  const auto load = [&] { return backing->store().Load(testing::At(0)).value(); };
  int64_t epoch = load().identity.epoch;
  for (const int k : {0, 100}) {  // the keys are the same
    const std::vector<model::Change> batch{
        SampleLimit("lane.id", k), SampleLimit("", k), SamplePoolTime("d", k)};
    ASSERT_EQ(backing->store().Commit(batch, epoch).outcome, CommitResult::Outcome::kOk);
    backing->Reopen();
    const model::Snapshot rows = load();
    EXPECT_EQ(rows.limits, (std::vector{SampleLimit("", k), SampleLimit("lane.id", k)}));
    EXPECT_EQ(rows.pool_times, std::vector{SamplePoolTime("d", k)});
    epoch = rows.identity.epoch;
  }
}

}  // namespace
}  // namespace store
