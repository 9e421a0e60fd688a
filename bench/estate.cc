// What watching costs: an hour of virtual time with hundreds and thousands of clusters up. The real
// driver and engine, a store in memory, and the emulator's model on the other side.
//
// Printed: calls by action, those that EMR's default quotas would refuse, and the CPU time of an
// hour as a share of one core in real time, without what the emulator took; the heap that driver
// and engine give back when they go. Sockets, TLS and the disk are not in it.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <utility>
#include <vector>

#include "../tests/sim/account.h"
#include "base/check.h"
#include "emulator/quotas.h"
#include "store/memory_store.h"

namespace {

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double HeapMib() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / (1024 * 1024);
}

// How long EMR's side of our calls took; how many of them its quotas would have refused.
class Meter : public simulation::Witness {
 public:
  void BeforeCall(const simulation::SeenCall&) override { begun_ = CpuSeconds(); }
  void OnCall(const simulation::SeenCall& call) override {
    emr_seconds += CpuSeconds() - begun_;
    refused += !quotas_.Admit(call.action, call.at);
  }

  int refused = 0;
  double emr_seconds = 0;

 private:
  emulator::Quotas quotas_;
  double begun_ = 0;
};

// To get there, with few sweeps.
driver::Options WithoutLimits() {
  driver::Options options;
  options.poll_interval = base::minutes(9);
  options.fleet_interval = base::hours(1);
  options.budget.quotas["account"] = {1e6, 1e6};
  for (const char* action :
       {"RunJobFlow", "ListClusters", "DescribeCluster", "ListSteps", "ListInstanceFleets"})
    options.budget.quotas[action] = {1e6, 1e6};
  return options;
}

// Each lane has one cluster after the other, each of which works for `step` or so.
void Measure(int clusters, base::Duration step) {
  emulator::FaultPlan plan;
  plan.quotas = false;
  plan.timing.step = step;
  plan.timing.jitter = 0.5;
  store::MemoryStore store({"bench", std::string(32, '0'), 0});
  sim::Account account(base::ParseTime("2026-01-05").value(), {.plan = std::move(plan)});
  const simulation::Project project = sim::Lanes(sim::LanesDag(clusters, 2));

  // Up without quotas, or the launches alone would take hours; then a process with EMR's defaults.
  account.Start(store, WithoutLimits(), project);
  account.Trigger("many", "r");
  account.RunFor(base::minutes(20));
  Meter meter;
  account.Watch(&meter);
  account.Start(store, {}, project);
  account.RunFor(base::minutes(10));
  account.TakeTally();
  meter.refused = 0;
  meter.emr_seconds = 0;
  const double begun = CpuSeconds();
  account.RunFor(base::hours(1));
  const double ours = CpuSeconds() - begun - meter.emr_seconds;
  const sim::CallTally tally = account.TakeTally();

  std::printf("%d clusters, %d up after an hour\n", clusters, account.CountLive());
  for (const auto& [action, calls] : tally.made)
    std::printf("  %-24s %6d calls\n", action.c_str(), calls);
  std::printf("  throttled                %6d\n", meter.refused);
  std::printf("  CPU                      %6.2f %% of a core (%.1f s an hour)\n", ours / 36, ours);
  const double before = HeapMib();
  account.Stop();
  std::printf("  heap of driver, engine   %6.1f MiB\n", before - HeapMib());
}

}  // namespace

// estate_bench [CLUSTERS…]: 500 and 2,000; 10,000 take minutes.
int main(int argc, char** argv) {
  std::vector<int> sizes = {500, 2000};
  if (argc > 1) {
    sizes.clear();
    for (int i = 1; i < argc; ++i)
      sizes.push_back(std::atoi(argv[i]));
  }
  for (int clusters : sizes) {
    // The launches that replace ended clusters stay within RunJobFlow's quota.
    Measure(clusters, clusters <= 500 ? base::minutes(60) : base::hours(24));
  }
}
