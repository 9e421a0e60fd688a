#pragma once

// The newest rows of history, as they were committed: streams of events are fed from here, so that
// no stream asks the database for what has just happened. Older rows are read from it, and so are
// all rows after a commit whose outcome was unknown.
//
// Thread rule: the loop's.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "model/rows.h"

namespace runtime {

class Tail {
 public:
  // So many rows are kept.
  static constexpr size_t kRows = 4096;

  // `newest`: of the store, the oldest first, without a gap.
  explicit Tail(std::vector<model::HistoryRow> newest);
  void Add(const std::vector<model::Change>& committed);

  // Of the latest row; 0: there is none.
  int64_t newest() const { return newest_; }
  // Whether all rows with a greater seq are here.
  bool Holds(int64_t after) const;
  // Those, the oldest first. REQUIRES: Holds(after)
  std::vector<std::shared_ptr<const model::HistoryRow>> After(int64_t after) const;

  // Calls `fn` after each commit that has rows of history, and at each Tell, as long as the handle
  // lives. It is called between the commit and what follows from it: it must be quick.
  using Listener = std::function<void()>;
  [[nodiscard]] std::shared_ptr<const Listener> Listen(Listener fn);
  // Something that is published beside rows has changed.
  void Tell();

 private:
  void Trim();

  int64_t newest_ = 0;
  std::deque<std::shared_ptr<const model::HistoryRow>> rows_;  // without a gap, up to newest_
  std::vector<std::weak_ptr<const Listener>> listeners_;
};

}  // namespace runtime
