#include "driver/watcher.h"

#include <algorithm>
#include <utility>

#include "emr/health.h"
#include "emr/name.h"
#include "engine/deadlines.h"

namespace driver {

namespace {

using model::ClusterPhase;

constexpr base::Duration kClockMargin = base::minutes(10);
// A cluster that EMR does not know is asked for this often, this far apart, before it counts as
// lost.
constexpr int kConfirmations = 3;
constexpr base::Duration kConfirmationGap = base::minutes(1);

bool InService(ClusterPhase phase) {
  return phase == ClusterPhase::kRunning || phase == ClusterPhase::kWaiting;
}

// Nothing more is to be learnt of it.
bool IsDone(const model::ClusterRow& cluster) {
  return IsTerminal(cluster.phase) && cluster.judged;
}

constexpr std::string_view kListFleets = "ListInstanceFleets";
constexpr std::string_view kListGroups = "ListInstanceGroups";

Quota Half(const Quota& quota) {
  return {std::max(1.0, quota.burst / 2), quota.per_second / 2};
}

}  // namespace

Watcher::Watcher(Context& context, Reaper& reaper)
    : context_(context),
      reaper_(reaper),
      fleet_audit_(Half(context.caller.budget().QuotaOf(kListFleets))),
      group_audit_(Half(context.caller.budget().QuotaOf(kListGroups))) {}

void Watcher::Plan() {
  base::Time now = context_.Now();
  if (!changed_ && (!wake_ || now < *wake_))
    return;
  changed_ = false;
  Refresh();
  wake_ = std::nullopt;
  const base::Time due = watches_.empty() ? std::max(next_sweep_, reaper_.due()) : next_sweep_;
  if (!sweep_ && now >= due)
    StartSweep();
  if (!sweep_)
    Earlier(wake_, due);
  PlanLooks();
}

// Both maps are in the order of ids: one walk over both.
void Watcher::Refresh() {
  auto watch = watches_.begin();
  auto drop_until = [&](const model::ClusterId* id) {
    while (watch != watches_.end() && (id == nullptr || watch->first < *id))
      watch = watch->second.looking ? std::next(watch) : watches_.erase(watch);
  };
  for (const auto& [id, cluster] : context_.state().clusters) {
    drop_until(&id);
    const bool known = watch != watches_.end() && watch->first == id;
    if (!IsDone(cluster))
      watch = std::next(known ? watch : watches_.try_emplace(watch, id));
    else if (known)
      watch = watch->second.looking ? std::next(watch) : watches_.erase(watch);
  }
  drop_until(nullptr);
}

void Watcher::StartSweep() {
  base::Time now = context_.Now();
  base::Time oldest = now;
  for (const auto& [id, cluster] : context_.state().clusters) {
    if (!IsTerminal(cluster.phase))
      oldest = std::min(oldest, cluster.created_at.value_or(cluster.phase_seen_at));
  }
  sweep_ = Sweep{now, {}, {}, {}};
  if (now >= reaper_.due()) {
    sweep_->pass = Reaper::Pass{now, {}};
    oldest = std::min(oldest, reaper_.Since());
  }
  next_sweep_ = now + context_.options.poll_interval;
  RequestPage("", oldest - kClockMargin);
}

void Watcher::RequestPage(std::string marker, base::Time created_after) {
  json::object request{
      {"ClusterStates",
       json::array{"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"}},
      {"CreatedAfter", base::ToEpochSeconds(created_after)}};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.Request(
      Priority::kPoll,
      "ListClusters",
      std::move(request),
      [this, created_after](const Reply& reply) { OnPage(reply, created_after); });
}

void Watcher::OnPage(const Reply& reply, base::Time created_after) {
  changed_ = true;
  if (!reply.body) {
    sweep_.reset();
    return;
  }
  emr::PageOf<emr::ClusterSummary> page = emr::ReadListClusters(*reply.body);
  for (const emr::ClusterSummary& cluster : page.items)
    OnSummary(cluster, reply.sent_at);
  if (page.marker.empty())
    FinishSweep();
  else
    RequestPage(page.marker, created_after);
}

void Watcher::OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at) {
  const auto& rows = context_.state().clusters;
  auto row = rows.find(cluster.id);
  if (sweep_->pass)
    reaper_.See(*sweep_->pass, cluster);
  if (row == rows.end()) {
    const model::Identity& identity = context_.state().identity;
    auto name = emr::ParseClusterName(cluster.name);
    if (name && emr::IsOurs(*name, identity.deployment, identity.incarnation))
      sweep_->found.push_back({name->token,
                               cluster.id,
                               cluster.name,
                               cluster.status
                                   ? cluster.status->created_at.value_or(sweep_->began_at)
                                   : sweep_->began_at});
    return;
  }
  sweep_->seen.insert(cluster.id);
  if (!cluster.status)
    return;
  auto watch = watches_.find(cluster.id);
  if (watch != watches_.end()) {
    ClusterPhase phase = cluster.status->phase;
    // Steps matter when it begins to work, when it waits, and when it has ended.
    if (phase == ClusterPhase::kWaiting && !row->second.judged && !watch->second.looking)
      Want(watch->second, Priority::kInspect);
    else if (InService(phase) && phase != row->second.phase && !row->second.judged)
      Want(watch->second, Priority::kPoll);
  }
  context_.post(model::ClusterSeen{cluster.id, sent_at, cluster.status, {}, {}});
}

