// Properties over drawn changes: one batch is as many commits, and the stores agree with each
// other.

#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "base/draw.h"
#include "store/backing.h"
#include "store/test_support.h"

namespace store {
namespace {

using testing::At;
using testing::Backing;
using testing::ExpectSame;
using testing::JobKeyOf;
using testing::NewBacking;
using testing::RunKeyOf;
using testing::SampleAttempt;
using testing::SampleCluster;
using testing::SampleCommand;
using testing::SampleDag;
using testing::SampleDurations;
using testing::SampleHistory;
using testing::SampleJob;
using testing::SampleLaunch;
using testing::SamplePool;
using testing::SampleRun;
using testing::SampleTask;
using testing::SampleVersion;
using testing::Value;
using Outcome = CommitResult::Outcome;
using Batch = std::vector<model::Change>;

// A change drawn from a seed, over few keys, so that replacing, refusing and reviving happen often.
class ChangeMaker {
 public:
  model::Change Make(uint64_t seed, int64_t last_seq) {
    seed_ = seed;
    counter_ = 0;
    const int k = Pick(50);
    const model::RunKey run = RunKeyOf(Pick(2) == 0 ? "d" : "e", base::Cat("r", Pick(3)));
    const model::JobKey job = JobKeyOf(run, base::Cat("j", Pick(2)), Pick(2) == 0 ? "" : "1");
    const model::AttemptKey attempt{job, Pick(2)};
    switch (Pick(20)) {
      case 0:
        return SampleDag(run.dag.str(), k);
      case 1:
        return SampleVersion(base::Cat("v-", run.dag.str()), k);
      case 2:
      case 3:
        return MakeRun(run, k);
      case 4:
        return SampleJob(job, k);
      case 5:
        return MakeTask(job, k);
      case 6:
        return SampleAttempt(attempt, k);
      case 7: {
        model::LaunchRow row = SampleLaunch(base::Cat("t", Pick(4)), attempt, k);
        row.state = static_cast<model::LaunchState>(Pick(6));
        return row;
      }
      case 8: {
        model::ClusterRow row = SampleCluster(
            base::Cat("c", Pick(4)), Pick(2) == 0 ? std::nullopt : std::optional(attempt), k);
        row.phase = static_cast<model::ClusterPhase>(Pick(8));
        return row;
      }
      case 9:
        return SampleCommand(base::Cat("t", Pick(2)), Pick(2), k);
      case 10:
        return model::CommandDone{base::Cat("t", Pick(2)), Pick(2)};
      case 11:
        return SamplePool(base::Cat("p", Pick(2)), k);
      case 13:
        return SampleDurations(base::Cat("j", Pick(2)), k);
      case 12: {
        model::HoleRow row = testing::SampleHole(run.dag.str(), k);
        row.first = {At(Pick(2)), At(2 + Pick(2))};
        return row;
      }
      case 14:
        return testing::SampleLimit(base::Cat("b", Pick(2)), k);
      case 15:
        return testing::SamplePoolTime(base::Cat("d", Pick(2)), k);
      case 16:
        return testing::SampleGroupTries({run, "g", job.lane}, k);
      case 17:
        return testing::SampleOutputs(attempt, k);
      case 18:
        return testing::SampleSpendRules(k);
      case 19:
        return testing::SampleCause(attempt, k);
      default:
        return SampleHistory(Pick(8) == 0 ? Pick(20) : last_seq + 1);
    }
  }

 private:
  int Pick(int count) {
    return static_cast<int>(base::Draw(seed_, "change", counter_++) % static_cast<uint64_t>(count));
  }
  model::Change MakeRun(const model::RunKey& key, int k) {
    model::RunRow row = SampleRun(key, k);
    row.type = static_cast<model::RunType>(Pick(2));
    row.state = static_cast<model::RunState>(Pick(4));
    row.logical_date = Pick(4) == 0 ? std::nullopt : std::optional(At(Pick(3)));
    if (Pick(4) == 0)
      row.end_date.reset();
    return row;
  }
  model::Change MakeTask(const model::JobKey& job, int k) {
    model::TaskRow row = SampleTask(job, Pick(2), k);
    row.state = Pick(2) == 0 ? model::TaskState::kSuccess : model::TaskState::kFailed;
    return row;
  }

