// DrawPlan: what a seed meets.

#include <algorithm>

#include "base/text.h"
#include "fault_finder/plan.h"
#include "simulation/dice.h"

namespace fault_finder {

namespace {

using base::hours;
using base::minutes;
using base::seconds;
using emulator::Fault;
using emulator::FaultKind;
using simulation::Dice;

// Clusters and calls that a seed of average size sees: faults are aimed at the first so many.
constexpr int64_t kClusters = 60;
constexpr const char* kReads[] = {
    "ListClusters", "ListClusters", "DescribeCluster", "ListSteps", "ListInstanceFleets"};
constexpr const char* kCalls[] = {"RunJobFlow",
                                  "RunJobFlow",
                                  "ListClusters",
                                  "DescribeCluster",
                                  "ListSteps",
                                  "ListInstanceFleets",
                                  "ListInstanceGroups",
                                  "TerminateJobFlows",
                                  "SetTerminationProtection"};

class Swarm {
 public:
  Swarm(uint64_t seed, Mode mode) : dice_(seed, "swarm") {
    plan_.seed = seed;
    plan_.mode = mode;
    plan_.work = simulation::DrawWorkload(seed);
    horizon_ = plan_.work.fires_for;
  }

  Plan Draw() {
    DrawSettings();
    DrawOurs();
    DrawNetwork();
    DrawCalls();
    DrawClusters();
    DrawOthers();
    if (plan_.mode == Mode::kLiveness)
      DrawForEver();
    DrawLegacy();
    DrawHungLegacy();
    DrawUsurpers();
    DrawHopeless();
    DrawReserve();
    plan_.settings.is_sampled = Has<EmrEvents>(plan_) && dice_.Percent(30);
    return std::move(plan_);
  }

 private:
  base::Duration AnyTime() { return dice_.Between(base::Duration(0), horizon_); }
  template <typename Kind>
  Kind& ForAWhile(base::Duration least, base::Duration most) {
    Kind& out = Add<Kind>(plan_);
    out.from = AnyTime();
    out.lasts = dice_.Between(least, most);
    return out;
  }
  // How often in this seed: mostly not at all.
  int64_t Times(int64_t percent, int64_t most) {
    return dice_.Percent(percent) ? dice_.Between(1, most) : 0;
  }

  void DrawSettings() {
    Settings& settings = plan_.settings;
    if (dice_.Percent(40)) {
      settings.poll_interval = seconds(dice_.Between(15, 120));
      settings.fleet_interval = seconds(dice_.Between(30, 300));
      settings.reaper_interval = seconds(dice_.Between(30, 600));
    }
    settings.reaper_without_brakes = dice_.Percent(50);
    emulator::Timing& timing = plan_.timing;
    timing.provisioning = dice_.Between(seconds(30), minutes(6));
    timing.bootstrap = dice_.Between(seconds(10), minutes(3));
    timing.step = dice_.Between(minutes(1), minutes(15));
    timing.shutdown = dice_.Between(seconds(10), minutes(4));
    timing.steps = {{"long*", timing.step * 3}};
  }

  void DrawOurs() {
    for (int64_t i = Times(45, 8); i > 0; --i) {
      CrashAtEffect& crash = Add<CrashAtEffect>(plan_);
      // Often while it is still busy with what the last one left.
      crash.effect = dice_.Percent(40) ? dice_.Between(1, 12) : dice_.Between(1, 1500);
      crash.is_after = dice_.Percent(50);
    }
    for (int64_t i = Times(20, 3); i > 0; --i)
      ForAWhile<DiskFull>(minutes(1), minutes(40));
    for (int64_t i = Times(25, 6); i > 0; --i) {
      CommitUnknown& unknown = Add<CommitUnknown>(plan_);
      unknown.commit = dice_.Between(1, 1200);
      unknown.has_happened = dice_.Percent(50);
    }
    for (int64_t i = Times(15, 3); i > 0; --i) {
      ClockSet& jump = Add<ClockSet>(plan_);
      jump.at = AnyTime();
      jump.by = dice_.Percent(30) ? base::Duration(0) : dice_.Between(seconds(1), minutes(4));
    }
    if (plan_.mode == Mode::kRandom && dice_.Percent(5))
      Add<FinalDeath>(plan_).at = AnyTime();
  }

