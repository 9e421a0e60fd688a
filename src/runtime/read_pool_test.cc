#include "runtime/read_pool.h"

#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace runtime {
namespace {

using base::ErrorCode;
using Turn = ReadPool::Turn;

class ReadPoolTest : public ::testing::Test {
 protected:
  ReadPoolTest() {
    std::string pattern = ::testing::TempDir() + "/signalbox_reads_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    auto store = store::OpenSqlite(
        {.path = folder_ + "/signalbox.db", .deployment = "demo", .reserve_bytes = 4096});
    EXPECT_TRUE(store.has_value());
    store_ = *std::move(store);
  }
  ~ReadPoolTest() override {
    pool_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void Open(const ReadLimits& limits) {
    auto pool = ReadPool::Create(loop_, *store_, limits);
    ASSERT_TRUE(pool.has_value()) << pool.error().message;
    pool_ = *std::move(pool);
  }
  void PutRuns(int count) {
    const int64_t epoch = store_->Load(base::Time{})->identity.epoch;
    std::vector<model::Change> rows;
    for (int i = 0; i < count; ++i)
      rows.emplace_back(model::RunRow{.key = {model::DagId("d"), model::RunId(base::Cat("r", i))},
                                      .type = model::RunType::kManual});
    ASSERT_EQ(store_->Commit(rows, epoch).outcome, store::CommitResult::Outcome::kOk);
  }

  std::string folder_;
  http::Loop loop_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ReadPool> pool_;
};

TEST_F(ReadPoolTest, ReadsOffTheLoopAndAnswersOnIt) {
  PutRuns(3);
  Open({});
  std::thread::id read_on, answered_on;
  int64_t total = 0;
  pool_->Run(
      Turn::kUsual,
      [&](store::Reader& reader) {
        read_on = std::this_thread::get_id();
        total = reader.Runs({})->total;
      },
      [&](const base::Status& status) {
        EXPECT_TRUE(status.has_value());
        answered_on = std::this_thread::get_id();
        loop_.Stop();
      });
  loop_.Run();
  EXPECT_EQ(total, 3);
  EXPECT_EQ(answered_on, std::this_thread::get_id());
  EXPECT_NE(read_on, answered_on);
}

TEST_F(ReadPoolTest, ALongReadIsGivenUp) {
  PutRuns(3000);
  Open({.longest = base::Duration(0)});
  base::Result<store::Page<model::RunRow>> page;
  pool_->Run(
      Turn::kUsual,
      [&](store::Reader& reader) {
        page = reader.Runs({.order = {{store::RunColumn::kRun, false}}});
      },
      [&](const base::Status&) { loop_.Stop(); });
  loop_.Run();
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, ErrorCode::kUnavailable);
}

// Runs a read that holds the only thread until what was asked meanwhile is queued.
class BusyReadPoolTest : public ReadPoolTest {
 protected:
  void Hold() {
    pool_->Run(
        Turn::kUsual,
        [this](store::Reader&) { go_.get_future().wait(); },
        [](const base::Status&) {});
  }
  void Ask(Turn turn, const std::string& name) {
    pool_->Run(
        turn,
        [](store::Reader&) {},
        [this, name](const base::Status& status) {
          answers_.push_back(status ? name : "no " + name);
          if (answers_.size() == 2)
            loop_.Stop();
        });
  }

  std::promise<void> go_;
  std::vector<std::string> answers_;
};

TEST_F(BusyReadPoolTest, CommandsGoBeforeQuestions) {
  Open({.threads = 1});
  Hold();
  Ask(Turn::kUsual, "question");
  Ask(Turn::kFirst, "command");
  go_.set_value();
  loop_.Run();
  EXPECT_EQ(answers_, (std::vector<std::string>{"command", "question"}));
}

TEST_F(BusyReadPoolTest, WaitingHasAnEnd) {
  Open({.threads = 1, .longest_wait = base::milliseconds(20)});
  Hold();
  Ask(Turn::kUsual, "old question");
  const auto later = loop_.After(base::milliseconds(50), [&] {
    Ask(Turn::kUsual, "new question");
    go_.set_value();
  });
  loop_.Run();
  EXPECT_EQ(answers_, (std::vector<std::string>{"no old question", "new question"}));
}

TEST_F(ReadPoolTest, ItsEndGivesUpWhatIsUnderWayAndTellsNobody) {
  Open({.threads = 1});
  std::promise<void> begun;
  bool told = false;
  pool_->Run(
      Turn::kUsual,
      [&](store::Reader&) { begun.set_value(); },
      [&](const base::Status&) { told = true; });
  pool_->Run(Turn::kUsual, [](store::Reader&) {}, [&](const base::Status&) { told = true; });
  begun.get_future().wait();
  pool_.reset();
  loop_.Post([&] { loop_.Stop(); });
  loop_.Run();
  EXPECT_FALSE(told);
}

TEST(ReadPool, OfAStoreInMemoryAnswersAtOnce) {
  http::Loop loop;
  store::MemoryStore store({.deployment = "demo", .incarnation = std::string(32, 'a')});
  auto pool = ReadPool::Create(loop, store, {});
  ASSERT_TRUE(pool.has_value());
  std::vector<std::string> order;
  (*pool)->Run(
      Turn::kUsual,
      [&](store::Reader&) { order.emplace_back("read"); },
      [&](const base::Status&) { order.emplace_back("answered"); });
  EXPECT_EQ(order, (std::vector<std::string>{"read", "answered"}));
}

}  // namespace
}  // namespace runtime
