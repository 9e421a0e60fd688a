#include "fault_finder/staging.h"

#include <algorithm>
#include <utility>

namespace fault_finder {

using namespace simulation;  // NOLINT: its whole vocabulary is used here

namespace {

// How far what EMR tells may be behind: no more than the product's `list_lag_max` allows for.
constexpr base::Duration kLag = base::seconds(150);

base::Duration OrLag(base::Duration span) {
  return span.count() > 0 ? span : kLag;
}

}  // namespace

std::vector<CrashPoint> CrashesOf(const Plan& plan) {
  std::vector<CrashPoint> out;
  for (const CrashAtEffect* crash : AllOf<CrashAtEffect>(plan))
    out.push_back(
        {static_cast<int>(crash->effect), crash->is_after ? When::kAfter : When::kBefore});
  return out;
}

emulator::Options EmrOf(const Plan& plan) {
  emulator::Options out;
  out.seed = plan.seed;
  out.journal = false;
  out.plan.timing = plan.timing;
  for (const EmrFault* emr : AllOf<EmrFault>(plan))
    out.plan.faults.push_back(emr->fault);
  out.events = HasEvents(plan);
  return out;
}

EventOptions EventsOf(const Plan& plan) {
  EventOptions out;
  out.seed = plan.seed;
  for (const EmrEvents* events : AllOf<EmrEvents>(plan)) {
    out.lost_percent = static_cast<int>(events->lost_percent);
    out.doubled_percent = 10;
    out.forged_percent = events->some_are_forged ? 10 : 0;
    out.late_at_most = events->late_at_most;
  }
  return out;
}

bool HasEvents(const Plan& plan) {
  return Has<EmrEvents>(plan);
}

namespace {

// What one disturbance makes of the network.
class NetworkStaging {
 public:
  NetworkStaging(NetworkOptions& out, base::Time start) : out_(out), start_(start) {}

  void operator()(const ConnectionDown& d) { Suffer(Trouble::Kind::kDown, d); }
  void operator()(const RepliesLost& d) { Suffer(Trouble::Kind::kSilent, d); }
  void operator()(const CredentialsExpired& d) { Suffer(Trouble::Kind::kCredentials, d); }
  void operator()(const TerminateDenied& d) { Suffer(Trouble::Kind::kNoTerminate, d); }
  void operator()(const StaleReads& d) {
    out_.views.stale_every = static_cast<int>(d.every);
    out_.views.stale_for = OrLag(d.age_at_most);
    out_.views.stale_is_oldest = d.is_oldest;
  }
  void operator()(const HiddenClusters& d) {
    out_.views.hide_every = static_cast<int>(d.every);
    out_.views.hide_for = OrLag(d.changed_within);
  }
  void operator()(const ForgottenClusters& d) {
    out_.views.forget_every = static_cast<int>(d.every);
  }
  void operator()(const UnbornClusters& d) { out_.views.unborn_for = d.at_most; }
  void operator()(const Amnesia& d) {
    out_.views.amnesias.push_back({static_cast<uint64_t>(d.cluster), d.since_launch, d.at_most});
  }
  void operator()(const ReadsBehind& d) { out_.views.behind[d.action] = d.by; }
  void operator()(const PacedCalls& d) { out_.paced.push_back({d.action, d.every}); }
  void operator()(const LaunchTwice& d) { out_.twice[d.launch] = {d.apart, d.reply_is_lost}; }
  void operator()(const QuotasUsedUp& d) {
    const base::Time from = start_ + d.from;
    out_.busy.push_back({from, from + d.lasts, static_cast<int>(d.percent), d.action});
  }
  void operator()(const SlowReplies& d) { out_.jitter = d.at_most; }
  void operator()(const LateObjects& d) { out_.objects_late = d.by; }
  void operator()(const FlakyCalls& d) {
    (d.is_throttled ? out_.throttle_every : out_.fail_every) = static_cast<int>(d.one_in);
  }
  // The others do not touch the network.
  template <typename Kind>
  void operator()(const Kind&) {}

 private:
  template <typename Kind>
  void Suffer(Trouble::Kind kind, const Kind& d) {
    out_.troubles.push_back({kind, start_ + d.from, start_ + d.from + d.lasts});
  }