void Watcher::FinishSweep() {
  for (auto& [id, watch] : watches_) {
    auto row = context_.state().clusters.find(id);
    if (row != context_.state().clusters.end() && !sweep_->seen.contains(id) &&
        row->second.phase_seen_at < sweep_->began_at)
      Want(watch, Priority::kInspect);
  }
  if (!sweep_->found.empty())
    context_.post(model::LaunchesLookedUp{{}, std::move(sweep_->found), sweep_->began_at});
  if (sweep_->pass)
    reaper_.Finish(std::move(*sweep_->pass));
  sweep_.reset();
}

bool Watcher::IsSuspect(const model::ClusterRow& cluster) const {
  // What is confirmed is no longer suspected.
  return cluster.health == model::ClusterHealth::kOk &&
         (cluster.zero_seen_at ||
          emr::SpeaksOfInstanceFailure(cluster.reason_code, cluster.reason_message) ||
          std::any_of(cluster.steps.begin(), cluster.steps.end(), [](const model::StepView& step) {
            return step.overdue && !IsTerminal(step.state);
          }));
}

base::Time Watcher::NodesDueAt(const model::ClusterRow& cluster, const Watch& watch) const {
  const Options& options = context_.options;
  const bool is_suspect = IsSuspect(cluster);
  base::Time due = *cluster.in_service_since + options.engine.fleet_grace;
  if (watch.nodes_at != base::Time{})
    due = std::max(
        due, watch.nodes_at + (is_suspect ? options.engine.fleet_confirm : options.fleet_interval));
  if (is_suspect && cluster.zero_seen_at)  // confirmed or dropped without delay
    due = std::min(due, *cluster.zero_seen_at + options.engine.fleet_confirm);
  return due;
}

void Watcher::PlanLooks() {
  base::Time now = context_.Now();
  std::vector<Due> audit;
  auto row = context_.state().clusters.begin();
  const auto end = context_.state().clusters.end();
  for (auto& [id, watch] : watches_) {
    while (row != end && row->first < id)
      ++row;
    if (row == end)
      break;
    if (row->first != id || watch.looking)
      continue;
    const model::ClusterRow& cluster = row->second;
    // Of a judged cluster only its end is to be learnt.
    const bool serves = InService(cluster.phase) && cluster.in_service_since && !cluster.judged;
    if (IsTerminal(cluster.phase) && !cluster.judged)
      Want(watch, Priority::kInspect);
    WantStepsWhereOverdue(cluster, watch);
    const bool whole = watch.wanted.has_value();
    if (!whole && !serves)
      continue;
    const base::Time due = std::max(watch.not_before, whole ? now : NodesDueAt(cluster, watch));
    if (now < due)
      Earlier(wake_, due);
    else if (whole)
      StartLook(id, watch, *watch.wanted);
    else if (IsSuspect(cluster))
      StartNodesLook(id, watch, false);
    else
      audit.emplace_back(&id, &watch);
  }
  PlanAudit(std::move(audit));
}

