#pragma once

// The life of clusters by themselves: what happens when nobody calls.
//
//   STARTING ─► BOOTSTRAPPING ─► RUNNING ─► WAITING (kept alive or protected)
//       └───────────┴──────────────┴──────────┴──► TERMINATING ─► TERMINATED[_WITH_ERRORS]
//
// Timers are kept in one queue ordered by (time, order of setting). A timer is not taken out of the
// queue when what it waits for is overtaken; it is void then (IsVoid) and dropped when it comes up.
//
// Not here: calls, quotas, faults of calls (emulator.cc). Pure: time comes in as an argument and
// never goes back.

#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "emulator/cluster.h"
#include "emulator/events.h"
#include "emulator/fault_plan.h"
#include "emulator/objects.h"
#include "emulator/step_order.h"

namespace emulator {

// The lines since they were last taken; keeps nothing while it is off.
class Journal {
 public:
  explicit Journal(bool on) : on_(on) {}
  bool on() const { return on_; }
  void Add(json::object line) {
    if (on_)
      lines_.push_back(std::move(line));
  }
  std::vector<json::object> Take() { return std::exchange(lines_, {}); }

 private:
  bool on_;
  std::vector<json::object> lines_;
};

class Lifecycle {
 public:
  // Plan, journal, events and objects are borrowed for the lifetime of this object.
  Lifecycle(uint64_t seed,
            const FaultPlan& plan,
            Journal& journal,
            Events& events,
            Objects& objects,
            bool run_steps);

  base::Time now() const { return now_; }
  void AdvanceTo(base::Time now);
  std::optional<base::Time> NextChange() const;

  // The calls' effects, at now(). REQUIRES: a request that CheckRunJobFlow passed.
  Cluster& Create(json::object request);
  // Nothing where the cluster is ending already. REQUIRES: not protected.
  void Terminate(Cluster& cluster);
  void SetProtection(Cluster& cluster, bool is_protected);
  // Counts the time that the cluster has been idle already; nullopt takes the policy off.
  void SetIdleTimeout(Cluster& cluster, std::optional<base::Duration> timeout);
  void SetStepConcurrency(Cluster& cluster, size_t level);
  // A cluster in service starts as many as it has room for. REQUIRES: not ending.
  void AddSteps(Cluster& cluster, const json::array& requests, std::string_view execution_role);
  // A pending step at once, a running one a little later; false where it has ended already.
  bool CancelStep(Cluster& cluster, Step& step);
  // The end of a step that was ordered, well where `failure` is empty; nothing where the step was
  // called back meanwhile.
  void FinishStep(Cluster& cluster, std::string_view step_id, std::string failure);
  std::vector<StepOrder> TakeStepOrders() { return std::exchange(orders_, {}); }

  // Every instance that the cluster had, fleet by fleet, as far as they can be listed; none before
  // EC2 gave them.
  std::vector<Instance> Instances(const Cluster& cluster) const;

  // Null where no cluster has it, or where that one is purged.
  Cluster* Find(std::string_view id);
  // By order of arrival.
  const std::deque<Cluster>& clusters() const { return clusters_; }
  // Their places in clusters(), of those that have not ended.
  const std::set<size_t>& live() const { return live_; }

 private:
  enum class TimerKind {
    kPhaseEnds,
    kIdle,
    kStepEnds,
    kStepTimesOut,
    kStepCancelled,
    kLoseFleet,
    kWarnOfLoss,
    kReplace,
  };
  struct Timer {
    base::Time at;
    uint64_t order;
    TimerKind kind;
    size_t cluster;
    uint64_t epoch;  // kPhaseEnds, kIdle
    size_t index;    // of the step, the fault (kLoseFleet) or the fleet (kReplace)
    bool operator<(const Timer& other) const {  // the earliest is the queue's top
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void Arm(TimerKind kind, const Cluster& cluster, base::Duration after, size_t index = 0);
  bool IsVoid(const Timer& timer) const;
  void DropVoidTimers();
  void Fire(const Timer& timer);

  void AddFleets(Cluster& cluster);
  void AddFleet(Cluster& cluster, Fleet fleet);
  void ChooseFaults(Cluster& cluster);
  // The fault of this kind that chose the cluster (and, for a step's fault, that step), or null.
  const Fault* FaultOf(const Cluster& cluster, FaultKind kind, size_t step = 0) const;

  void Enter(Cluster& cluster, ClusterState state, Reason reason);
  void EndProvisioning(Cluster& cluster);
  void EndBootstrap(Cluster& cluster);
  void EndTerminating(Cluster& cluster);
  void BeginTerminating(Cluster& cluster, ClusterState final_state, Reason reason);
  void Wait(Cluster& cluster, std::string message);
  void ArmIdle(const Cluster& cluster);
  void RearmIdle(Cluster& cluster);

  void StartSteps(Cluster& cluster);
  void EndSteps(Cluster& cluster);
  void EndStep(Cluster& cluster, Step& step, std::string failure);
  void WriteOutputs(const Step& step);
  void OrderStep(Cluster& cluster, Step& step);
  void CallBack(const Cluster& cluster, Step& step);
  void SetStep(Cluster& cluster, Step& step, StepState state);
  void CancelSteps(Cluster& cluster);

  void LoseFleet(Cluster& cluster, const Fault& fault);
  // EC2's warning for each Spot instance that the fault will take.
  void WarnOfLoss(const Cluster& cluster, const Fault& fault);
  void EndLostCluster(Cluster& cluster, const Fault& fault, bool lost_spot);
  void LoseSome(Cluster& cluster, Fleet& fleet, const Fault& fault);
  void Replace(Cluster& cluster, Fleet& fleet);
  void SetFleet(Cluster& cluster, Fleet& fleet, FleetState state, Reason reason);
  void Provision(Fleet& fleet, int64_t on_demand, int64_t spot);
  void AddInstances(const Cluster& cluster,
                    const Fleet& fleet,
                    int64_t number,
                    std::vector<Instance>& instances) const;

  base::Duration Draw(const Cluster& cluster, base::Duration mean, uint64_t counter) const;
  base::Duration StepTime(const Cluster& cluster, const Step& step) const;
  void NoteFault(const Cluster& cluster, const Fault& fault);

  const uint64_t seed_;
  const FaultPlan& plan_;
  Journal& journal_;
  Events& events_;
  Objects& objects_;
  const bool run_steps_;

  std::vector<StepOrder> orders_;
  base::Time now_{};
  std::deque<Cluster> clusters_;
  std::set<size_t> live_;
  std::map<std::string, size_t, std::less<>> by_id_;
  std::vector<int64_t> fault_matches_;  // parallel to plan_.faults
  std::priority_queue<Timer> timers_;
  uint64_t timers_set_ = 0;
};

}  // namespace emulator