  template <typename Kind>
  void DrawTroubles() {
    for (int64_t i = Times(15, 2); i > 0; --i)
      ForAWhile<Kind>(seconds(20), minutes(45));
  }

  void DrawNetwork() {
    DrawTroubles<ConnectionDown>();
    DrawTroubles<RepliesLost>();
    DrawTroubles<CredentialsExpired>();
    DrawTroubles<TerminateDenied>();
    if (dice_.Percent(40)) {
      EmrEvents& events = Add<EmrEvents>(plan_);
      events.lost_percent = dice_.Percent(50) ? dice_.Between(0, 100) : 0;
      events.late_at_most = dice_.Percent(50) ? dice_.Between(seconds(0), minutes(10)) : seconds(1);
      events.some_are_forged = dice_.Percent(50);
    }
    if (dice_.Percent(25))
      Add<StaleReads>(plan_).every = dice_.Between(2, 8);
    if (dice_.Percent(25))
      Add<HiddenClusters>(plan_).every = dice_.Between(2, 8);
    for (int64_t i = Times(15, 3); i > 0; --i)
      Add<LaunchTwice>(plan_).launch = dice_.Between(1, kClusters);
    if (dice_.Percent(20))
      Add<ForgottenClusters>(plan_).every = dice_.Between(1, 6);
    if (dice_.Percent(30))
      Add<SlowReplies>(plan_).at_most = dice_.Between(base::milliseconds(50), seconds(8));
  }

  // Made in braces, where what is drawn is drawn from left to right; the order of a call's
  // arguments is the compiler's.
  struct CallFault {
    FaultKind kind;
    std::string action;
    int64_t count = 1;
    base::Duration span{0};
  };
  void OnCall(CallFault drawn) {
    auto& [kind, action, count, span] = drawn;
    Fault& fault = Add<EmrFault>(plan_).fault;
    fault.kind = kind;
    const bool is_read = action.starts_with("List") || action == "DescribeCluster";
    fault.nth = dice_.Between(1, is_read ? 300 : action == "RunJobFlow" ? kClusters : 12);
    fault.action = std::move(action);
    fault.count = count;
    fault.span = span;
    fault.executed = dice_.Percent(50);
  }

  // Within launch_settle by our clock; now and then much later than anybody can wait for.
  base::Duration LateBy() {
    if (dice_.Percent(10))
      return dice_.Between(minutes(25), minutes(50));
    const bool is_late = dice_.Percent(30) && !Has<ClockSet>(plan_);
    return is_late ? dice_.Between(minutes(12), minutes(14))
                   : dice_.Between(seconds(5), minutes(10));
  }

  void DrawCalls() {
    for (int64_t i = Times(35, 4); i > 0; --i)
      OnCall({FaultKind::kThrottle, dice_.Of(kCalls), dice_.Between(1, 15)});
    for (int64_t i = Times(35, 5); i > 0; --i)
      OnCall({FaultKind::kHttp500, dice_.Of(kCalls), dice_.Between(1, 3)});
    for (int64_t i = Times(40, 6); i > 0; --i)
      OnCall({FaultKind::kDropReply, dice_.Of(kCalls), 1, dice_.Between(seconds(0), seconds(20))});
    for (int64_t i = Times(30, 5); i > 0; --i)
      OnCall({FaultKind::kDelayReply, dice_.Of(kCalls), 1, dice_.Between(seconds(1), seconds(30))});
    // AWS accepts a signed request a quarter of an hour late, at most.
    for (int64_t i = Times(30, 4); i > 0; --i)
      OnCall({FaultKind::kAcceptLate,
              dice_.Percent(80) ? "RunJobFlow" : "TerminateJobFlows",
              1,
              LateBy()});
    for (int64_t i = Times(30, 4); i > 0; --i)
      OnCall({FaultKind::kIgnore, "TerminateJobFlows", dice_.Between(1, 3)});
    if (dice_.Percent(8))
      OnCall({FaultKind::kDeny, "RunJobFlow", 1});
    if (dice_.Percent(8))
      OnCall({FaultKind::kDeny, dice_.Of(kReads), dice_.Between(1, 10)});
    if (dice_.Percent(30)) {
      Fault& lag = Add<EmrFault>(plan_).fault;
      lag.kind = FaultKind::kListLag;
      lag.span = dice_.Between(seconds(1), seconds(150));
    }
  }

