// How long an orphan lives beyond its grace: from the time at which it is older than
// `reaper.grace` to the TerminateJobFlows that names it. World time, over many draws of the moment
// at which it appears between two passes; the whole account is virtual.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../tests/sim/account.h"
#include "base/draw.h"
#include "store/memory_store.h"

namespace {

constexpr int kDraws = 200;
constexpr char kIncarnation[] = "0123456789abcdef0123456789abcdef";
constexpr base::Duration kWanted = base::minutes(5);

// Nothing where it was not killed within the hour.
std::optional<base::Duration> BeyondGrace(base::Duration phase) {
  const base::Time start = base::ParseTime("2026-01-05T00:00:00Z").value();
  driver::Options options;
  options.emr.reaper.armed = true;
  store::MemoryStore store({"bench", kIncarnation, 0});
  sim::RecordPastLaunch(store, start - base::hours(24));
  sim::Account account(start, {});
  account.Start(store, options);
  account.RunFor(base::minutes(10) + phase);
  const model::ClusterId orphan = account.Launch(sim::NameOf("bench", kIncarnation, 1));
  const base::Time appeared = account.now();
  account.RunFor(base::hours(1));
  std::optional<base::Time> killed = account.KilledAt(orphan);
  if (!killed)
    return std::nullopt;
  return *killed - appeared - options.emr.reaper.grace;
}

double Seconds(base::Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

}  // namespace

int main() {
  const base::Duration interval = driver::Options().reaper_interval;
  std::vector<base::Duration> spans;
  for (int draw = 0; draw < kDraws; ++draw) {
    const double share = base::DrawUnit(1, "phase", static_cast<uint64_t>(draw));
    const auto span = BeyondGrace(
        base::Duration(static_cast<int64_t>(share * static_cast<double>(interval.count()))));
    if (!span) {
      std::puts("an orphan was not killed within an hour");
      return EXIT_FAILURE;
    }
    spans.push_back(*span);
  }
  std::sort(spans.begin(), spans.end());
  std::printf(
      "orphan: end asked for %.0f s (median), %.0f s (max) beyond its grace, world time, %d "
      "draws\n",
      Seconds(spans[spans.size() / 2]),
      Seconds(spans.back()),
      kDraws);
  return spans.back() <= kWanted ? EXIT_SUCCESS : EXIT_FAILURE;
}
