#include "runtime/feed.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "store/memory_store.h"

namespace runtime {
namespace {

using Seqs = std::vector<int64_t>;

constexpr base::Duration kAtOnce = base::milliseconds(1);

// Records in a map take the place of the driver; the rows lie in a store in memory.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    epoch_ = store_.Load(base::Time{})->identity.epoch;
    pool_ = *ReadPool::Create(loop_, store_, {});
  }

  void Happen(int64_t first, int64_t last, const std::string& to = "failed") {
    std::vector<model::Change> rows;
    for (int64_t seq = first; seq <= last; ++seq)
      rows.emplace_back(model::HistoryRow{
          .seq = seq, .subject = model::SubjectOf(model::DagId("d")), .from = "", .to = to});
    ASSERT_EQ(store_.Commit(rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
    tail_.Add(rows);
  }
  void Write(const model::ChangeRecords& change, const std::function<void(base::Status)>& answer) {
    EXPECT_TRUE(change.is_quiet);
    ++writes_;
    if (std::exchange(refusals_, std::max(refusals_ - 1, 0)) > 0)
      return answer(base::Fail(base::ErrorCode::kUnavailable, "the disk is full"));
    for (const auto& one : change.records) {
      const auto found = records_.find(one.id);
      const int64_t revision = found == records_.end() ? 0 : found->second.revision;
      EXPECT_EQ(one.expected.value_or(revision), revision);
      records_[one.id] = {one.id, one.body.value_or(""), revision + 1, {}};
    }
    answer({});
  }
  void Begin(const Feed::Limits& limits = {.pause = kAtOnce, .pause_after_error = kAtOnce}) {
    feed_.emplace(
        FeedSource{.loop = loop_,
                   .tail = tail_,
                   .reads = *pool_,
                   .record = [this](const model::RecordKey& key) -> const model::RecordRow* {
                     const auto found = records_.find(key);
                     return found == records_.end() ? nullptr : &found->second;
                   },
                   .write = [this](auto change, auto answer) { Write(change, answer); }},
        Feed::Consumer{.name = "test",
                       .wants = [](const model::HistoryRow& row) { return row.to == "failed"; },
                       .take =
                           [this](const Feed::Rows& rows, auto taken) {
                             Seqs page;
                             for (const auto& row : rows)
                               page.push_back(row->seq);
                             pages_.push_back(page);
                             taken({{{model::RecordKind::kNotice, base::Cat("n", page.back())},
                                     base::Cat(page.size()),
                                     std::nullopt}},
                                   [this](const base::Status& stored) {
                                     stored_.push_back(stored.has_value());
                                   });
                           }},
        limits);
  }
  // Until all that has happened was taken.
  void Settle() {
    std::function<void()> look = [&] {
      if (feed_->position() == tail_.newest())
        return loop_.Stop();
      timer_ = loop_.After(kAtOnce, look);
    };
    timer_ = loop_.After(kAtOnce, look);
    loop_.Run();
  }
  std::string StoredPosition() { return records_[{model::RecordKind::kPosition, "test"}].body; }

  http::Loop loop_;
  store::MemoryStore store_{{"demo", "0123456789abcdef0123456789abcdef", 0}};
  std::unique_ptr<ReadPool> pool_;
  Tail tail_{{}};
  int64_t epoch_ = 0;
  std::map<model::RecordKey, model::RecordRow> records_;
  std::vector<Seqs> pages_;
  std::vector<bool> stored_;
  int refusals_ = 0;
  int writes_ = 0;
  http::Timer timer_;
  std::optional<Feed> feed_;
};

TEST_F(FeedTest, BeginsWithNow) {
  Happen(1, 3);
  Begin();
  Settle();
  EXPECT_TRUE(pages_.empty());
  EXPECT_EQ(StoredPosition(), R"({"seq":3})");
  Happen(4, 5);
  Settle();
  EXPECT_EQ(pages_, (std::vector<Seqs>{{4, 5}}));
  EXPECT_EQ(StoredPosition(), R"({"seq":5})");
}

TEST_F(FeedTest, AfterARestartItGoesOnWhereItWas) {
  Begin();
  Happen(1, 2);
  Settle();
  Happen(3, 3);
  Settle();
  feed_.reset();
  Happen(4, 6);
  Begin();
  Settle();
  EXPECT_EQ(pages_.back(), (Seqs{4, 5, 6}));
}

TEST_F(FeedTest, ReadsFromTheStoreWhatTheTailDoesNotHold) {
  Begin();
  Settle();
  feed_.reset();
  Happen(1, 3);
  Happen(4, 4, "skipped");
  // The tail begins with its newest row, as after a commit of unknown outcome.
  tail_ = Tail({*tail_.After(3).front()});
  Begin({.page_rows = 2, .pause = kAtOnce, .pause_after_error = kAtOnce});
  Settle();
  EXPECT_EQ(pages_, (std::vector<Seqs>{{1, 2}, {3}}));
}

TEST_F(FeedTest, RowsThatNobodyWantsCostNoWrite) {
  Begin({.pause = kAtOnce, .pause_after_error = kAtOnce, .rows_unstored = 10});
  Settle();
  const int before = writes_;
  Happen(1, 9, "running");
  Settle();
  EXPECT_EQ(writes_, before);
  Happen(10, 12, "running");
  Settle();
  EXPECT_EQ(writes_, before + 1);
  EXPECT_EQ(StoredPosition(), R"({"seq":12})");
  EXPECT_TRUE(pages_.empty());
}

TEST_F(FeedTest, WhatWasNotStoredIsTakenAgain) {
  Begin();
  Settle();
  refusals_ = 2;
  Happen(1, 2);
  Settle();
  EXPECT_EQ(pages_, (std::vector<Seqs>{{1, 2}, {1, 2}, {1, 2}}));
  EXPECT_EQ(stored_, (std::vector<bool>{false, false, true}));
}

// What was taken after the backup was made never happened; other rows have those numbers now.
TEST_F(FeedTest, ARestoredBackupIsFollowedFromItsEnd) {
  records_[{model::RecordKind::kPosition, "test"}] = {
      {model::RecordKind::kPosition, "test"}, R"({"seq":40})", 7, {}};
  Happen(1, 3);
  Begin();
  Settle();
  EXPECT_EQ(StoredPosition(), R"({"seq":3})");
  Happen(4, 4);
  Settle();
  EXPECT_EQ(pages_, (std::vector<Seqs>{{4}}));
}

}  // namespace
}  // namespace runtime