// The engine judges a step by a look that is as late as its deadline.
void Watcher::WantStepsWhereOverdue(const model::ClusterRow& cluster, Watch& watch) {
  if (cluster.phase != ClusterPhase::kRunning || cluster.steps.empty())
    return;
  if (!watch.step_due_known) {  // it follows from the steps, which only a look changes
    watch.step_due = engine::NextStepDeadline(context_.state(), context_.options.engine, cluster);
    watch.step_due_known = true;
  }
  if (watch.step_due && context_.Now() >= *watch.step_due)
    Want(watch, Priority::kInspect);
  else if (watch.step_due)
    Earlier(wake_, *watch.step_due);
}

void Watcher::PlanAudit(std::vector<Due> due) {
  base::Time now = context_.Now();
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return a.second->nodes_at < b.second->nodes_at;
  });
  for (const auto& [id, watch] : due) {
    TokenBucket& bucket = watch->has_groups ? group_audit_ : fleet_audit_;
    if (bucket.TokensAt(now) >= 1) {
      bucket.Take(now);
      StartNodesLook(*id, *watch, true);
    } else {
      Earlier(wake_, bucket.ReadyAt(now, 1));
    }
  }
}

void Watcher::Want(Watch& watch, Priority priority) {
  watch.wanted = std::min(watch.wanted.value_or(priority), priority);
}

void Watcher::StartLook(const model::ClusterId& id, Watch& watch, Priority priority) {
  watch.looking = true;
  watch.wanted = std::nullopt;
  context_.caller.Request(
      priority,
      "DescribeCluster",
      {{"ClusterId", id.str()}},
      [this, id, priority](const Reply& reply) { OnDescribed(id, priority, reply); });
}

void Watcher::StartNodesLook(const model::ClusterId& id, Watch& watch, bool is_audit) {
  watch.looking = true;
  Look look;
  look.seen.cluster = id;
  look.seen.source_at = context_.Now();
  look.priority = is_audit ? Priority::kPoll : Priority::kInspect;
  look.is_audit = is_audit;
  RequestNodes(std::move(look));
}

void Watcher::OnDescribed(const model::ClusterId& id, Priority priority, const Reply& reply) {
  Watch& watch = watches_[id];
  if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
    OnUnknownToEmr(id, reply.sent_at);
    return;
  }
  if (!reply.body) {
    Retry(id, priority, context_.options.throttle_pause);
    return;
  }
  watch.unknown_to_emr = 0;
  const json::value* collection = base::Find(*reply.body, "Cluster.InstanceCollectionType");
  watch.has_groups = collection != nullptr && *collection == "INSTANCE_GROUP";
  Look look;
  look.seen.cluster = id;
  look.seen.source_at = reply.sent_at;
  look.seen.status = emr::ReadDescribeCluster(*reply.body).status;
  if (!look.seen.status) {
    Retry(id, priority, context_.options.trouble_pause);
    return;
  }
  ClusterPhase phase = look.seen.status->phase;
  // Whoever waits or has ended is due for its verdict; its nodes matter to it where it waits.
  look.priority = phase == ClusterPhase::kRunning ? priority : Priority::kInspect;
  look.wants_nodes =
      phase == ClusterPhase::kWaiting || (phase == ClusterPhase::kRunning && watch.nodes_missing);
  if (IsTerminal(phase) && !watch.ended_seen_at)
    watch.ended_seen_at = context_.Now();
  if (InService(phase) || IsTerminal(phase))
    RequestSteps(std::move(look), "");
  else
    FinishLook(std::move(look));
}

