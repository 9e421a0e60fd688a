#pragma once

// Threads that read the store beside the loop, so that no question that people ask holds up the
// scheduler. Each has a connection of its own; a read sees one moment, has a time limit, and runs
// at a lower priority than the loop. Where the store has no such connections (a store in memory),
// reads run at once, on the loop.
//
// Thread rule: the loop thread. Work runs on the pool's threads, and what it has captured is its
// own. Destroy it before its store and its loop.

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "http/loop.h"
#include "store/store.h"

namespace runtime {

struct ReadLimits {
  int threads = 2;
  base::Duration longest = base::seconds(5);  // wall time of one read
  // Wall time that it may wait for a thread.
  base::Duration longest_wait = base::seconds(10);
};

class ReadPool {
 public:
  // kFirst: somebody waits for the answer to a command.
  enum class Turn { kFirst, kUsual };
  using Work = std::function<void(store::Reader&)>;
  // An error says why the work was not done; kUnavailable where it waited too long.
  using Done = std::function<void(base::Status)>;

  static base::Result<std::unique_ptr<ReadPool>> Create(http::Loop& loop,
                                                        store::Store& store,
                                                        const ReadLimits& limits);
  // Gives up the reads under way; their callbacks are not called any more.
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // `done` is called on the loop after `work`. Reads that are given up answer kUnavailable to
  // `work`.
  void Run(Turn turn, Work work, Done done);

 private:
  class Threads;
  explicit ReadPool(store::Store& store);

  store::Store& store_;
  std::unique_ptr<Threads> threads_;  // null: at once
};

}  // namespace runtime