  uint64_t seed_ = 0;
  uint64_t counter_ = 0;
};

int64_t SeqAfter(int64_t last_seq, const model::Change& change) {
  const auto* history = std::get_if<model::HistoryRow>(&change);
  return history == nullptr ? last_seq : history->seq;
}

void ExpectSameAnswers(Backing& a, Backing& b) {
  ExpectSame(Value(a.store().Load(At(30))), Value(b.store().Load(At(30))));
  Reader& left = a.store().reader();
  Reader& right = b.store().reader();
  EXPECT_EQ(Value(left.Runs({})).rows, Value(right.Runs({})).rows);
  for (const RunColumn column : {RunColumn::kState, RunColumn::kEndDate, RunColumn::kRun}) {
    const RunQuery query{.order = {{column, column == RunColumn::kEndDate}}};
    EXPECT_EQ(Value(left.Runs(query)).rows, Value(right.Runs(query)).rows);
  }
  EXPECT_EQ(Value(left.Clusters({})).rows, Value(right.Clusters({})).rows);
  for (const char* dag : {"d", "e"})
    EXPECT_EQ(Value(left.Holes(model::DagId(dag))), Value(right.Holes(model::DagId(dag))));
  EXPECT_EQ(Value(left.History({.after = 0, .limit = 1000})),
            Value(right.History({.after = 0, .limit = 1000})));
  for (const model::RunRow& run : Value(left.Runs({})).rows) {
    EXPECT_EQ(Value(left.Jobs(run.key)), Value(right.Jobs(run.key)));
    EXPECT_EQ(Value(left.Tasks(run.key)), Value(right.Tasks(run.key)));
    EXPECT_EQ(Value(left.Attempts(run.key)), Value(right.Attempts(run.key)));
    EXPECT_EQ(Value(left.Launches(run.key)), Value(right.Launches(run.key)));
  }
}

rc::Gen<std::vector<uint64_t>> Seeds() {
  return rc::gen::container<std::vector<uint64_t>>(
      rc::gen::resize(rc::kNominalSize, rc::gen::inRange<uint64_t>(0, 1ULL << 48)));
}

class StoreAgreement : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(,
                         StoreAgreement,
                         ::testing::Values("Memory", "Sqlite"),
                         [](const auto& tested) { return tested.param; });

TEST_P(StoreAgreement, OneBatchIsAsManyCommitsOfOneChange) {
  EXPECT_TRUE(rc::check([&] {
    auto singly = NewBacking(GetParam());
    auto at_once = NewBacking(GetParam());
    const int64_t epoch = Value(singly->store().Load(At(0))).identity.epoch;
    ASSERT_EQ(Value(at_once->store().Load(At(0))).identity.epoch, epoch);
    ChangeMaker maker;
    int64_t last_seq = 0;
    Batch accepted;
    for (const uint64_t seed : *Seeds()) {
      const model::Change change = maker.Make(seed, last_seq);
      if (singly->store().Commit({change}, epoch).outcome != Outcome::kOk)
        continue;
      last_seq = SeqAfter(last_seq, change);
      accepted.push_back(change);
    }
    RC_ASSERT(at_once->store().Commit(accepted, epoch).outcome == Outcome::kOk);
    singly->Reopen();
    at_once->Reopen();
    ExpectSameAnswers(*singly, *at_once);
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

// The stores agree on what they accept, why they refuse, and what stands there afterwards.
TEST(Stores, AgreeOnEveryBatch) {
  EXPECT_TRUE(rc::check([] {
    auto memory = NewBacking("Memory");
    auto sqlite = NewBacking("Sqlite");
    const int64_t epoch = Value(memory->store().Load(At(0))).identity.epoch;
    ASSERT_EQ(Value(sqlite->store().Load(At(0))).identity.epoch, epoch);
    ChangeMaker maker;
    int64_t committed_seq = 0;
    int64_t seq = 0;
    Batch batch;
    for (const uint64_t seed : *Seeds()) {
      batch.push_back(maker.Make(seed, seq));
      seq = SeqAfter(seq, batch.back());
      if (seed % 3 != 0)
        continue;
      const CommitResult a = memory->store().Commit(batch, epoch);
      const CommitResult b = sqlite->store().Commit(batch, epoch);
      RC_ASSERT(a.outcome == b.outcome);
      RC_ASSERT(a.reason == b.reason);
      if (a.outcome == Outcome::kOk)
        committed_seq = seq;
      else
        seq = committed_seq;
      batch.clear();
    }
    ExpectSameAnswers(*memory, *sqlite);
    sqlite->Reopen();
    ExpectSame(Value(memory->store().Load(At(30))), Value(sqlite->store().Load(At(30))));
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

}  // namespace
}  // namespace store