  NetworkOptions& out_;
  const base::Time start_;
};

}  // namespace

NetworkOptions NetworkOf(const Plan& plan) {
  NetworkOptions out;
  out.seed = plan.seed;
  out.views.seed = plan.seed;
  NetworkStaging staging(out, plan.work.start);
  for (const Disturbance& d : plan.disturbances)
    std::visit(staging, d);
  return out;
}

DiskOptions DiskOf(const Plan& plan) {
  DiskOptions out;
  for (const DiskFull* full : AllOf<DiskFull>(plan)) {
    const base::Time from = plan.work.start + full->from;
    out.full.push_back({from, from + full->lasts});
    if (full->reserve > 0)
      out.reserve = static_cast<int>(full->reserve);
  }
  for (const CommitUnknown* unknown : AllOf<CommitUnknown>(plan))
    out.unknown[unknown->commit] = unknown->has_happened;
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

namespace {

bool IsThrottle(const Disturbance& d) {
  const EmrFault* emr = std::get_if<EmrFault>(&d);
  return emr != nullptr && emr->fault.kind == emulator::FaultKind::kThrottle;
}

// By how much it makes late what we do about clusters.
base::Duration DelayBy(const Disturbance& d) {
  if (IsAnyOf<ConnectionDown,
              RepliesLost,
              CredentialsExpired,
              TerminateDenied,
              DiskFull,
              Outage,
              QuotasUsedUp>(d))
    return LengthOf(d);
  if (IsAnyOf<CrashAtEffect, Usurpation, LostTail, StoreDeleted>(d))
    return base::seconds(30);
  if (const EmrFault* emr = std::get_if<EmrFault>(&d); emr != nullptr && emr->fault.OnCall())
    return base::minutes(2) * std::min<int64_t>(emr->fault.count, 5);
  if (IsAnyOf<CommitUnknown, ConsoleProtect>(d))
    return base::minutes(2);
  return base::Duration(0);
}

// For how long it lets lists lack a cluster.
base::Duration UnlistedFor(const Disturbance& d) {
  if (const StaleReads* stale = std::get_if<StaleReads>(&d))
    return OrLag(stale->age_at_most);
  if (const UnbornClusters* unborn = std::get_if<UnbornClusters>(&d))
    return unborn->at_most;
  if (const ReadsBehind* behind = std::get_if<ReadsBehind>(&d); behind != nullptr)
    return behind->action == "ListClusters" ? behind->by : base::Duration(0);
  return base::Duration(0);
}

}  // namespace

Patience PatienceFor(const Plan& plan) {
  base::Duration late{0};
  base::Duration unknown{
      0};  // for how long a cluster may be in no read; Views::LostUntil has the end
  base::Duration unlisted{0};
  base::Duration unsent{0};  // what keeps even the sending
  bool is_throttled = false;
  for (const Disturbance& d : plan.disturbances) {
    late += DelayBy(d);
    unlisted += UnlistedFor(d);
    if (const Amnesia* amnesia = std::get_if<Amnesia>(&d))
      unknown += amnesia->at_most;
    if (IsAnyOf<DiskFull, CommitUnknown>(d))
      unsent += base::minutes(1);
    is_throttled = is_throttled || IsAnyOf<FlakyCalls, PacedCalls>(d) || IsThrottle(d);
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
    return IsThrottle(d) || IsAnyOf<CrashAtEffect,
                                    Outage,
                                    ConsoleKill,
                                    ConsoleProtect,
                                    StrangersCluster,
                                    ClockSet,
                                    LaunchTwice,
                                    CrowdOfClusters,
                                    Usurpation,
                                    LostTail,
                                    StoreDeleted>(d);
  });
}

bool LosesATail(const Plan& plan) {
  return Has<LostTail>(plan) || Has<StoreDeleted>(plan);
}

base::Duration AheadOf(const ClockSet& clock) {
  return clock.is_behind ? -clock.by : clock.by;
}

ClockRange ClockRangeOf(const Plan& plan) {
  ClockRange range;
  for (const ClockSet* clock : AllOf<ClockSet>(plan)) {
    range.ahead = std::max(range.ahead, AheadOf(*clock));
    range.behind = std::max(range.behind, -AheadOf(*clock));
  }
  return range;
}

namespace {

// Until when it may bring something new; 0 for one that is always there.
template <typename Kind>
base::Duration MattersUntil(const Kind& d) {
  if constexpr (requires { d.lasts; })
    return d.from + d.lasts;
  else if constexpr (requires { d.at; })
    return d.at;
  else
    return base::Duration(0);
}
base::Duration MattersUntil(const PersonAsks& d) {
  return d.deed.after;
}
base::Duration MattersUntil(const Amnesia& d) {
  return d.since_launch + d.at_most;
}
base::Duration MattersUntil(const ClockSet& d) {
  return d.at + d.by;
}
base::Duration MattersUntil(const PastRuns& d) {
  return d.at + std::max(d.pauses_after + d.pauses_for, d.cancels_after);
}
base::Duration MattersUntil(const DagEdit& d) {
  return d.at + d.fires_later_by;
}

}  // namespace

base::Duration BusyFor(const Plan& plan) {
  base::Duration busy = plan.work.fires_for;
  for (const DagSpec& dag : plan.work.dags) {
    if (dag.by_interval)
      busy = std::max(busy, plan.work.fires_for + base::minutes(dag.every_minutes));
    busy = std::max(busy, dag.paused_for);
  }
  busy += ClockRangeOf(plan).behind;  // what fires, fires by our clock
  for (const Disturbance& d : plan.disturbances)
    busy = std::max(busy, std::visit([](const auto& kind) { return MattersUntil(kind); }, d));
  return busy;
}

}  // namespace fault_finder