  Fault& OnCluster(FaultKind kind) {
    Fault& fault = Add<EmrFault>(plan_).fault;
    fault.kind = kind;
    fault.nth = dice_.Between(1, kClusters);
    fault.count = dice_.Between(1, 3);
    return fault;
  }

  void DrawClusters() {
    for (int64_t i = Times(40, 6); i > 0; --i)
      OnCluster(FaultKind::kFailStep).step = dice_.Between(1, 2);
    for (int64_t i = Times(20, 3); i > 0; --i)
      OnCluster(FaultKind::kFailBootstrap);
    for (int64_t i = Times(20, 3); i > 0; --i)
      OnCluster(FaultKind::kFailProvisioning);
    for (int64_t i = Times(45, 6); i > 0; --i) {
      static constexpr Fault::Outcome kOutcomes[] = {
          Fault::Outcome::kRunning, Fault::Outcome::kWaiting, Fault::Outcome::kDies};
      Fault& fault = OnCluster(FaultKind::kLoseFleet);
      fault.fleet = dice_.Percent(30) ? emulator::FleetType::kMaster : emulator::FleetType::kCore;
      fault.outcome = dice_.Of(kOutcomes);
      fault.after = dice_.Between(seconds(0), minutes(15));
    }
    for (int64_t i = Times(30, 4); i > 0; --i) {
      Fault& fault = OnCluster(FaultKind::kLoseFleet);
      fault.instances = dice_.Between(1, 2);  // of three or four
      fault.replace = dice_.Percent(70);
      fault.after = dice_.Between(seconds(0), minutes(15));
    }
    for (int64_t i = Times(15, 2); i > 0; --i)
      OnCluster(FaultKind::kHangProvisioning);
    for (int64_t i = Times(20, 3); i > 0; --i)
      OnCluster(FaultKind::kPurge).span = dice_.Between(seconds(0), minutes(10));
    const std::vector<std::string> capped = NamesOfCapped();
    for (int64_t i = capped.empty() ? 0 : Times(30, 3); i > 0; --i) {
      Fault& fault = OnCluster(FaultKind::kHangStep);
      fault.name = capped[dice_.Throw() % capped.size()];
      fault.nth = dice_.Between(1, 6);
    }
  }

  // Nothing ends a hung step but its cap.
  std::vector<std::string> NamesOfCapped() const {
    std::vector<std::string> names;
    for (const simulation::DagSpec& dag : plan_.work.dags) {
      for (const simulation::JobSpec& job : dag.jobs) {
        if (job.max_run_time)
          names.push_back(base::Cat("sbx-* ", dag.id, " * ", job.id, "* try *"));
      }
    }
    return names;
  }

  void DrawOthers() {
    for (int64_t i = Times(40, 6); i > 0; --i) {
      PersonAsks& person = Add<PersonAsks>(plan_);
      person.deed.after = AnyTime();
      person.deed.act = dice_.Of(simulation::kActs);
      person.deed.run = static_cast<size_t>(dice_.Between(0, 30));
      person.deed.job = static_cast<size_t>(dice_.Between(0, 15));
    }
    for (int64_t i = Times(25, 4); i > 0; --i) {
      ConsoleKill& deed = Add<ConsoleKill>(plan_);
      deed.at = AnyTime();
      deed.cluster = dice_.Between(0, 20);
    }
    for (int64_t i = Times(15, 3); i > 0; --i) {
      ConsoleProtect& deed = Add<ConsoleProtect>(plan_);
      deed.at = AnyTime();
      deed.cluster = dice_.Between(0, 20);
    }
    for (int64_t i = Times(25, 5); i > 0; --i) {
      StrangersCluster& stranger = Add<StrangersCluster>(plan_);
      stranger.at = AnyTime();
      stranger.sort = dice_.Between(0, 50);
    }
    for (int64_t i = Times(20, 4); i > 0; --i) {
      DagEdit& edit = Add<DagEdit>(plan_);
      edit.at = AnyTime();
      edit.dag = dice_.Between(0, 10);
    }
    for (int64_t i = Times(12, 2); i > 0; --i)
      ForAWhile<DagAbsent>(minutes(5), hours(2)).dag = dice_.Between(0, 10);
    for (int64_t i = Times(20, 4); i > 0; --i)
      ForAWhile<DagPause>(minutes(2), minutes(90)).dag = dice_.Between(0, 10);
    if (dice_.Percent(12))
      ForAWhile<Outage>(minutes(15), hours(3));
    if (dice_.Percent(5))  // before anything has fired
      ForAWhile<Outage>(minutes(30), hours(2)).from = dice_.Between(seconds(10), minutes(10));
  }

