#include "driver/watcher.h"

#include <algorithm>
#include <utility>

#include "base/draw.h"
#include "emr/name.h"
#include "emr/node_looks.h"
#include "work/emr/deadlines.h"

namespace driver {

namespace {

using model::ClusterPhase;

int64_t RoundOf(base::Time now, base::Duration interval) {
  return now.time_since_epoch() / interval;
}

// Nothing more is to be learnt of it.
bool IsDone(const model::ClusterRow& cluster) {
  return IsTerminal(cluster.phase) && cluster.judged;
}

}  // namespace

Watcher::Watcher(Context& context, Reaper& reaper)
    : context_(context),
      reaper_(reaper),
      pace_(context.options.poll_interval),
      hints_(context, watches_, pace_),
      looks_(context, watches_, [this](const model::ClusterSeen* seen) { OnLookEnd(seen); }),
      audit_(context, looks_),
      sweep_(context,
             Priority::kPoll,
             {.on_cluster = [this](const emr::ClusterSummary& cluster,
                                   base::Time sent_at) { OnSummary(cluster, sent_at); },
              .on_end =
                  [this] {
                    changed_ = true;
                    FinishSweep();
                  }}),
      table_(context,
             [this](const wire::StateItem& item) {
               changed_ = true;
               hints_.Take(item);
             }),
      queue_(context, [this](std::string_view event) { TakeEvent(HintSource::kQueue, event); }),
      poked_(RoundOf(context.Now(), context.options.sources.poke_interval)) {}

HintOutcome Watcher::TakeEvent(HintSource source, std::string_view event) {
  changed_ = true;
  return hints_.Take(source, event);
}

base::Duration Watcher::sweep_interval() const {
  return IsSampled() ? context_.options.reaper_interval : pace_.interval();
}

base::Time Watcher::SweepDue() const {
  if (IsSampled())
    return reaper_.due();
  return watches_.empty() ? std::max(next_sweep_, reaper_.due()) : next_sweep_;
}

void Watcher::Plan() {
  base::Time now = context_.Now();
  // Before all else: what was read is committed by now.
  if (!context_.options.sources.queue_url.empty())
    queue_.Plan();
  table_.Plan();
  if (!changed_ && (!wake_ || now < *wake_))
    return;
  changed_ = false;
  Refresh();
  hints_.OnStateChanged();
  wake_ = std::nullopt;
  const base::Time due = SweepDue();
  if (!sweep_.under_way() && now >= due)
    StartSweep();
  if (!sweep_.under_way())
    Earlier(wake_, SweepDue());
  if (!context_.options.sources.table.empty())
    Poke();
  PlanLooks();
}

std::optional<base::Time> Watcher::NextWake() const {
  std::optional<base::Time> wake = wake_;
  Earlier(wake, table_.NextWake());
  if (!context_.options.sources.queue_url.empty())
    Earlier(wake, queue_.NextWake());
  return wake;
}

// Both maps are in the order of ids: one walk over both.
void Watcher::Refresh() {
  auto watch = watches_.begin();
  auto drop = [&] { watch = watch->second.IsLooking() ? std::next(watch) : watches_.erase(watch); };
  for (const auto& [id, cluster] : context_.emr().clusters) {
    int order = 1;  // of the watch and the row: compared once
    while (watch != watches_.end() && (order = watch->first.str().compare(id.str())) < 0)
      drop();
    const bool known = watch != watches_.end() && order == 0;
    if (!IsDone(cluster))
      watch = std::next(
          known ? watch : watches_.try_emplace(watch, id, context_.Now(), ReadLaunch(cluster)));
    else if (known)
      drop();
  }
  while (watch != watches_.end())
    drop();
}

Watch::Launched Watcher::ReadLaunch(const model::ClusterRow& cluster) const {
  Watch::Launched launched;
  auto launch = context_.emr().launches.find(cluster.token);
  if (launch == context_.emr().launches.end())
    return launched;
  if (auto request = base::ParseJson(launch->second.request)) {
    launched.kind = base::Find(*request, "Instances.InstanceFleets") == nullptr
                        ? Watch::Kind::kGroups
                        : Watch::Kind::kFleets;
    const json::value* steps = base::Find(*request, "Steps");
    launched.steps_given = steps != nullptr && steps->is_array() ? steps->get_array().size() : 0;
    launched.has_spot = emr::AsksForSpot(request->get_object());
  }
  return launched;
}

bool Watcher::DrawsTable(const model::ClusterId& id, const Watch& watch, int64_t round) const {
  const SourceOptions& sources = context_.options.sources;
  if (!IsSampled())
    return true;
  if (context_.Now() >= watch.told_at() + sources.stale_after)
    return false;
  const uint64_t seed = base::Draw(0, context_.state().identity.incarnation, 0);
  return base::DrawUnit(seed, id.str(), static_cast<uint64_t>(round)) <
         sources.table_weight / (sources.table_weight + sources.emr_weight);
}

void Watcher::Poke() {
  const base::Duration interval = context_.options.sources.poke_interval;
  const int64_t round = RoundOf(context_.Now(), interval);
  if (!watches_.empty())
    Earlier(wake_, base::Time{} + interval * (round + 1));
  if (round <= poked_)
    return;
  poked_ = round;
  std::vector<Table::Cluster> at_table;
  for (auto& [id, watch] : watches_) {
    const auto row = context_.emr().clusters.find(id);
    if (row == context_.emr().clusters.end() || IsTerminal(row->second.phase))
      continue;
    if (DrawsTable(id, watch, round))
      at_table.push_back({id, watch.has_groups()});
    else
      watch.Request(Watch::Look::kWhole, Priority::kPoll);
  }
  table_.Look(at_table);
}

void Watcher::StartSweep() {
  base::Time now = context_.Now();
  base::Time oldest = now;
  size_t live = 0;
  bool is_calm = true;
  for (const auto& [id, cluster] : context_.emr().clusters) {
    if (IsTerminal(cluster.phase))
      continue;
    ++live;
    oldest = std::min(oldest, cluster.created_at.value_or(cluster.phase_seen_at));
    // What waits is looked at by each sweep until its verdict.
    is_calm = is_calm && (cluster.phase != ClusterPhase::kWaiting || cluster.judged) &&
              !cluster.zero_seen_at && !cluster.lost_since;
  }
  found_ = {};
  if (now >= reaper_.due()) {
    found_.pass = Reaper::Pass{now, {}};
    oldest = std::min(oldest, reaper_.Since());
  }
  next_sweep_ = now + pace_.OnSweep(now, is_calm, live);
  using States = ClusterList::States;
  sweep_.Start(oldest, found_.pass ? States::kLiving : States::kEndedIfOnePage);
}

void Watcher::OnSummary(const emr::ClusterSummary& cluster, base::Time sent_at) {
  const auto& rows = context_.emr().clusters;
  auto row = rows.find(cluster.id);
  if (found_.pass)
    reaper_.See(*found_.pass, cluster);
  const bool has_ended = cluster.status && IsTerminal(cluster.status->phase);
  if (row == rows.end()) {
    const model::Identity& identity = context_.state().identity;
    const base::Time began_at = sweep_.began_at();
    auto name = emr::ParseClusterName(cluster.name);
    // Of those that have ended only what a launch waits for matters.
    if (name && emr::IsOurs(*name, identity.deployment, identity.incarnation) &&
        (!has_ended || context_.emr().unsettled.contains(name->token)) &&
        context_.IsClaimable(cluster.id, name->token))
      found_.launches.push_back(
          {name->token,
           cluster.id,
           cluster.name,
           cluster.status ? cluster.status->created_at.value_or(began_at) : began_at,
           HasFailed(cluster)});
    return;
  }
  found_.seen.insert(cluster.id);
  if (!cluster.status)
    return;
  hints_.LearnAccount(cluster.status->account);
  if (IsSampled() && !IsLost(row->second))
    return;
  if (auto watch = watches_.find(cluster.id); watch != watches_.end())
    watch->second.OnListed();
  if (has_ended) {
    OnListedEnd(row->second, *cluster.status, sent_at);
    return;
  }
  WantWhatChanged(row->second, *cluster.status, sent_at);
  context_.post(model::ClusterSeen{cluster.id, sent_at, cluster.status, {}, {}});
}

// A list may leave out the details of an error: they are asked for. After a clean end only the
// steps are missing.
void Watcher::OnListedEnd(const model::ClusterRow& row,
                          const model::ClusterStatus& status,
                          base::Time sent_at) {
  auto found = watches_.find(row.id);
  if (found == watches_.end() || row.judged)
    return;
  Watch& watch = found->second;
  watch.Request(Watch::Look::kWhole, Priority::kInspect);
  if (status.phase == ClusterPhase::kTerminated && status.reason_code == "ALL_STEPS_COMPLETED" &&
      status.errors.empty())
    watch.OnListedEnd(status, sent_at);
}

// Steps matter when it begins to work, when it waits, and when it has ended.
void Watcher::WantWhatChanged(const model::ClusterRow& row,
                              const model::ClusterStatus& status,
                              base::Time sent_at) {
  auto found = watches_.find(row.id);
  if (found == watches_.end() || AwaitsItsEnd(row))
    return;
  Watch& watch = found->second;
  if (status.phase == ClusterPhase::kWaiting && !watch.IsLooking())
    watch.Request(Watch::Look::kWhole, Priority::kInspect);
  if (status.phase != ClusterPhase::kRunning || row.phase == ClusterPhase::kRunning)
    return;
  // A whole look also tells what its nodes are in.
  watch.Request(watch.kind() == Watch::Kind::kUnknown ? Watch::Look::kWhole : Watch::Look::kSteps,
                Priority::kPoll);
  if (Rank(row.phase) < Rank(status.phase) && status.ready_at)
    pace_.OnFound(*status.ready_at, sent_at);
}

void Watcher::FinishSweep() {
  Found found = std::move(found_);
  for (auto& [id, watch] : watches_) {
    auto row = context_.emr().clusters.find(id);
    if (!IsSampled() && row != context_.emr().clusters.end() && !found.seen.contains(id) &&
        row->second.phase_seen_at < sweep_.began_at())
      watch.Request(Watch::Look::kWhole, Priority::kInspect);
  }
  if (!found.launches.empty())
    context_.post(model::LaunchesLookedUp{{}, std::move(found.launches), sweep_.began_at()});
  if (found.pass)
    reaper_.Finish(std::move(*found.pass));
}

// Both maps are in the order of ids: one walk over both.
void Watcher::PlanLooks() {
  std::vector<Audit::Due> audit;
  const Audit::Outlook outlook{pace_.IsTold(context_.Now()), hints_.spot_warned_at()};
  auto row = context_.emr().clusters.begin();
  const auto end = context_.emr().clusters.end();
  for (auto& [id, watch] : watches_) {
    int order = 1;  // of the row and the watch: compared once
    while (row != end && (order = row->first.str().compare(id.str())) < 0)
      ++row;
    if (row == end)
      break;
    if (order == 0 && !watch.IsLooking())
      PlanLook(row->second, watch, outlook, audit);
  }
  audit_.Start(std::move(audit), wake_);
}

void Watcher::PlanLook(const model::ClusterRow& cluster,
                       Watch& watch,
                       const Audit::Outlook& outlook,
                       std::vector<Audit::Due>& audit) {
  RequestWhatTheEngineNeeds(cluster, watch);
  if (watch.Requested(Watch::Look::kWhole)) {
    PlanWhole(cluster.id, watch);
    return;
  }
  if (!InService(cluster.phase) || !cluster.in_service_since || AwaitsItsEnd(cluster))
    return;
  if (!PlanSteps(cluster.id, watch))
    PlanNodes(cluster, watch, outlook, audit);
}

void Watcher::PlanWhole(const model::ClusterId& id, Watch& watch) {
  if (context_.Now() < watch.not_before())
    Earlier(wake_, watch.not_before());
  else
    looks_.Start(id,
                 watch,
                 *watch.Requested(Watch::Look::kWhole),
                 IsSampled() ? Looks::Detail::kNodes : Looks::Detail::kSteps);
}

// True if the look has begun.
bool Watcher::PlanSteps(const model::ClusterId& id, Watch& watch) {
  const std::optional<Priority> priority = watch.Requested(Watch::Look::kSteps);
  if (!priority)
    return false;
  const auto ready_at =
      *priority == Priority::kPoll ? looks_.StepsPollReadyAt() : std::optional(context_.Now());
  if (!ready_at || context_.Now() < *ready_at) {
    Earlier(wake_, ready_at);
    return false;
  }
  looks_.StartSteps(id, watch, *priority);
  return true;
}

// Suspects at once, others in the order of the audit.
void Watcher::PlanNodes(const model::ClusterRow& cluster,
                        Watch& watch,
                        const Audit::Outlook& outlook,
                        std::vector<Audit::Due>& audit) {
  const base::Time due = std::max(watch.not_before(), audit_.DueAt(cluster, watch, outlook));
  if (context_.Now() < due)
    Earlier(wake_, due);
  else if (watch.IsSuspect(cluster))
    looks_.StartNodes(cluster.id, watch, Priority::kInspect);
  else if (!IsSampled())
    audit.push_back({due, &cluster.id, &watch});
}

// An end needs a verdict; and the engine judges a step by a look that is as late as its deadline.
void Watcher::RequestWhatTheEngineNeeds(const model::ClusterRow& cluster, Watch& watch) {
  if (IsTerminal(cluster.phase) && !cluster.judged)
    watch.Request(Watch::Look::kWhole, Priority::kInspect);
  if (cluster.phase != ClusterPhase::kRunning || cluster.steps.empty())
    return;
  const std::optional<base::Time> due = watch.StepDue([&] {
    return work::NextStepDeadline(context_.state(), context_.emr(), context_.options.emr, cluster);
  });
  if (due && context_.Now() >= *due)
    watch.Request(Watch::Look::kSteps, Priority::kInspect);
  else
    Earlier(wake_, due);
}

void Watcher::OnLookEnd(const model::ClusterSeen* seen) {
  changed_ = true;
  if (seen == nullptr || !seen->status)
    return;
  Watch& watch = watches_.at(seen->cluster);
  const ClusterPhase phase = seen->status->phase;
  // Of one that ends they go as well.
  if (seen->fleets && watch.AreNodesMissing() && InService(phase))
    audit_.OnLoss(context_.Now());
  if (IsTerminal(phase) && !watch.IsEndHinted() && seen->status->ended_at)
    pace_.OnFound(*seen->status->ended_at, context_.Now());
  const auto row = context_.emr().clusters.find(seen->cluster);
  if (phase == ClusterPhase::kRunning && !seen->steps && row != context_.emr().clusters.end() &&
      row->second.steps.empty())
    watch.Request(Watch::Look::kSteps, Priority::kPoll);
}

}  // namespace driver
