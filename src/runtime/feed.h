#pragma once

// Hands the history on to one consumer, page by page from a stored position, so that each row leads
// to the consumer's records exactly once: position and records are stored by one change. A name
// that has no position yet begins with now; what was committed before is not told to it.
//
//   rows ─► Consumer::take ─► records ─► one ChangeRecords with the position ─► after ─► next page
//
// Rows that lead to no record cost no write: the stored position follows them some seconds later,
// and a restart before that looks at them again.
//
// Not here: what a consumer makes of rows (notices.h).
//
// Thread rule: the loop thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/loop.h"
#include "model/event.h"
#include "runtime/read_pool.h"
#include "runtime/tail.h"

namespace runtime {

// All of it must outlive the feed.
struct FeedSource {
  http::Loop& loop;
  Tail& tail;
  ReadPool& reads;
  // As it is stored; null where there is none.
  std::function<const model::RecordRow*(const model::RecordKey&)> record;
  // Answers after the commit, or at once where nothing can be committed.
  std::function<void(model::ChangeRecords, std::function<void(base::Status)>)> write;
};

class Feed {
 public:
  using Rows = std::vector<std::shared_ptr<const model::HistoryRow>>;
  using Records = std::vector<model::ChangeRecords::One>;
  // How the change went. After an error the same rows come again, and what is stored counts.
  using Stored = std::function<void(const base::Status&)>;
  struct Consumer {
    std::string name;  // of its position: it stays the same over versions
    std::function<bool(const model::HistoryRow&)> wants;
    // Called with those rows of a page that it wants, at least one; answers once, at once or later,
    // with what to store for them. No other page comes before `stored` was called.
    std::function<void(const Rows& rows, std::function<void(Records, Stored)> taken)> take;
  };

  struct Limits {
    int page_rows = 500;
    // Wall times: what is committed meanwhile is taken together; after an error.
    base::Duration pause = base::milliseconds(50);
    base::Duration pause_after_error = base::seconds(2);
    // Nothing was stored for so long: the position is.
    base::Duration idle = base::seconds(10);
    // So many rows that nobody wants are looked at again after a restart, at the most.
    int64_t rows_unstored = 2000;
  };

  Feed(FeedSource source, Consumer consumer, const Limits& limits);
  Feed(FeedSource source, Consumer consumer) : Feed(std::move(source), std::move(consumer), {}) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // All rows up to it were taken; nothing before the first position is stored.
  std::optional<int64_t> position() const { return position_; }

 private:
  void GoOnAfter(base::Duration wall);
  void GoOn();
  void ReadPage();
  void TakePage(const Rows& page);
  // Without a write, unless the stored position is far behind.
  void PassBy(int64_t up_to, const Stored& stored);
  void StoreWhenIdle();
  void Store(int64_t up_to, Records records, const Stored& stored);
  // The position that is stored; nothing where there is none, or it says nothing.
  std::optional<int64_t> StoredPosition() const;

  const FeedSource source_;
  const Consumer consumer_;
  const Limits limits_;
  std::optional<int64_t> position_;
  bool is_busy_ = false;  // a page is under way
  http::Timer timer_, idle_timer_;
  bool is_due_ = false;  // the timer is set
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  const std::shared_ptr<const Tail::Listener> listener_;
};

}  // namespace runtime
