#include "driver/watch.h"

#include <algorithm>

#include "base/check.h"
#include "emr/health.h"

namespace driver {

namespace {

// A cluster that EMR does not know is asked for this often before it counts as lost.
constexpr int kConfirmations = 3;

// How often, and how far apart, EMR is asked whether a cluster has ended as a hint says.
constexpr int kEndLooks = 4;
constexpr base::Duration kEndPause = base::seconds(5);

}  // namespace

Watch::Watch(base::Time now, const Launched& launched)
    : since_(now),
      has_spot_(launched.has_spot),
      steps_given_(launched.steps_given),
      kind_(launched.kind),
      told_at_(now) {}

void Watch::Request(Look look, Priority priority) {
  std::optional<Priority>& request = requests_[static_cast<size_t>(look)];
  request = std::min(request.value_or(priority), priority);
}

std::optional<Priority> Watch::Requested(Look look) const {
  return requests_[static_cast<size_t>(look)];
}

void Watch::Begin(State state) {
  CHECK(state_ == State::kResting || state == State::kWhole);
  state_ = state;
}

std::optional<Watch::ListedEnd> Watch::BeginWhole(AlsoSteps also_steps) {
  CHECK(!IsLooking() || state_ == State::kNodes);
  Begin(State::kWhole);
  Forget(Look::kWhole);
  if (also_steps == AlsoSteps::kYes)
    Forget(Look::kSteps);
  return std::exchange(listed_end_, std::nullopt);
}

void Watch::BeginSteps() {
  Begin(State::kSteps);
  Forget(Look::kSteps);
}

void Watch::BeginNodes() {
  Begin(State::kNodes);
}

void Watch::OnDescribed(Kind kind) {
  unknown_to_emr_ = 0;
  kind_ = kind;
}

void Watch::OnNodes(const std::vector<model::FleetView>& nodes, base::Time now) {
  nodes_at_ = now;
  loss_hinted_ = false;
  nodes_missing_ = emr::LookAtFleets(nodes) != model::ClusterHealth::kOk;
}

// Reads may not know a new cluster for as long as lists may lag.
bool Watch::OnUnknownToEmr(base::Time source_at, base::Duration list_lag_max) {
  return source_at >= since_ + list_lag_max && ++unknown_to_emr_ >= kConfirmations;
}

// Nothing runs on a cluster that has ended, and it has all the steps that it was given: any other
// list is from before its end, and the verdict on it would be wrong. It is believed once EMR has
// answered so for as long as its lists may lag: from the first such answer on, because no answer at
// all says nothing.
bool Watch::AreStepsOld(const std::vector<model::StepView>& steps,
                        base::Time now,
                        base::Duration list_lag_max) {
  const bool is_whole = steps.size() >= std::max<size_t>(1, steps_given_) &&
                        std::all_of(steps.begin(), steps.end(), [](const auto& step) {
                          return IsTerminal(step.state);
                        });
  if (is_whole)
    return false;
  if (!steps_old_since_)
    steps_old_since_ = now;
  return now < *steps_old_since_ + list_lag_max;
}

void Watch::OnLook(const model::ClusterSeen& seen, base::Time now) {
  CHECK(IsLooking());
  state_ = State::kResting;
  step_due_ = std::nullopt;
  told_at_ = now;
  if (end_hint_ && seen.status && !IsTerminal(seen.status->phase))
    ConfirmEnd(seen.source_at, now);
}

// EMR's own word lags behind its event, or the hint was wrong.
void Watch::ConfirmEnd(base::Time source_at, base::Time now) {
  if (source_at < end_hint_->at)
    Request(Look::kWhole, Priority::kInspect);
  else if (++end_hint_->looks < kEndLooks)
    Pause(Priority::kInspect, now + kEndPause);
  else
    end_hint_ = std::nullopt;
}

void Watch::OnLookFailed(Priority priority, base::Time again_at) {
  CHECK(IsLooking());
  Pause(priority, again_at);
}

void Watch::Pause(Priority priority, base::Time until) {
  state_ = State::kPaused;
  not_before_ = until;
  Request(Look::kWhole, priority);
}

void Watch::OnListedEnd(const model::ClusterStatus& status, base::Time source_at) {
  listed_end_ = ListedEnd{status, source_at};
}

bool Watch::OnHintOfEnd(base::Time now) {
  if (end_hint_)
    return false;
  end_hint_ = EndHint{now};
  Request(Look::kWhole, Priority::kInspect);
  return true;
}

bool Watch::OnHintOfNodes(Role role, base::Time at) {
  base::Time& known_at = nodes_hinted_at_[static_cast<size_t>(role)];
  if (at <= known_at)
    return false;
  known_at = at;
  return true;
}

bool Watch::IsSuspect(const model::ClusterRow& cluster) const {
  // What is confirmed is no longer suspected.
  return cluster.health == model::ClusterHealth::kOk &&
         (cluster.zero_seen_at || loss_hinted_ ||
          emr::SpeaksOfInstanceFailure(cluster.reason_code, cluster.reason_message) ||
          std::any_of(cluster.steps.begin(), cluster.steps.end(), [](const model::StepView& step) {
            return step.overdue && !IsTerminal(step.state);
          }));
}

emr::NodeRisk Watch::Risk(bool events_come, bool losses_of_late) const {
  return {.has_spot = has_spot_,
          .is_told = events_come && nodes_reported_,
          .losses_of_late = losses_of_late,
          .is_first = nodes_at_ == base::Time{}};
}

}  // namespace driver
