#include "fault_finder/hunt.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "base/text.h"
#include "fault_finder/replay.h"

namespace fault_finder {

namespace {

// The clock on the wall, for limits alone: nothing in a trial sees it.
using Wall = std::chrono::steady_clock;
constexpr std::chrono::seconds kHangs{120};

thread_local uint64_t playing_seed = 0;
thread_local Mode playing_mode = Mode::kRandom;

// A CHECK that fails in the product aborts: say in which seed.
void OnAbort(int) {
  char line[160];
  const int size = std::snprintf(line,
                                 sizeof(line),
                                 "FAILED seed %llu CHECK: the process aborted; replay: "
                                 "signalbox-sim --mode %s --seed %llu\n",
                                 static_cast<unsigned long long>(playing_seed),
                                 ToString(playing_mode).data(),
                                 static_cast<unsigned long long>(playing_seed));
  if (size > 0 && write(STDOUT_FILENO, line, static_cast<size_t>(size)) < 0)
    _exit(2);
  _exit(1);
}

class Hunter {
 public:
  Hunter(const HuntOptions& options,
         const std::function<void(uint64_t, Mode, const Result&)>& on_result)
      : options_(options),
        on_result_(on_result),
        ends_at_(Wall::now() + options.time_limit),
        next_(options.first) {}

  HuntSum Run() {
    const auto began = Wall::now();
    const std::clock_t cpu = std::clock();
    std::signal(SIGABRT, OnAbort);
    std::vector<std::thread> workers;
    busy_.resize(static_cast<size_t>(options_.jobs));
    for (int i = 0; i < options_.jobs; ++i)
      workers.emplace_back([this, i] { Work(static_cast<size_t>(i)); });
    WatchOver(workers.size());
    for (std::thread& worker : workers)
      worker.join();
    sum_.wall_seconds = std::chrono::duration<double>(Wall::now() - began).count();
    sum_.cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    return sum_;
  }

 private:
  struct Busy {
    uint64_t seed = 0;
    Mode mode = Mode::kRandom;
    std::optional<Wall::time_point> since;
  };

  void Work(size_t worker) {
    while (!stops_ && Wall::now() < ends_at_) {
      const uint64_t seed = next_.fetch_add(1);
      if (seed > options_.last)
        break;
      for (Mode mode : options_.modes) {
        playing_seed = seed;
        playing_mode = mode;
        Mark(worker, {seed, mode, Wall::now()});
        Add(seed, mode, Play(DrawPlan(seed, mode)));
        Mark(worker, {});
      }
    }
    const std::lock_guard lock(mutex_);
    ++done_;
    changed_.notify_all();
  }

  void Mark(size_t worker, Busy busy) {
    const std::lock_guard lock(mutex_);
    busy_[worker] = busy;
  }

  void Add(uint64_t seed, Mode mode, const Result& result) {
    const std::lock_guard lock(mutex_);
    ++sum_.trials;
    sum_.failures += !result.ok();
    sum_.launches += result.launches;
    sum_.runs += result.runs;
    sum_.calls += result.calls;
    sum_.deaths += result.deaths;
    sum_.lasted += result.lasted;
    sum_.bill.useful_hours += result.bill.useful_hours;
    sum_.bill.retried_hours += result.bill.retried_hours;
    sum_.bill.strange_hours += result.bill.strange_hours;
    stops_ = stops_ || (!result.ok() && !options_.keeps_going);
    on_result_(seed, mode, result);
  }

  // Until all workers are done. One that hangs cannot be stopped: the process says so and ends.
  void WatchOver(size_t workers) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::seconds(1), [&] { return done_ == workers; })) {
      for (const Busy& busy : busy_) {
        if (!busy.since || Wall::now() - *busy.since < kHangs)
          continue;
        std::printf("FAILED seed %llu I10: no end is in sight; replay: %s\n",
                    static_cast<unsigned long long>(busy.seed),
                    ReplayCommand(busy.seed, busy.mode).c_str());
        std::fflush(stdout);
        _exit(1);
      }
    }
  }

  const HuntOptions& options_;
  const std::function<void(uint64_t, Mode, const Result&)>& on_result_;
  const Wall::time_point ends_at_;
  std::atomic<uint64_t> next_;
  std::atomic<bool> stops_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Busy> busy_;
  size_t done_ = 0;
  HuntSum sum_;
};

}  // namespace

HuntSum Hunt(const HuntOptions& options,
             const std::function<void(uint64_t seed, Mode mode, const Result& result)>& on_result) {
  return Hunter(options, on_result).Run();
}

}  // namespace fault_finder
