#include "fault_finder/hunt.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <mutex>

#include "base/text.h"
#include "fault_finder/replay.h"
#include "fault_finder/workers.h"

namespace fault_finder {

namespace {

class Hunter {
 public:
  Hunter(const HuntOptions& options,
         const std::function<void(uint64_t, Mode, const Result&)>& on_result)
      : options_(options), on_result_(on_result) {}

  HuntSum Run() {
    const auto began = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    Work({options_.first, options_.last, options_.jobs, options_.time_limit},
         [this](uint64_t seed) {
           return std::all_of(options_.modes.begin(), options_.modes.end(), [&](Mode mode) {
             return PlaySeed(seed, mode);
           });
         });
    sum_.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    sum_.cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    return sum_;
  }

 private:
  // False: enough.
  bool PlaySeed(uint64_t seed, Mode mode) {
    const Playing playing(
        [seed, mode] { return TrialName{base::Cat("seed ", seed), ReplayCommand(seed, mode)}; });
    const Result result = Play(DrawPlan(seed, mode));
    const std::lock_guard lock(mutex_);
    Add(result);
    on_result_(seed, mode, result);
    return result.ok() || options_.keeps_going;
  }

  void Add(const Result& result) {
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
  }

  const HuntOptions& options_;
  const std::function<void(uint64_t, Mode, const Result&)>& on_result_;
  std::mutex mutex_;
  HuntSum sum_;
};

}  // namespace

HuntSum Hunt(const HuntOptions& options,
             const std::function<void(uint64_t seed, Mode mode, const Result& result)>& on_result) {
  return Hunter(options, on_result).Run();
}

}  // namespace fault_finder
