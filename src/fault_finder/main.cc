// signalbox-sim: the same core in a virtual world.

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/log.h"
#include "base/text.h"
#include "fault_finder/trial.h"

namespace fault_finder {
namespace {

}  // namespace
}  // namespace fault_finder

int main(int argc, char** argv) {
  using namespace fault_finder;  // NOLINT
  uint64_t seed = static_cast<uint64_t>(argc > 1 ? atoll(argv[1]) : 1);
  uint64_t last = static_cast<uint64_t>(argc > 2 ? atoll(argv[2]) : static_cast<long long>(seed));
  Mode mode = argc > 3 ? Mode::kLiveness : Mode::kRandom;
  base::SetLogLevel(base::LogLevel::kOff);
  int64_t launches = 0, bad = 0;
  for (; seed <= last; ++seed) {
    std::cerr << seed << "\r";
    Plan plan = DrawPlan(seed, mode);
    if (argc == 2) for (const auto& d : plan.disturbances) std::cout << "  " << Describe(d) << "\n";
    Result r = Play(plan, argc == 2 ? &std::cout : nullptr);
    launches += r.launches;
    bad += !r.ok();
    if (!r.ok() || argc <= 2)
    std::cout << seed << " " << std::hex << r.trace << std::dec << " launches " << r.launches << " calls " << r.calls << " deaths " << r.deaths
            << " runs " << r.runs << " hours " << r.lasted / base::hours(1) << " useful " << r.bill.useful_hours << "\n";
    for (const auto& b : r.breaches) std::cout << "   " << b << "\n";
  }
  std::cout << launches << " launches, bad " << bad << "\n";
}
