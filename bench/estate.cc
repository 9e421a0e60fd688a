// What watching costs: an hour of virtual time with hundreds and thousands of clusters up. The real
// driver and engine, a store in memory, and the emulator's model with EMR's default quotas on the
// other side.
//
// Printed: calls by action, throttled calls, and the CPU time of an hour as a share of one core in
// real time, without what the emulator took; the heap that driver and engine give back when they
// go. Sockets, TLS and the disk are not in it.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <malloc.h>
#include <utility>
#include <vector>

#include "../tests/sim/many_clusters.h"
#include "base/check.h"
#include "emulator/quotas.h"

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

// Quotas from when they are switched on; tells how long EMR's side took.
class MeteredWorld : public sim::VirtualWorld {
 public:
  using VirtualWorld::VirtualWorld;

  void Submit(const driver::Call& call) override {
    const double begun = CpuSeconds();
    if (quotas_on && !quotas_.Admit(call.action, Now())) {
      ++throttled;
      Answer(call,
             {.http_status = 400,
              .body = json::object{{"__type", "ThrottlingException"}, {"message", "Rate exceeded"}},
              .error_code = "ThrottlingException"});
    } else {
      VirtualWorld::Submit(call);
    }
    emr_seconds += CpuSeconds() - begun;
  }

  bool quotas_on = false;
  int throttled = 0;
  double emr_seconds = 0;

 private:
  emulator::Quotas quotas_;
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
  emulator::Emulator emr({.plan = std::move(plan)});
  sim::CrashPlan never;
  store::MemoryStore store({"bench", std::string(32, '0'), 0});
  MeteredWorld world(base::ParseTime("2026-01-05").value(), emr, never);
  sim::ManyClusters estate(store, world, emr);

  // Up without quotas, or the launches alone would take hours; then a process with EMR's defaults.
  estate.Start(WithoutLimits());
  estate.Trigger(sim::LanesDag(clusters, 2));
  estate.RunFor(base::minutes(20));
  world.quotas_on = true;
  estate.Start({});
  estate.RunFor(base::minutes(10));
  estate.TakeTally();
  world.throttled = 0;
  world.emr_seconds = 0;
  const double begun = CpuSeconds();
  estate.RunFor(base::hours(1));
  const double ours = CpuSeconds() - begun - world.emr_seconds;
  const sim::CallTally tally = estate.TakeTally();

  std::printf("%d clusters, %d up after an hour\n", clusters, estate.Live());
  for (const auto& [action, calls] : tally.made)
    std::printf("  %-24s %6d calls\n", action.c_str(), calls);
  std::printf("  throttled                %6d\n", world.throttled);
  std::printf("  CPU                      %6.2f %% of a core (%.1f s an hour)\n", ours / 36, ours);
  const double before = HeapMib();
  estate.Stop();
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
