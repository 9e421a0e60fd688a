#include "driver/hints.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "emr/name.h"

namespace driver {

namespace {

using model::ClusterPhase;

// Events of a cluster may overtake the reply that tells its id.
constexpr base::Duration kHoldFor = base::minutes(2);
constexpr size_t kHeldMost = 256;

std::string_view TypeOf(const wire::EventDetail& detail) {
  struct Visitor {
    std::string_view operator()(const wire::ClusterStateChange&) { return "cluster"; }
    std::string_view operator()(const wire::StepStatusChange&) { return "step"; }
    std::string_view operator()(const wire::CapacityChange& change) {
      return change.kind == wire::CapacityKind::kFleet ? "fleet" : "group";
    }
    std::string_view operator()(const wire::ProvisioningTrouble&) { return "provisioning"; }
    std::string_view operator()(const wire::ScalingPolicyChange&) { return "scaling"; }
    std::string_view operator()(const wire::ConfigurationError&) { return "configuration"; }
    std::string_view operator()(const wire::SpotInterruption&) { return "spot"; }
    std::string_view operator()(const wire::NotOurs&) { return "other"; }
  };
  return std::visit(Visitor(), detail);
}

// "" where it names none.
model::ClusterId ClusterOf(const wire::EventDetail& detail) {
  return std::visit(
      [](const auto& change) {
        if constexpr (requires { change.cluster_id; })
          return model::ClusterId(change.cluster_id);
        else
          return model::ClusterId();
      },
      detail);
}

// Nothing for task nodes, which do not matter.
std::optional<Watch::Role> RoleOf(const wire::CapacityChange& change) {
  if (change.role == "MASTER")
    return Watch::Role::kMaster;
  if (change.role == "CORE")
    return Watch::Role::kCore;
  return std::nullopt;
}

}  // namespace

std::string_view ToString(HintSource source) {
  switch (source) {
    case HintSource::kWebhook:
      return "webhook";
    case HintSource::kQueue:
      return "sqs";
    case HintSource::kTable:
      return "dynamodb";
  }
  return "";
}

std::string_view ToString(HintOutcome outcome) {
  switch (outcome) {
    case HintOutcome::kNews:
      return "news";
    case HintOutcome::kKnown:
      return "known";
    case HintOutcome::kHeld:
      return "held";
    case HintOutcome::kNoCluster:
      return "no_cluster";
    case HintOutcome::kForeign:
      return "foreign";
    case HintOutcome::kUnused:
      return "unused";
    case HintOutcome::kMalformed:
      return "malformed";
  }
  return "";
}

HintOutcome Hints::Count(HintSource source, std::string_view type, HintOutcome outcome) {
  ++counts_[{source, type, outcome}];
  if (outcome == HintOutcome::kNews)
    pace_.OnEvent(context_.Now());
  if (outcome == HintOutcome::kMalformed) {
    ++unread_[source];
  } else {
    last_at_[source] = context_.Now();
    unread_[source] = 0;
  }
  return outcome;
}

std::optional<base::Time> Hints::last_at(HintSource source) const {
  const auto found = last_at_.find(source);
  return found == last_at_.end() ? std::nullopt : std::optional(found->second);
}

std::string Hints::WebhookTrouble() const {
  constexpr int kMany = 5;
  const auto found = unread_.find(HintSource::kWebhook);
  if (found == unread_.end() || found->second < kMany)
    return "";
  return base::Cat(
      "the last ",
      found->second,
      " posts to the webhook were no events of EventBridge: check the rule's target and "
      "its input transformer");
}

void Hints::LearnAccount(const std::string& account) {
  if (account_.empty())
    account_ = account;
}

HintOutcome Hints::Take(HintSource source, std::string_view text) {
  base::Result<wire::EmrEvent> event = wire::ParseEmrEvent(text);
  if (!event) {
    base::LogWarning("event_malformed",
                     {{"source", ToString(source)}, {"message", event.error().message}});
    return Count(source, "other", HintOutcome::kMalformed);
  }
  return Count(source, TypeOf(event->detail), Judge(source, *event));
}

HintOutcome Hints::Judge(HintSource source, const wire::EmrEvent& event) {
  if (std::holds_alternative<wire::NotOurs>(event.detail))
    return HintOutcome::kUnused;
  const model::Identity& identity = context_.state().identity;
  if (!wire::WhyForeign(event, {account_, context_.options.emr.region, identity.deployment})
           .empty())
    return HintOutcome::kForeign;
  const HintOutcome outcome = OnEvent(event);
  const auto* change = std::get_if<wire::ClusterStateChange>(&event.detail);
  if (outcome != HintOutcome::kNoCluster || change == nullptr)
    return outcome;
  // It may have overtaken the reply that tells us of the cluster.
  auto name = emr::ParseClusterName(change->name);
  if (!name || !emr::IsOurs(*name, identity.deployment, identity.incarnation) ||
      !context_.emr().launches.contains(name->token) || held_.size() >= kHeldMost)
    return outcome;
  held_.push_back({context_.Now(), source, model::ClusterId(change->cluster_id), event});
  return HintOutcome::kHeld;
}

void Hints::OnStateChanged() {
  if (held_.empty())
    return;
  std::deque<Held> held = std::move(held_);
  held_.clear();
  for (Held& each : held) {
    if (context_.emr().clusters.contains(each.cluster))
      Count(each.source, "cluster", OnEvent(each.event));
    else if (context_.Now() < each.since + kHoldFor)
      held_.push_back(std::move(each));
  }
}

HintOutcome Hints::OnEvent(const wire::EmrEvent& event) {
  if (std::holds_alternative<wire::SpotInterruption>(event.detail)) {
    spot_warned_at_ = context_.Now();
    return HintOutcome::kNews;
  }
  const model::ClusterId id = ClusterOf(event.detail);
  const auto row = context_.emr().clusters.find(id);
  const auto watch = watches_.find(id);
  if (row == context_.emr().clusters.end() || watch == watches_.end())
    return HintOutcome::kNoCluster;
  if (const auto* change = std::get_if<wire::ClusterStateChange>(&event.detail))
    return OnCluster(row->second, watch->second, *change, event.time);
  if (const auto* change = std::get_if<wire::CapacityChange>(&event.detail))
    return OnCapacity(row->second, watch->second, *change, event.time);
  if (const auto* change = std::get_if<wire::StepStatusChange>(&event.detail))
    return OnStep(row->second, watch->second, *change);
  if (std::holds_alternative<wire::ScalingPolicyChange>(event.detail))
    return HintOutcome::kUnused;
  // Trouble: nodes where it serves, else the whole cluster.
  if (InService(row->second.phase))
    watch->second.OnHintOfLoss();
  else
    watch->second.Request(Watch::Look::kWhole, Priority::kInspect);
  return HintOutcome::kNews;
}

HintOutcome Hints::OnCluster(const model::ClusterRow& row,
                             Watch& watch,
                             const wire::ClusterStateChange& change,
                             base::Time at) {
  const auto phase = model::ParseClusterPhase(change.state);
  if (!phase)
    return HintOutcome::kUnused;
  at = std::min(at, context_.Now());
  const bool is_later = Rank(*phase) > Rank(row.phase) ||
                        (Rank(*phase) == Rank(row.phase) && *phase != row.phase &&
                         at + base::seconds(1) > row.phase_seen_at);  // it has whole seconds
  if (IsTerminal(row.phase) || !is_later)
    return HintOutcome::kKnown;
  if (IsTerminal(*phase))
    return watch.OnHintOfEnd(context_.Now()) ? HintOutcome::kNews : HintOutcome::kKnown;
  if (*phase == ClusterPhase::kWaiting && !row.judged)
    watch.Request(Watch::Look::kWhole, Priority::kInspect);
  else if (*phase == ClusterPhase::kRunning && row.steps.empty())
    watch.Request(Watch::Look::kSteps, Priority::kPoll);
  model::ClusterStatus status;
  status.phase = *phase;
  status.reason_code = change.reason_code;
  status.reason_message = change.reason_message;
  context_.post(model::ClusterSeen{row.id, at, std::move(status), {}, {}});
  return HintOutcome::kNews;
}

// Its steps are for people to see, until an end or a wait calls for a verdict.
HintOutcome Hints::OnStep(const model::ClusterRow& row,
                          Watch& watch,
                          const wire::StepStatusChange& change) {
  const auto known = std::find_if(row.steps.begin(), row.steps.end(), [&](const auto& step) {
    return step.id == change.step_id;
  });
  if (row.judged || (known != row.steps.end() && ToString(known->state) == change.state))
    return HintOutcome::kKnown;
  // The beginning of one is the end of the one before it.
  const bool begins = known == row.steps.end() ||
                      (known->state == model::StepState::kPending && change.state == "RUNNING");
  if (InService(row.phase) && begins)
    watch.Request(Watch::Look::kSteps, Priority::kPoll);
  return HintOutcome::kNews;
}

HintOutcome Hints::OnCapacity(const model::ClusterRow& row,
                              Watch& watch,
                              const wire::CapacityChange& change,
                              base::Time at) {
  const std::optional<Watch::Role> role = RoleOf(change);
  if (!role)
    return HintOutcome::kKnown;
  watch.OnNodesReported();
  if (!InService(row.phase) || AwaitsItsEnd(row) || !watch.OnHintOfNodes(*role, at))
    return HintOutcome::kKnown;
  // A cluster that ends gives its nodes back.
  const bool ends = change.state == "TERMINATING" || change.state == "TERMINATED";
  if (!ends && change.target.value_or(0) > 0 && change.running == 0)
    watch.OnHintOfLoss();
  return HintOutcome::kNews;
}

HintOutcome Hints::Take(const wire::StateItem& item) {
  const auto row = context_.emr().clusters.find(model::ClusterId(item.cluster_id));
  const auto watch = watches_.find(model::ClusterId(item.cluster_id));
  auto count = [&](std::string_view type, HintOutcome outcome) {
    return Count(HintSource::kTable, type, outcome);
  };
  const bool known = row != context_.emr().clusters.end() && watch != watches_.end();
  const bool expired = item.expires && *item.expires <= context_.Now();
  switch (item.kind) {
    case wire::ItemKind::kCluster: {
      if (!known)
        return count("cluster", HintOutcome::kNoCluster);
      if (expired)
        return count("cluster", HintOutcome::kKnown);
      watch->second.OnItem(context_.Now());
      return count(
          "cluster",
          OnCluster(row->second,
                    watch->second,
                    {item.cluster_id, item.name, item.state, item.reason_code, item.message},
                    item.event_time));
    }
    case wire::ItemKind::kFleet:
    case wire::ItemKind::kGroup: {
      const std::string_view type = item.kind == wire::ItemKind::kFleet ? "fleet" : "group";
      if (!known)
        return count(type, HintOutcome::kNoCluster);
      // A look at the nodes since has more to say than the item.
      if (expired || item.event_time <= watch->second.nodes_at())
        return count(type, HintOutcome::kKnown);
      wire::CapacityChange change;
      change.role = item.role;
      change.state = item.state;
      change.target = item.target;
      change.running = item.running;
      return count(type, OnCapacity(row->second, watch->second, change, item.event_time));
    }
    case wire::ItemKind::kStep:
      return count("step", HintOutcome::kUnused);
  }
  return HintOutcome::kUnused;
}

}  // namespace driver