void Watcher::RequestSteps(Look look, std::string marker) {
  json::object request{{"ClusterId", look.seen.cluster.str()}};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.Request(
      look.priority, "ListSteps", std::move(request), [this, look](const Reply& reply) mutable {
        if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
          // EMR describes the cluster and has forgotten its steps: none is the whole answer.
          look.seen.steps.emplace();
          FinishLook(std::move(look));
          return;
        }
        if (!reply.body) {
          Retry(look.seen.cluster, look.priority, context_.options.throttle_pause);
          return;
        }
        emr::PageOf<model::StepView> page = emr::ReadListSteps(*reply.body);
        std::vector<model::StepView> steps = std::move(page.items);
        // Pages go from the newest steps to the oldest.
        if (look.seen.steps)
          steps.insert(steps.end(), look.seen.steps->begin(), look.seen.steps->end());
        look.seen.steps = std::move(steps);
        if (!page.marker.empty())
          RequestSteps(std::move(look), page.marker);
        else if (StepsAreOld(look))
          Retry(look.seen.cluster, look.priority, context_.options.trouble_pause);
        else if (look.wants_nodes)
          RequestNodes(std::move(look));
        else
          FinishLook(std::move(look));
      });
}

// Nothing runs on a cluster that has ended: such a list is from before its end, and the verdict on
// it would be wrong. Believed once EMR has said so for as long as its lists may lag.
bool Watcher::StepsAreOld(const Look& look) {
  const Watch& watch = watches_[look.seen.cluster];
  const auto row = context_.state().clusters.find(look.seen.cluster);
  if (!IsTerminal(look.seen.status->phase) || row == context_.state().clusters.end() ||
      row->second.judged ||
      context_.Now() >= *watch.ended_seen_at + context_.options.engine.list_lag_max)
    return false;
  return std::any_of(look.seen.steps->begin(), look.seen.steps->end(), [](const auto& step) {
    return !IsTerminal(step.state);
  });
}

void Watcher::RequestNodes(Look look) {
  const bool has_groups = watches_[look.seen.cluster].has_groups;
  json::object request{{"ClusterId", look.seen.cluster.str()}};
  context_.caller.Request(look.priority,
                          std::string(has_groups ? kListGroups : kListFleets),
                          std::move(request),
                          [this, look, has_groups](const Reply& reply) mutable {
                            OnNodes(std::move(look), has_groups, reply);
                          });
}

void Watcher::OnNodes(Look look, bool has_groups, const Reply& reply) {
  if (look.is_audit)
    (has_groups ? group_audit_ : fleet_audit_).End(context_.Now());
  if (!reply.body) {
    // A whole look, for it also tells which of the two the cluster has.
    Retry(look.seen.cluster, look.priority, context_.options.throttle_pause);
    return;
  }
  look.seen.fleets = has_groups ? emr::ReadListInstanceGroups(*reply.body).items
                                : emr::ReadListInstanceFleets(*reply.body).items;
  Watch& watch = watches_[look.seen.cluster];
  watch.nodes_at = context_.Now();
  watch.nodes_missing = emr::LookAtFleets(*look.seen.fleets) != model::ClusterHealth::kOk;
  // A cluster that ends loses its nodes too: EMR's word on it is needed.
  if (watch.nodes_missing && !look.seen.status)
    StartLook(look.seen.cluster, watch, Priority::kInspect);
  else
    FinishLook(std::move(look));
}

void Watcher::FinishLook(Look look) {
  Watch& watch = watches_[look.seen.cluster];
  watch.looking = false;
  watch.step_due_known = false;
  changed_ = true;
  context_.post(std::move(look.seen));
}

void Watcher::Retry(const model::ClusterId& id, Priority priority, base::Duration pause) {
  Watch& watch = watches_[id];
  watch.looking = false;
  Want(watch, priority);
  watch.not_before = context_.Now() + pause;
  changed_ = true;
}

void Watcher::OnUnknownToEmr(const model::ClusterId& id, base::Time source_at) {
  if (++watches_[id].unknown_to_emr < kConfirmations) {
    Retry(id, Priority::kInspect, kConfirmationGap);
    return;
  }
  watches_[id].looking = false;
  changed_ = true;
  context_.post(model::ClusterGone{id, source_at});
}

}  // namespace driver
