#include "fault_finder/staging.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fault_finder {

using Kind = Disturbance::Kind;
using namespace simulation;  // NOLINT: its whole vocabulary is used here

namespace {

// How far what EMR tells may be behind: no more than the product's `list_lag_max` allows for.
constexpr base::Duration kLag = base::seconds(150);

}  // namespace

std::vector<CrashPoint> CrashesOf(const Plan& plan) {
  std::vector<CrashPoint> out;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kCrash)
      out.push_back({static_cast<int>(d.n), d.after ? When::kAfter : When::kBefore});
  }
  return out;
}

emulator::Options EmrOf(const Plan& plan) {
  emulator::Options out;
  out.seed = plan.seed;
  out.journal = false;
  out.plan.timing = plan.timing;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kEmr)
      out.plan.faults.push_back(d.fault);
    out.events = out.events || d.kind == Kind::kEvents;
  }
  return out;
}

EventOptions EventsOf(const Plan& plan) {
  EventOptions out;
  out.seed = plan.seed;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind != Kind::kEvents)
      continue;
    out.lost_percent = static_cast<int>(d.n);
    out.doubled_percent = 10;
    out.forged_percent = d.after ? 10 : 0;
    out.late_at_most = d.span;
  }
  return out;
}

bool HasEvents(const Plan& plan) {
  return std::any_of(plan.disturbances.begin(), plan.disturbances.end(), [](const Disturbance& d) {
    return d.kind == Kind::kEvents;
  });
}

NetworkOptions NetworkOf(const Plan& plan) {
  NetworkOptions out;
  out.seed = plan.seed;
  out.views.seed = plan.seed;
  const base::Time start = plan.work.start;
  auto trouble = [&](Trouble::Kind kind, const Disturbance& d) {
    out.troubles.push_back({kind, start + d.at, start + d.at + d.span});
  };
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kDown)
      trouble(Trouble::Kind::kDown, d);
    else if (d.kind == Kind::kSilent)
      trouble(Trouble::Kind::kSilent, d);
    else if (d.kind == Kind::kCredentials)
      trouble(Trouble::Kind::kCredentials, d);
    else if (d.kind == Kind::kNoTerminate)
      trouble(Trouble::Kind::kNoTerminate, d);
    else if (d.kind == Kind::kStale)
      std::tie(out.views.stale_every, out.views.stale_for, out.views.stale_is_oldest) =
          std::tuple(static_cast<int>(d.n), d.span.count() > 0 ? d.span : kLag, d.after);
    else if (d.kind == Kind::kHidden)
      std::tie(out.views.hide_every, out.views.hide_for) =
          std::pair(static_cast<int>(d.n), d.span.count() > 0 ? d.span : kLag);
    else if (d.kind == Kind::kForget)
      out.views.forget_every = static_cast<int>(d.n);
    else if (d.kind == Kind::kUnborn)
      out.views.unborn_for = d.span;
    else if (d.kind == Kind::kAmnesia)
      out.views.amnesias.push_back({static_cast<uint64_t>(d.n), d.at, d.span});
    else if (d.kind == Kind::kBehind)
      out.views.behind[d.fault.action] = d.span;
    else if (d.kind == Kind::kPaced)
      out.paced.push_back({d.fault.action, d.n});
    else if (d.kind == Kind::kTwice)
      out.twice[d.n] = {d.span, d.after};
    else if (d.kind == Kind::kBusy)
      out.busy.push_back(
          {start + d.at, start + d.at + d.span, static_cast<int>(d.n), d.fault.action});
    else if (d.kind == Kind::kSlow)
      out.jitter = d.span;
    else if (d.kind == Kind::kFlaky)
      (d.after ? out.throttle_every : out.fail_every) = static_cast<int>(d.n);
  }
  return out;
}

DiskOptions DiskOf(const Plan& plan) {
  DiskOptions out;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kDiskFull) {
      out.full.push_back({plan.work.start + d.at, plan.work.start + d.at + d.span});
      if (d.n > 0)
        out.reserve = static_cast<int>(d.n);
    } else if (d.kind == Kind::kCommitUnknown)
      out.unknown[d.n] = d.after;
  }
  return out;
}

driver::Options DriverOf(const Plan& plan) {
  driver::Options out;
  out.poll_interval = plan.settings.poll_interval;
  out.fleet_interval = plan.settings.fleet_interval;
  out.reaper_interval = plan.settings.reaper_interval;
  out.emr.fleet_grace = plan.settings.fleet_grace;
  out.emr.launch_settle = plan.settings.launch_settle;
  out.emr.list_lag_max = plan.settings.list_lag_max;
  if (plan.settings.is_sampled) {
    out.sources.policy = driver::WatchPolicy::kSampled;
    out.sources.table = StateTable::kName;
  }
  out.emr.reaper = {.armed = plan.settings.reaper_is_armed,
                    .grace = plan.settings.reaper_grace,
                    .max_per_pass = static_cast<int>(plan.settings.reaper_most),
                    .max_ratio = static_cast<double>(plan.settings.reaper_percent) / 100};
  if (plan.settings.reaper_without_brakes)
    // What it took for an orphan by mistake would die.
    out.emr.reaper = {
        .armed = true, .grace = base::Duration(0), .max_per_pass = 1000, .max_ratio = 1};
  return out;
}

