#include "runtime/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <mutex>

#include "base/text.h"
#include "http/test_util.h"
#include "store/memory_store.h"

namespace runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const base::Time kNow = *base::ParseTime("2026-01-05T00:00:00Z");

// Rows lie in a store in memory, records in a map; what a row stands for is its cause.
class ExporterTest : public ::testing::Test {
 protected:
  ExporterTest() {
    epoch_ = store_.Load(base::Time{})->identity.epoch;
    pool_ = *ReadPool::Create(loop_, store_, {});
    records_[kPosition] = {kPosition, R"({"seq":0})", 1, {}};
  }

  // Rows from 1 on.
  void Happen(const std::vector<std::string>& causes, base::Time at = kNow) {
    std::vector<model::Change> rows;
    for (const std::string& cause : causes)
      rows.emplace_back(model::HistoryRow{.seq = ++seq_,
                                          .at = at,
                                          .subject = model::SubjectOf(model::DagId("d")),
                                          .to = "failed",
                                          .cause = cause});
    ASSERT_EQ(store_.Commit(rows, epoch_).outcome, store::CommitResult::Outcome::kOk);
    tail_.Add(rows);
  }
  void Begin(http::Addresses addresses = http::Addresses::kAll) {
    const auto record = [this](const model::RecordKey& key) -> const model::RecordRow* {
      const auto found = records_.find(key);
      return found == records_.end() ? nullptr : &found->second;
    };
    const auto write = [this](const model::ChangeRecords& change, const auto& answer) {
      for (const auto& one : change.records)
        records_[one.id] = {one.id, one.body.value_or(""), records_[one.id].revision + 1, {}};
      answer({});
    };
    exporter_.emplace(
        FeedSource{.loop = loop_, .tail = tail_, .reads = *pool_, .record = record, .write = write},
        [this] { return now_; },
        Exporter::Receiver{.name = "test",
                           .url = http::LocalUrl(server_.port()),
                           .headers = {},
                           .wants = [](const model::HistoryRow&) { return true; },
                           .http = {.addresses = addresses}},
        &Make,
        Exporter::Limits{.first_pause = base::milliseconds(1),
                         .longest_pause = base::milliseconds(2),
                         .makes = 3});
  }
  static base::Result<std::vector<Exporter::Message>> Make(store::Reader&, const Feed::Rows& page) {
    std::vector<Exporter::Message> messages;
    for (const auto& row : page) {
      if (row->cause == "broken")
        return base::Fail(base::ErrorCode::kInternal, "no such version");
      messages.push_back({row->cause, row->at});
    }
    return messages;
  }
  void RunUntil(const std::function<bool()>& is_done) {
    std::function<void()> look = [&] {
      if (is_done())
        return loop_.Stop();
      timer_ = loop_.After(base::milliseconds(1), look);
    };
    timer_ = loop_.After(base::milliseconds(1), look);
    loop_.Run();
  }
  void Settle() {
    RunUntil([this] { return exporter_->counts().behind == 0; });
  }
  std::vector<std::string> Taken() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

  static inline const model::RecordKey kPosition{model::RecordKind::kPosition, "test"};
  base::Time now_ = kNow;
  std::mutex mutex_;
  std::vector<std::string> taken_;
  http::ServerThread server_{[this](http::Request request, http::Responder responder) {
    const std::lock_guard lock(mutex_);
    taken_.push_back(request.body);
    responder.Send(http::Response{.status = 200});
  }};
  http::Loop loop_;
  store::MemoryStore store_{{"demo", "0123456789abcdef0123456789abcdef", 0}};
  std::unique_ptr<ReadPool> pool_;
  Tail tail_{{}};
  int64_t epoch_ = 0, seq_ = 0;
  std::map<model::RecordKey, model::RecordRow> records_;
  http::Timer timer_;
  std::optional<Exporter> exporter_;
};

TEST_F(ExporterTest, ARowOfWhichNothingCanBeMadeHoldsUpNoOther) {
  ::testing::internal::CaptureStderr();
  Begin();
  Happen({"a", "broken", "c", "broken", "e"});
  Settle();
  Happen({"f"});
  Settle();
  EXPECT_THAT(Taken(), ElementsAre("a", "c", "e", "f"));
  EXPECT_EQ(exporter_->counts().not_made, 2);
  EXPECT_EQ(exporter_->trouble(), "");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("export_not_made"));
  EXPECT_THAT(log, HasSubstr("2, 4"));
  EXPECT_THAT(log, HasSubstr("no such version"));
}

TEST_F(ExporterTest, WhatIsTooOldIsSaidOnceAnHour) {
  ::testing::internal::CaptureStderr();
  Begin();
  const base::Time old = kNow - base::hours(25);
  for (int i = 0; i < 5; ++i) {
    Happen({"x", "y"}, old);
    Settle();
  }
  now_ += base::minutes(61);
  Happen({"z"}, old);
  Settle();
  EXPECT_TRUE(Taken().empty());
  EXPECT_EQ(exporter_->counts().too_old, 11);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(base::Split(base::ReplaceAll(log, "export_too_old", "\x01"), '\x01').size(), 3U) << log;
  EXPECT_THAT(log, HasSubstr(R"("count":2)"));
  EXPECT_THAT(log, HasSubstr(R"("count":9)"));
}

// The address that is connected to counts, whatever name the URL has.
TEST_F(ExporterTest, NothingGoesToThisMachineUnlessThatIsMeant) {
  Begin(http::Addresses::kOfOthers);
  Happen({"a"});
  RunUntil([this] { return exporter_->counts().failed_calls > 1; });
  EXPECT_TRUE(Taken().empty());
  EXPECT_THAT(exporter_->trouble(), HasSubstr("loopback"));
}

}  // namespace
}  // namespace runtime
