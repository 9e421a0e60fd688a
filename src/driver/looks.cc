#include "driver/looks.h"

#include <algorithm>
#include <utility>

#include "emr/replies.h"

namespace driver {

namespace {

using model::ClusterPhase;

// How far apart a cluster that EMR does not know is asked for. That goes on once it counts as lost,
// because it may come back.
constexpr base::Duration kConfirmationGap = base::minutes(1);

// A look that goes on at one call for longer would miss what its first call shows by now: the
// cluster's end, say. Then it begins again.
constexpr int kMostFailures = 5;

// The same call may be answered later.
bool IsPassing(const Reply& reply) {
  return reply.error->error_class == wire::ErrorClass::kThrottled ||
         reply.error->error_class == wire::ErrorClass::kMayHaveHappened ||
         reply.error->error_class == wire::ErrorClass::kUnavailable;
}

}  // namespace

Looks::Looks(Context& context, Watches& watches, OnEnd on_end)
    : context_(context), watches_(watches), on_end_(std::move(on_end)) {}

void Looks::Start(const model::ClusterId& id, Watch& watch, Priority priority, Detail detail) {
  std::optional<Watch::ListedEnd> ended =
      watch.BeginWhole(detail == Detail::kSteps ? Watch::AlsoSteps::kYes : Watch::AlsoSteps::kNo);
  Look look;
  look.seen.cluster = id;
  look.priority = priority;
  look.detail = detail;
  if (ended) {
    look.seen.status = std::move(ended->status);
    look.seen.source_at = ended->source_at;
    RequestSteps(look, "");
    return;
  }
  context_.caller.Request(
      priority, "DescribeCluster", {{"ClusterId", id.str()}}, [this, look](const Reply& reply) {
        OnDescribed(look, reply);
      });
}

void Looks::StartSteps(const model::ClusterId& id, Watch& watch, Priority priority) {
  watch.BeginSteps();
  Look look;
  look.seen.cluster = id;
  look.seen.source_at = context_.Now();
  look.priority = priority;
  look.polls_steps = priority == Priority::kPoll;
  polls_steps_ = polls_steps_ || look.polls_steps;
  RequestSteps(look, "");
}

std::optional<base::Time> Looks::StepsPollReadyAt() const {
  constexpr double kLeft = 0.8;
  if (polls_steps_)
    return std::nullopt;
  const TokenBucket bucket = context_.caller.budget().BucketOf("ListSteps");
  return bucket.ReadyAt(context_.Now(), std::max(1.0, kLeft * bucket.quota().burst));
}

void Looks::StartNodes(const model::ClusterId& id,
                       Watch& watch,
                       Priority priority,
                       TokenBucket* audit) {
  watch.BeginNodes();
  Look look;
  look.seen.cluster = id;
  look.seen.source_at = context_.Now();
  look.priority = priority;
  look.audit = audit;
  RequestNodes(std::move(look));
}

void Looks::OnDescribed(Look look, const Reply& reply) {
  const model::ClusterId& id = look.seen.cluster;
  const Priority priority = look.priority;
  if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
    OnUnknownToEmr(id, reply.sent_at);
    return;
  }
  if (!reply.body) {
    Retry(id, priority, context_.options.throttle_pause);
    return;
  }
  Watch& watch = watches_.at(id);
  const json::value* collection = base::Find(*reply.body, "Cluster.InstanceCollectionType");
  watch.OnDescribed(collection != nullptr && *collection == "INSTANCE_GROUP"
                        ? Watch::Kind::kGroups
                        : Watch::Kind::kFleets);
  look.seen.source_at = reply.sent_at;
  look.seen.status = emr::ReadDescribeCluster(*reply.body).status;
  if (!look.seen.status) {
    Retry(id, priority, context_.options.trouble_pause);
    return;
  }
  ClusterPhase phase = look.seen.status->phase;
  // WAITING and ended clusters need a verdict; that of a WAITING one also depends on its nodes.
  look.priority = phase == ClusterPhase::kRunning ? priority : Priority::kInspect;
  const bool nodes_alone = phase == ClusterPhase::kRunning && look.detail == Detail::kNodes;
  look.wants_nodes = phase == ClusterPhase::kWaiting ||
                     (phase == ClusterPhase::kRunning && watch.AreNodesMissing());
  // A look that waits for the nodes would hold up the next one: they are left out if their quota is
  // used up, as it is by hundreds of clusters.
  if (nodes_alone && NodesMayBeAsked(watch))
    RequestNodes(std::move(look));
  else if (nodes_alone && !look.wants_nodes)
    Finish(std::move(look));
  else if (InService(phase) || IsTerminal(phase))
    RequestSteps(look, "");
  else
    Finish(std::move(look));
}

bool Looks::NodesMayBeAsked(const Watch& watch) {
  return context_.caller.budget().Available(
             watch.has_groups() ? kListGroups : kListFleets, context_.Now(), Priority::kPoll) > 0;
}

void Looks::RequestSteps(const Look& look, const std::string& marker, base::Time not_before) {
  json::object request{{"ClusterId", look.seen.cluster.str()}};
  if (!marker.empty())
    request["Marker"] = marker;
  context_.caller.RequestAt(
      not_before,
      look.priority,
      "ListSteps",
      std::move(request),
      [this, look, marker](const Reply& reply) { OnSteps(look, marker, reply); });
}