Patience PatienceFor(const Plan& plan) {
  base::Duration late{0};
  base::Duration unknown{
      0};  // for how long a cluster may be in no read; Views::LostUntil has the end
  base::Duration unlisted{0};
  base::Duration unsent{0};  // what keeps even the sending
  bool is_throttled = false;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kDiskFull || d.kind == Kind::kCommitUnknown)
      unsent += base::minutes(1);
    if (d.kind == Kind::kDown || d.kind == Kind::kSilent || d.kind == Kind::kCredentials ||
        d.kind == Kind::kNoTerminate || d.kind == Kind::kDiskFull || d.kind == Kind::kOutage ||
        d.kind == Kind::kBusy)
      late += d.span;
    else if (d.kind == Kind::kAmnesia)
      unknown += d.span;
    else if (d.kind == Kind::kStale)
      unlisted += d.span.count() > 0 ? d.span : kLag;
    else if (d.kind == Kind::kUnborn ||
             (d.kind == Kind::kBehind && d.fault.action == "ListClusters"))
      unlisted += d.span;
    else if (d.kind == Kind::kCrash || d.kind == Kind::kUsurp || d.kind == Kind::kLostTail ||
             d.kind == Kind::kVoid)
      late += base::seconds(30);
    else if (d.kind == Kind::kEmr && d.fault.OnCall())
      late += base::minutes(2) * std::min<int64_t>(d.fault.count, 5);
    else if (d.kind == Kind::kCommitUnknown || d.kind == Kind::kProtect)
      late += base::minutes(2);
    is_throttled = is_throttled || d.kind == Kind::kFlaky || d.kind == Kind::kPaced ||
                   (d.kind == Kind::kEmr && d.fault.kind == emulator::FaultKind::kThrottle);
  }
  if (is_throttled)
    late += base::minutes(10);
  Patience out;
  out.kill += late;
  out.reissue += late + unknown;
  out.first_kill += unsent;
  out.second += late + unknown;
  out.unlisted = unlisted + unknown;
  const ClockRange clock = ClockRangeOf(plan);
  out.older = clock.Width();
  out.later = clock.behind;
  if (clock.Width().count() > 0) {
    // World time passes at nine tenths of its speed while it is ahead.
    for (base::Duration* span :
         {&out.kill, &out.reissue, &out.first_kill, &out.second, &out.silence})
      *span += *span / 9;
  }
  return out;
}

bool MustNotBeThrottled(const Plan& plan) {
  return std::none_of(plan.disturbances.begin(), plan.disturbances.end(), [](const Disturbance& d) {
    return d.kind == Kind::kCrash || d.kind == Kind::kOutage || d.kind == Kind::kConsole ||
           d.kind == Kind::kProtect || d.kind == Kind::kStranger || d.kind == Kind::kClock ||
           d.kind == Kind::kTwice || d.kind == Kind::kCrowd || d.kind == Kind::kUsurp ||
           d.kind == Kind::kLostTail || d.kind == Kind::kVoid ||
           (d.kind == Kind::kEmr && d.fault.kind == emulator::FaultKind::kThrottle);
  });
}

bool LosesATail(const Plan& plan) {
  return std::any_of(plan.disturbances.begin(), plan.disturbances.end(), [](const Disturbance& d) {
    return d.kind == Kind::kLostTail || d.kind == Kind::kVoid;
  });
}

base::Duration AheadOf(const Disturbance& clock) {
  return clock.after ? -clock.span : clock.span;
}

ClockRange ClockRangeOf(const Plan& plan) {
  ClockRange range;
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind != Kind::kClock)
      continue;
    range.ahead = std::max(range.ahead, AheadOf(d));
    range.behind = std::max(range.behind, -AheadOf(d));
  }
  return range;
}

base::Duration BusyFor(const Plan& plan) {
  base::Duration busy = plan.work.fires_for;
  for (const DagSpec& dag : plan.work.dags) {
    if (dag.by_interval)
      busy = std::max(busy, plan.work.fires_for + base::minutes(dag.every_minutes));
    busy = std::max(busy, dag.paused_for);
  }
  busy += ClockRangeOf(plan).behind;  // what fires, fires by our clock
  for (const Disturbance& d : plan.disturbances) {
    if (d.kind == Kind::kPerson)
      busy = std::max(busy, d.deed.after);
    else if (d.kind != Kind::kStale && d.kind != Kind::kHidden && d.kind != Kind::kSlow &&
             d.kind != Kind::kUnborn && d.kind != Kind::kBehind)  // they stay
      busy = std::max(busy, d.at + d.span);
  }
  return busy;
}

}  // namespace fault_finder
