#include "driver/watcher.h"

#include <algorithm>
#include <utility>

#include "emr/health.h"
#include "emr/name.h"

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

}  // namespace

void Watcher::Plan() {
  base::Time now = context_.Now();
  if (!changed_ && (!wake_ || now < *wake_))
    return;
  changed_ = false;
  const auto& clusters = context_.state().clusters;
  std::erase_if(watches_, [&](const auto& item) {
    auto row = clusters.find(item.first);
    return !item.second.looking && (row == clusters.end() || IsDone(row->second));
  });
  for (const auto& [id, cluster] : clusters) {
    if (!IsDone(cluster))
      watches_.try_emplace(id);
  }
  wake_ = std::nullopt;
  if (watches_.empty())
    return;
  if (!sweep_ && now >= next_sweep_)
    StartSweep();
  if (!sweep_)
    Earlier(wake_, next_sweep_);
  PlanLooks();
}

void Watcher::StartSweep() {
  base::Time now = context_.Now();
  base::Time oldest = now;
  for (const auto& [id, cluster] : context_.state().clusters) {
    if (!IsTerminal(cluster.phase))
      oldest = std::min(oldest, cluster.created_at.value_or(cluster.phase_seen_at));
  }
  sweep_ = Sweep{now, {}, {}};
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
    OnSummary(cluster);
  if (page.marker.empty())
    FinishSweep();
  else
    RequestPage(page.marker, created_after);
}

void Watcher::OnSummary(const emr::ClusterSummary& cluster) {
  const auto& rows = context_.state().clusters;
  auto row = rows.find(cluster.id);
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
    if (phase == ClusterPhase::kWaiting || (InService(phase) && phase != row->second.phase))
      watch->second.wanted = true;
  }
  context_.post(model::ClusterSeen{cluster.id, sweep_->began_at, cluster.status, {}, {}});
}

void Watcher::FinishSweep() {
  for (auto& [id, watch] : watches_) {
    auto row = context_.state().clusters.find(id);
    if (row != context_.state().clusters.end() && !sweep_->seen.contains(id) &&
        row->second.phase_seen_at < sweep_->began_at)
      watch.wanted = true;
  }
  if (!sweep_->found.empty())
    context_.post(model::LaunchesLookedUp{{}, std::move(sweep_->found), sweep_->began_at});
  sweep_.reset();
}

base::Time Watcher::FleetsDueAt(const model::ClusterRow& cluster, const Watch& watch) const {
  base::Time due = *cluster.in_service_since + context_.options.engine.fleet_grace;
  if (watch.fleets_at != base::Time{})
    due = std::max(due, watch.fleets_at + context_.options.fleet_interval);
  bool suspected = cluster.zero_seen_at && cluster.health == model::ClusterHealth::kOk;
  if (suspected)  // is confirmed or dropped without delay
    due = std::min(due, *cluster.zero_seen_at + context_.options.engine.fleet_confirm);
  return due;
}

bool Watcher::FleetsDue(const model::ClusterRow& cluster, const Watch& watch) const {
  return !watch.has_groups && InService(cluster.phase) && cluster.in_service_since &&
         context_.Now() >= FleetsDueAt(cluster, watch);
}

void Watcher::PlanLooks() {
  base::Time now = context_.Now();
  for (auto& [id, watch] : watches_) {
    auto row = context_.state().clusters.find(id);
    if (row == context_.state().clusters.end() || watch.looking)
      continue;
    const model::ClusterRow& cluster = row->second;
    bool unjudged_end = IsTerminal(cluster.phase) && !cluster.judged;
    bool whole = watch.wanted || unjudged_end;
    bool due = whole || FleetsDue(cluster, watch);
    if (due && now < watch.not_before)
      Earlier(wake_, watch.not_before);
    else if (whole)
      StartLook(id, watch);
    else if (due)
      StartFleetLook(id, watch);
    else if (!watch.has_groups && InService(cluster.phase) && cluster.in_service_since)
      Earlier(wake_, FleetsDueAt(cluster, watch));
  }
}

void Watcher::StartLook(const model::ClusterId& id, Watch& watch) {
  watch.looking = true;
  watch.wanted = false;
  context_.caller.Request(Priority::kInspect,
                          "DescribeCluster",
                          {{"ClusterId", id.str()}},
                          [this, id](const Reply& reply) { OnDescribed(id, reply); });
}

void Watcher::StartFleetLook(const model::ClusterId& id, Watch& watch) {
  watch.looking = true;
  Look look;
  look.seen.cluster = id;
  look.seen.source_at = context_.Now();
  RequestFleets(std::move(look));
}

void Watcher::OnDescribed(const model::ClusterId& id, const Reply& reply) {
  Watch& watch = watches_[id];
  if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
    OnUnknownToEmr(id, reply.sent_at);
    return;
  }
  if (!reply.body) {
    Retry(id, context_.options.throttle_pause);
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
    Retry(id, context_.options.trouble_pause);
    return;
  }
  ClusterPhase phase = look.seen.status->phase;
  look.wants_fleets = InService(phase);
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
      Priority::kInspect,
      "ListSteps",
      std::move(request),
      [this, look](const Reply& reply) mutable {
        if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
          // EMR describes the cluster and has forgotten its steps: none is the whole answer.
          look.seen.steps.emplace();
          FinishLook(std::move(look));
          return;
        }
        if (!reply.body) {
          Retry(look.seen.cluster, context_.options.throttle_pause);
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
        else if (look.wants_fleets && !watches_[look.seen.cluster].has_groups)
          RequestFleets(std::move(look));
        else
          FinishLook(std::move(look));
      });
}

void Watcher::RequestFleets(Look look) {
  json::object request{{"ClusterId", look.seen.cluster.str()}};
  context_.caller.Request(
      Priority::kInspect,
      "ListInstanceFleets",
      std::move(request),
      [this, look](const Reply& reply) mutable {
        if (!reply.body) {
          Retry(look.seen.cluster, context_.options.throttle_pause);
          return;
        }
        look.seen.fleets = emr::ReadListInstanceFleets(*reply.body).items;
        Watch& watch = watches_[look.seen.cluster];
        watch.fleets_at = context_.Now();
        // A cluster that ends loses its nodes too: EMR's word on it is needed.
        if (!look.seen.status && emr::LookAtFleets(*look.seen.fleets) != model::ClusterHealth::kOk)
          StartLook(look.seen.cluster, watch);
        else
          FinishLook(std::move(look));
      });
}

void Watcher::FinishLook(Look look) {
  Watch& watch = watches_[look.seen.cluster];
  watch.looking = false;
  changed_ = true;
  // Without fleets to ask for, none is the whole answer.
  if (look.wants_fleets && watch.has_groups)
    look.seen.fleets.emplace();
  context_.post(std::move(look.seen));
}

void Watcher::Retry(const model::ClusterId& id, base::Duration pause) {
  Watch& watch = watches_[id];
  watch.looking = false;
  watch.wanted = true;
  watch.not_before = context_.Now() + pause;
  changed_ = true;
}

void Watcher::OnUnknownToEmr(const model::ClusterId& id, base::Time source_at) {
  if (++watches_[id].unknown_to_emr < kConfirmations) {
    Retry(id, kConfirmationGap);
    return;
  }
  watches_[id].looking = false;
  changed_ = true;
  context_.post(model::ClusterGone{id, source_at});
}

}  // namespace driver