// EMR describes the cluster and does not list its steps. Right after a launch that says nothing;
// of a cluster that has ended, EMR may have forgotten them.
void Looks::OnStepsUnknown(Look look) {
  if (!look.seen.status) {
    Retry(look.seen.cluster, look.priority, context_.options.trouble_pause);
    return;
  }
  look.seen.steps.emplace();
  if (StepsAreOld(look)) {
    Retry(look.seen.cluster, look.priority, context_.options.trouble_pause);
    return;
  }
  if (!IsTerminal(look.seen.status->phase))
    look.seen.steps = std::nullopt;
  if (look.wants_nodes)
    RequestNodes(std::move(look));
  else
    Finish(std::move(look));
}

void Looks::OnSteps(Look look, const std::string& marker, const Reply& reply) {
  if (look.polls_steps)
    polls_steps_ = false;
  if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound) {
    OnStepsUnknown(std::move(look));
    return;
  }
  if (reply.error && IsPassing(reply) && ++look.failures <= kMostFailures) {
    polls_steps_ = polls_steps_ || look.polls_steps;
    RequestSteps(look, marker, context_.RetryAt(reply));
    return;
  }
  if (!reply.body) {
    Retry(look.seen.cluster, look.priority, context_.options.throttle_pause);
    return;
  }
  look.failures = 0;
  emr::PageOf<model::StepView> page = emr::ReadListSteps(*reply.body);
  std::vector<model::StepView> steps = std::move(page.items);
  // Pages go from the newest steps to the oldest.
  if (look.seen.steps)
    steps.insert(steps.end(), look.seen.steps->begin(), look.seen.steps->end());
  look.seen.steps = std::move(steps);
  if (!page.marker.empty())
    RequestSteps(look, page.marker);
  else if (StepsAreOld(look))
    Retry(look.seen.cluster, look.priority, context_.options.trouble_pause);
  else if (look.wants_nodes)
    RequestNodes(std::move(look));
  else
    Finish(std::move(look));
}

bool Looks::StepsAreOld(const Look& look) {
  const auto row = context_.emr().clusters.find(look.seen.cluster);
  if (!look.seen.status || !IsTerminal(look.seen.status->phase) ||
      row == context_.emr().clusters.end() || row->second.judged)
    return false;
  return watches_.at(look.seen.cluster)
      .AreStepsOld(*look.seen.steps, context_.Now(), context_.options.emr.list_lag_max);
}

void Looks::RequestNodes(Look look, base::Time not_before) {
  const bool has_groups = watches_.at(look.seen.cluster).has_groups();
  json::object request{{"ClusterId", look.seen.cluster.str()}};
  context_.caller.RequestAt(not_before,
                            look.priority,
                            std::string(has_groups ? kListGroups : kListFleets),
                            std::move(request),
                            [this, look, has_groups](const Reply& reply) mutable {
                              OnNodes(std::move(look), has_groups, reply);
                            });
}

void Looks::OnNodes(Look look, bool has_groups, const Reply& reply) {
  if (look.audit != nullptr)
    std::exchange(look.audit, nullptr)->End(context_.Now());
  if (reply.error && IsPassing(reply) && ++look.failures <= kMostFailures) {
    RequestNodes(std::move(look), context_.RetryAt(reply));
    return;
  }
  if (reply.error && reply.error->error_class == wire::ErrorClass::kNotFound && look.seen.status) {
    // EMR describes the cluster: its nodes are not known yet.
    watches_.at(look.seen.cluster).OnNodesUnknown(context_.Now());
    Finish(std::move(look));
    return;
  }
  if (!reply.body) {
    // A whole look, for it also tells which of the two the cluster has.
    Retry(look.seen.cluster, look.priority, context_.options.throttle_pause);
    return;
  }
  look.seen.fleets = has_groups ? emr::ReadListInstanceGroups(*reply.body).items
                                : emr::ReadListInstanceFleets(*reply.body).items;
  Watch& watch = watches_.at(look.seen.cluster);
  watch.OnNodes(*look.seen.fleets, context_.Now());
  // A cluster that ends loses its nodes too: EMR's word on it is needed.
  if (watch.AreNodesMissing() && !look.seen.status)
    Start(look.seen.cluster, watch, Priority::kInspect);
  else
    Finish(std::move(look));
}

void Looks::Finish(Look look) {
  watches_.at(look.seen.cluster).OnLook(look.seen, context_.Now());
  on_end_(&look.seen);
  context_.post(std::move(look.seen));
}

void Looks::Retry(const model::ClusterId& id, Priority priority, base::Duration pause) {
  watches_.at(id).OnLookFailed(priority, context_.Now() + pause);
  on_end_(nullptr);
}

void Looks::OnUnknownToEmr(const model::ClusterId& id, base::Time source_at) {
  if (watches_.at(id).OnUnknownToEmr(source_at, context_.options.emr.list_lag_max))
    context_.post(model::ClusterGone{id, source_at});
  Retry(id, Priority::kInspect, kConfirmationGap);
}

}  // namespace driver
