#include "fault_finder/workers.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fault_finder {

namespace {

// The clock on the wall, for limits alone: nothing in a trial sees it.
using Wall = std::chrono::steady_clock;
constexpr std::chrono::seconds kHangs{120};

struct Worker {
  std::mutex mutex;
  const std::function<TrialName()>* name = nullptr;  // null: between two trials
  Wall::time_point since;
};

thread_local Worker* this_worker = nullptr;

[[noreturn]] void Fail(const TrialName& name, const char* why) {
  std::printf("FAILED %s %s; replay: %s\n", name.what.c_str(), why, name.replay.c_str());
  std::fflush(stdout);
  _exit(1);
}

// A CHECK that fails in the product aborts, in the thread that plays.
void OnAbort(int) {
  if (this_worker != nullptr && this_worker->name != nullptr)
    Fail((*this_worker->name)(), "CHECK: the process aborted");
  _exit(1);
}

class Crew {
 public:
  Crew(const Shift& shift, const std::function<bool(uint64_t)>& work)
      : shift_(shift),
        work_(work),
        ends_at_(Wall::now() + shift.time_limit),
        next_(shift.first),
        workers_(static_cast<size_t>(shift.jobs)) {}

  void Run() {
    const auto old = std::signal(SIGABRT, OnAbort);
    std::vector<std::thread> threads;
    threads.reserve(workers_.size());
    for (Worker& worker : workers_)
      threads.emplace_back([this, &worker] { Play(worker); });
    WatchOver();
    for (std::thread& thread : threads)
      thread.join();
    std::signal(SIGABRT, old);
  }

 private:
  void Play(Worker& worker) {
    this_worker = &worker;
    while (!stops_ && Wall::now() < ends_at_) {
      const uint64_t item = next_.fetch_add(1);
      if (item > shift_.last)
        break;
      if (!work_(item))
        stops_ = true;
    }
    const std::lock_guard lock(mutex_);
    ++done_;
    changed_.notify_all();
  }

  // Until all are done. One that hangs cannot be stopped.
  void WatchOver() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(
        lock, std::chrono::seconds(1), [&] { return done_ == workers_.size(); })) {
      for (Worker& worker : workers_) {
        const std::lock_guard playing(worker.mutex);
        if (worker.name != nullptr && Wall::now() - worker.since > kHangs)
          Fail((*worker.name)(), "I10: no end is in sight");
      }
    }
  }

  const Shift& shift_;
  const std::function<bool(uint64_t)>& work_;
  const Wall::time_point ends_at_;
  std::atomic<uint64_t> next_;
  std::atomic<bool> stops_ = false;
  std::vector<Worker> workers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t done_ = 0;
};

}  // namespace

void Work(const Shift& shift, const std::function<bool(uint64_t item)>& work) {
  Crew(shift, work).Run();
}

Playing::Playing(std::function<TrialName()> name) : name_(std::move(name)) {
  if (this_worker == nullptr)
    return;
  const std::lock_guard lock(this_worker->mutex);
  this_worker->name = &name_;
  this_worker->since = Wall::now();
}

Playing::~Playing() {
  if (this_worker == nullptr)
    return;
  const std::lock_guard lock(this_worker->mutex);
  this_worker->name = nullptr;
}

}  // namespace fault_finder
