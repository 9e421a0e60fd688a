#pragma once

// What the driver remembers of one live cluster between looks: which look is under way, which looks
// are asked for, and what the latest ones showed. It decides what to look at next, never what is
// true, and is lost with the process.
//
// Others ask by Request and report what came back by the On… methods; nobody else changes a field.
//
//   kResting, kPaused       ── BeginWhole ──►              kWhole
//   kResting                ── BeginSteps, BeginNodes ──►  kSteps, kNodes
//   kNodes                  ── BeginWhole ──►              kWhole: some nodes are missing
//   kWhole, kSteps, kNodes  ── OnLook ──►                  kResting, or kPaused if EMR has yet to
//                                                          confirm an end that a hint reported
//   kWhole, kSteps, kNodes  ── OnLookFailed ──►            kPaused
//
// Invariants:
//  - At most one look is under way. What is asked for meanwhile waits for its end.
//  - In kPaused a whole look is asked for, and no other look begins before it.
//  - A request is forgotten when the look that answers it begins. A look that fails asks for a
//    whole one, so that nothing that was asked for is lost.
//  - A look at the nodes alone that finds some missing goes on as a whole look: a cluster that ends
//    loses its nodes too.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "driver/budget.h"
#include "emr/node_looks.h"
#include "model/event.h"
#include "model/rows.h"

namespace driver {

class Watch {
 public:
  enum class State {
    kResting,
    kPaused,  // a whole look is due, after a pause
    kWhole,   // the cluster, its steps and its nodes as its phase asks for
    kSteps,   // its steps alone
    kNodes,   // its nodes alone
  };
  // What can be asked for. Its nodes alone are looked at when they are due: see audit.h.
  enum class Look { kWhole, kSteps };
  enum class Kind { kUnknown, kFleets, kGroups };  // what its nodes are in
  enum class Role { kMaster, kCore };

  // What its launch says about it; the defaults if the launch is not known.
  struct Launched {
    Kind kind = Kind::kUnknown;
    bool has_spot = true;    // as NodeRisk
    size_t steps_given = 0;  // 0 if not known
  };
  // Its end as a list showed it, with all that a verdict needs but its steps.
  struct ListedEnd {
    model::ClusterStatus status;
    base::Time source_at;
  };

  explicit Watch(base::Time now) : Watch(now, Launched()) {}
  Watch(base::Time now, const Launched& launched);

  // Asks for a look. The most urgent priority counts.
  void Request(Look look, Priority priority);

  // A look begins. REQUIRES: none is under way; for all but BeginWhole, not kPaused. What a whole
  // look starts from is returned, if a list showed its end. BeginWhole also follows on kNodes.
  enum class AlsoSteps { kNo, kYes };  // the look answers a request for its steps too
  std::optional<ListedEnd> BeginWhole(AlsoSteps also_steps);
  void BeginSteps();
  void BeginNodes();

  // What a look under way has read.
  void OnDescribed(Kind kind);
  void OnNodes(const std::vector<model::FleetView>& nodes, base::Time now);
  // EMR knows the cluster and not its nodes.
  void OnNodesUnknown(base::Time now) { nodes_at_ = now; }
  // EMR, asked at `source_at`, does not know the cluster. True if it has said so often enough for
  // the cluster to count as lost.
  bool OnUnknownToEmr(base::Time source_at, base::Duration list_lag_max);
  // Of a cluster that has ended. True if the list is from before the end: ask again.
  bool AreStepsOld(const std::vector<model::StepView>& steps,
                   base::Time now,
                   base::Duration list_lag_max);

  // The look has ended.
  void OnLook(const model::ClusterSeen& seen, base::Time now);
  void OnLookFailed(Priority priority, base::Time again_at);

  // A list shows it.
  void OnListed() { unknown_to_emr_ = 0; }
  // A list shows a clean end: the next whole look asks for the steps alone.
  void OnListedEnd(const model::ClusterStatus& status, base::Time source_at);

  // Hints. False if it is nothing new.
  bool OnHintOfEnd(base::Time now);
  bool OnHintOfNodes(Role role, base::Time at);
  void OnHintOfLoss() { loss_hinted_ = true; }
  void OnNodesReported() { nodes_reported_ = true; }
  // An item of the state table reports it.
  void OnItem(base::Time now) { told_at_ = now; }

  State state() const { return state_; }
  bool IsLooking() const { return state_ != State::kResting && state_ != State::kPaused; }
  std::optional<Priority> Requested(Look look) const;
  // The end of the latest pause: no look begins earlier.
  base::Time not_before() const { return not_before_; }
  Kind kind() const { return kind_; }
  bool has_groups() const { return kind_ == Kind::kGroups; }
  // Somebody has said that it has ended, and EMR's own word is awaited.
  bool IsEndHinted() const { return end_hint_.has_value(); }
  // When a look or the table last reported it.
  base::Time told_at() const { return told_at_; }

  // The latest look at its nodes; the epoch if there was none.
  base::Time nodes_at() const { return nodes_at_; }
  bool AreNodesMissing() const { return nodes_missing_; }
  // A hint speaks of lost nodes, and no look has seen them since.
  bool IsLossHinted() const { return loss_hinted_; }
  // It has probably lost its nodes, and it is not confirmed: its look does not wait for its turn.
  bool IsSuspect(const model::ClusterRow& cluster) const;
  emr::NodeRisk Risk(bool events_come, bool losses_of_late) const;

  // When the engine wants to see its steps. It follows from the steps, which only a look changes:
  // `compute` is called once after each.
  template <class Compute>
  std::optional<base::Time> StepDue(Compute compute) {
    if (!step_due_)
      step_due_.emplace(compute());
    return *step_due_;
  }

 private:
  // An end that a hint speaks of.
  struct EndHint {
    base::Time at;
    int looks = 0;  // since, that did not show it
  };

  void Begin(State state);
  void Forget(Look look) { requests_[static_cast<size_t>(look)] = std::nullopt; }
  void ConfirmEnd(base::Time source_at, base::Time now);
  void Pause(Priority priority, base::Time until);

  const base::Time since_;
  const bool has_spot_;
  const size_t steps_given_;

  State state_ = State::kResting;
  base::Time not_before_{};  // later than now only in kPaused
  std::array<std::optional<Priority>, 2> requests_;
  Kind kind_;
  int unknown_to_emr_ = 0;  // answers in a row that count
  std::optional<ListedEnd> listed_end_;
  std::optional<EndHint> end_hint_;
  base::Time told_at_;

  std::optional<std::optional<base::Time>> step_due_;
  // The first list of steps after the end that was not whole.
  std::optional<base::Time> steps_old_since_;

  base::Time nodes_at_{};
  bool nodes_missing_ = false;
  bool loss_hinted_ = false;
  bool nodes_reported_ = false;                  // by at least one event
  std::array<base::Time, 2> nodes_hinted_at_{};  // by role
};

using Watches = std::map<model::ClusterId, Watch>;

// Only its end is to be learned: its verdict is given, or it is being killed.
inline bool AwaitsItsEnd(const model::ClusterRow& cluster) {
  return cluster.judged || cluster.terminate_requested_at;
}

inline bool InService(model::ClusterPhase phase) {
  return phase == model::ClusterPhase::kRunning || phase == model::ClusterPhase::kWaiting;
}

}  // namespace driver
