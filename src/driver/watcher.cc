#include "driver/watcher.h"

#include <algorithm>
#include <utility>

#include "emr/name.h"
#include "engine/deadlines.h"

namespace driver {

namespace {

using model::ClusterPhase;

// Nothing more is to be learnt of it.
bool IsDone(const model::ClusterRow& cluster) {
  return IsTerminal(cluster.phase) && cluster.judged;
}

}  // namespace

Watcher::Watcher(Context& context, Reaper& reaper)
    : context_(context),
      reaper_(reaper),
      looks_(context, watches_, [this] { changed_ = true; }),
      audit_(context, looks_),
      sweep_(context,
             {.on_summary = [this](const emr::ClusterSummary& cluster,
                                   base::Time sent_at) { OnSummary(cluster, sent_at); },
              .on_end =
                  [this](bool complete) {
                    changed_ = true;
                    if (complete)
                      FinishSweep();
                  }}) {}

void Watcher::Plan() {
  base::Time now = context_.Now();
  if (!changed_ && (!wake_ || now < *wake_))
    return;
  changed_ = false;
  Refresh();
  wake_ = std::nullopt;
  const base::Time due = watches_.empty() ? std::max(next_sweep_, reaper_.due()) : next_sweep_;
  if (!sweep_.under_way() && now >= due)
    StartSweep();
  if (!sweep_.under_way())
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
  found_ = {};
  if (now >= reaper_.due()) {
    found_.pass = Reaper::Pass{now, {}};
    oldest = std::min(oldest, reaper_.Since());
  }
  next_sweep_ = now + context_.options.poll_interval;
  sweep_.Start(oldest);
}

void Watcher::OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at) {
  const auto& rows = context_.state().clusters;
  auto row = rows.find(cluster.id);
  if (found_.pass)
    reaper_.See(*found_.pass, cluster);
  if (row == rows.end()) {
    const model::Identity& identity = context_.state().identity;
    const base::Time began_at = sweep_.began_at();
    auto name = emr::ParseClusterName(cluster.name);
    if (name && emr::IsOurs(*name, identity.deployment, identity.incarnation))
      found_.launches.push_back(
          {name->token,
           cluster.id,
           cluster.name,
           cluster.status ? cluster.status->created_at.value_or(began_at) : began_at});
    return;
  }
  found_.seen.insert(cluster.id);
  if (!cluster.status)
    return;
  auto watch = watches_.find(cluster.id);
  if (watch != watches_.end()) {
    ClusterPhase phase = cluster.status->phase;
    // Steps matter when it begins to work, when it waits, and when it has ended.
    if (phase == ClusterPhase::kWaiting && !row->second.judged && !watch->second.looking)
      watch->second.Want(Priority::kInspect);
    else if (InService(phase) && phase != row->second.phase && !row->second.judged)
      watch->second.Want(Priority::kPoll);
  }
  context_.post(model::ClusterSeen{cluster.id, sent_at, cluster.status, {}, {}});
}

void Watcher::FinishSweep() {
  Found found = std::move(found_);
  for (auto& [id, watch] : watches_) {
    auto row = context_.state().clusters.find(id);
    if (row != context_.state().clusters.end() && !found.seen.contains(id) &&
        row->second.phase_seen_at < sweep_.began_at())
      watch.Want(Priority::kInspect);
  }
  if (!found.launches.empty())
    context_.post(model::LaunchesLookedUp{{}, std::move(found.launches), sweep_.began_at()});
  if (found.pass)
    reaper_.Finish(std::move(*found.pass));
}

void Watcher::PlanLooks() {
  base::Time now = context_.Now();
  std::vector<Audit::Due> audit;
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
      watch.Want(Priority::kInspect);
    WantStepsWhereOverdue(cluster, watch);
    const bool whole = watch.wanted.has_value();
    if (!whole && !serves)
      continue;
    const base::Time due = std::max(watch.not_before, whole ? now : audit_.DueAt(cluster, watch));
    if (now < due)
      Earlier(wake_, due);
    else if (whole)
      looks_.Start(id, watch, *watch.wanted);
    else if (audit_.IsSuspect(cluster))
      looks_.StartNodes(id, watch, Priority::kInspect);
    else
      audit.emplace_back(&id, &watch);
  }
  audit_.Start(std::move(audit), wake_);
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
    watch.Want(Priority::kInspect);
  else if (watch.step_due)
    Earlier(wake_, *watch.step_due);
}

}  // namespace driver