  // What we leave behind when we die often sits idle, and only EMR's own means can end it.
  void DrawLegacy() {
    if (!Has<FinalDeath>(plan_) || !dice_.Percent(50))
      return;
    Fault& fault = Add<EmrFault>(plan_).fault;
    fault.kind = FaultKind::kLoseFleet;
    fault.outcome = Fault::Outcome::kWaiting;
    fault.after = dice_.Between(seconds(10), minutes(5));
  }

  // … or hangs in a step, which its cap ends.
  void DrawHungLegacy() {
    const std::vector<std::string> capped = NamesOfCapped();
    if (!Has<FinalDeath>(plan_) || capped.empty() || !dice_.Percent(50))
      return;
    Fault& fault = Add<EmrFault>(plan_).fault;
    fault.kind = FaultKind::kHangStep;
    fault.name = capped[dice_.Throw() % capped.size()];
  }

  void DrawUsurpers() {
    for (int64_t i = Times(10, 3); i > 0; --i) {
      Usurpation& usurp = Add<Usurpation>(plan_);
      usurp.at = AnyTime();
      usurp.commits_first = dice_.Percent(50);
    }
  }

  // A job fails whatever is tried, and people clear it again and again.
  void DrawHopeless() {
    if (!dice_.Percent(4))
      return;
    Fault& fault = Add<EmrFault>(plan_).fault;
    fault.kind = FaultKind::kFailStep;
    fault.name = "sbx-* j0* try *";
    for (int64_t i = dice_.Between(1, 4); i > 0; --i) {
      PersonAsks& person = Add<PersonAsks>(plan_);
      person.deed.after = dice_.Between(minutes(30), horizon_ + hours(1));
      person.deed.run = static_cast<size_t>(dice_.Between(0, 30));
    }
  }

  // So little room is left on a full disk that not even the watch's news can be stored.
  void DrawReserve() {
    for (Disturbance& disturbance : plan_.disturbances) {
      DiskFull* full = std::get_if<DiskFull>(&disturbance);
      if (full != nullptr && dice_.Percent(40))
        full->reserve = dice_.Between(1, 30);
    }
  }

  void DrawForEver() {
    if (dice_.Percent(60)) {
      FlakyCalls& flaky = Add<FlakyCalls>(plan_);
      flaky.one_in = dice_.Between(4, 15);
      flaky.is_throttled = dice_.Percent(50);
    }
    if (dice_.Percent(40))
      Add<StaleReads>(plan_).every = dice_.Between(2, 5);
    if (dice_.Percent(40))
      Add<HiddenClusters>(plan_).every = dice_.Between(2, 5);
  }

  Plan plan_;
  Dice dice_;
  base::Duration horizon_;
};

}  // namespace

Plan DrawPlan(uint64_t seed, Mode mode) {
  Plan plan = Swarm(seed, mode).Draw();
  DrawNeighbours(plan);
  DrawDrifts(plan);
  DrawLosses(plan);
  DrawGaps(plan);
  DrawReadiness(plan);
  DrawCapacity(plan);
  DrawCaps(plan);
  DrawBegins(plan);
  DrawLies(plan);
  DrawVanishes(plan);
  DrawRequests(plan);
  DrawMapping(plan);
  DrawOutputs(plan);
  DrawEdgeForms(plan);
  DrawAssets(plan);
  DrawTriggers(plan);
  DrawCommands(plan);
  DrawReruns(plan);
  DrawRecords(plan);
  DrawGroups(plan);
  DrawDeletes(plan);
  DrawCauses(plan);
  DrawMail(plan);
  return plan;
}

}  // namespace fault_finder
