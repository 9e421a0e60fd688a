#include "runtime/tail.h"

#include <gtest/gtest.h>

namespace runtime {
namespace {

model::HistoryRow Row(int64_t seq) {
  return {.seq = seq, .subject = model::SubjectOf(model::DagId("d")), .from = "", .to = "x"};
}

std::vector<model::Change> Commit(int64_t from, int64_t to) {
  std::vector<model::Change> changes;
  for (int64_t seq = from; seq <= to; ++seq)
    changes.emplace_back(Row(seq));
  return changes;
}

std::vector<int64_t> After(const Tail& tail, int64_t after) {
  std::vector<int64_t> out;
  for (const auto& row : tail.After(after))
    out.push_back(row->seq);
  return out;
}

using Seqs = std::vector<int64_t>;

TEST(Tail, HasWhatWasCommittedAfterASeq) {
  Tail tail({Row(3), Row(4)});
  EXPECT_EQ(tail.newest(), 4);
  tail.Add(Commit(5, 6));
  EXPECT_EQ(tail.newest(), 6);
  EXPECT_TRUE(tail.Holds(2));
  EXPECT_FALSE(tail.Holds(1));
  EXPECT_EQ(After(tail, 4), (Seqs{5, 6}));
  EXPECT_EQ(After(tail, 2), (Seqs{3, 4, 5, 6}));
  EXPECT_TRUE(tail.Holds(6));
  EXPECT_EQ(After(tail, 6), Seqs{});
}

TEST(Tail, OfANewDatabaseHoldsAll) {
  Tail tail({});
  EXPECT_EQ(tail.newest(), 0);
  EXPECT_TRUE(tail.Holds(0));
  tail.Add(Commit(1, 2));
  EXPECT_TRUE(tail.Holds(0));
  EXPECT_EQ(After(tail, 0), (Seqs{1, 2}));
}

TEST(Tail, KeepsSoManyRows) {
  Tail tail({});
  const auto rows = static_cast<int64_t>(Tail::kRows);
  tail.Add(Commit(1, rows + 10));
  EXPECT_TRUE(tail.Holds(10));
  EXPECT_FALSE(tail.Holds(9));
}

// A commit of unknown outcome has happened after all: its rows are in the store alone.
TEST(Tail, AGapIsReadFromTheStore) {
  Tail tail({Row(1), Row(2)});
  tail.Add(Commit(5, 6));
  EXPECT_FALSE(tail.Holds(2));
  EXPECT_TRUE(tail.Holds(4));
  EXPECT_EQ(After(tail, 4), (Seqs{5, 6}));
}

// What it kept names the DAG as it was called before.
TEST(Tail, ARenameIsReadFromTheStore) {
  Tail tail({Row(1)});
  auto changes = Commit(2, 2);
  changes.emplace_back(model::DagRenamed{model::DagId("d"), model::DagId("e")});
  tail.Add(changes);
  EXPECT_EQ(tail.newest(), 2);
  EXPECT_FALSE(tail.Holds(1));
  EXPECT_TRUE(tail.Holds(2));
}

TEST(Tail, TellsThoseWhoListenOfRowsAlone) {
  Tail tail({});
  int calls = 0;
  auto handle = tail.Listen([&] { ++calls; });
  tail.Add({model::PoolRow{}});
  EXPECT_EQ(calls, 0);
  tail.Add(Commit(1, 3));
  EXPECT_EQ(calls, 1);
  handle.reset();
  tail.Add(Commit(4, 4));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace runtime
