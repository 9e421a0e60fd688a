#include "runtime/read_pool.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <pthread.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace runtime {

namespace {

using Tick = std::chrono::steady_clock::time_point;

Tick Now() {
  return std::chrono::steady_clock::now();
}

// The loop's work is urgent, an answer to a person is not: so much nicer than the loop are these
// threads. On Linux a nice value is a thread's own.
constexpr int kNicer = 5;

}  // namespace

class ReadPool::Threads {
 public:
  Threads(http::Loop& loop, const ReadLimits& limits) : loop_(loop), limits_(limits) {}
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    news_.notify_all();
    for (std::thread& thread : threads_)
      thread.join();
  }

  void Add(std::unique_ptr<store::ReadConnection> connection) {
    threads_.emplace_back([this, connection = std::move(connection)] { Serve(*connection); });
  }

  void Push(Turn turn, Work work, Done done) {
    {
      const std::lock_guard lock(mutex_);
      queues_[static_cast<size_t>(turn)].push_back({std::move(work), std::move(done), Now()});
    }
    news_.notify_one();
  }

 private:
  struct Task {
    Work work;
    Done done;
    Tick since;
  };

  // Nothing at the end.
  std::optional<Task> Take() {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return is_over_ || !queues_[0].empty() || !queues_[1].empty(); });
    if (is_over_)
      return std::nullopt;
    auto& queue = queues_[0].empty() ? queues_[1] : queues_[0];
    Task task = std::move(queue.front());
    queue.pop_front();
    return task;
  }

  void Serve(store::ReadConnection& connection) {
    const auto self = static_cast<id_t>(::gettid());
    const int nice = ::getpriority(PRIO_PROCESS, self) + kNicer;  // of the thread that made it
    static_cast<void>(::setpriority(PRIO_PROCESS, self, nice));
    ::pthread_setname_np(::pthread_self(), "reads");
    while (auto task = Take()) {
      base::Status read = Do(connection, *task);
      task->work = nullptr;  // what it has captured ends here, not on the loop
      loop_.Post([alive = std::weak_ptr(alive_),
                  done = std::move(task->done),
                  read = std::move(read)]() mutable {
        if (!alive.expired())
          done(std::move(read));
      });
    }
  }

  base::Status Do(store::ReadConnection& connection, const Task& task) {
    const Tick begin = Now();
    if (begin - task.since > limits_.longest_wait)
      return base::Fail(base::ErrorCode::kUnavailable,
                        "too many reads wait for their turn: ask again later, or for less");
    return connection.Read([&] { return is_over_ || Now() - begin >= limits_.longest; }, task.work);
  }

  http::Loop& loop_;
  const ReadLimits limits_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::array<std::deque<Task>, 2> queues_;  // by turn
  std::atomic<bool> is_over_ = false;
  // What is posted on the loop holds this weakly.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::vector<std::thread> threads_;
};

base::Result<std::unique_ptr<ReadPool>> ReadPool::Create(http::Loop& loop,
                                                         store::Store& store,
                                                         const ReadLimits& limits) {
  std::unique_ptr<ReadPool> pool(new ReadPool(store));
  auto threads = std::make_unique<Threads>(loop, limits);
  for (int i = 0; i < limits.threads; ++i) {
    ASSIGN_OR_RETURN(auto connection, store.NewReadConnection());
    if (!connection)
      return pool;
    threads->Add(std::move(connection));
  }
  pool->threads_ = std::move(threads);
  return pool;
}

ReadPool::ReadPool(store::Store& store) : store_(store) {}

ReadPool::~ReadPool() = default;

void ReadPool::Run(Turn turn, Work work, Done done) {
  if (threads_)
    return threads_->Push(turn, std::move(work), std::move(done));
  work(store_.reader());
  done({});
}

}  // namespace runtime
