#include "driver/reaper.h"

#include <utility>

#include "base/log.h"
#include "work/emr/orphans.h"

namespace driver {

namespace {

// Listing 30 days suffices: older clusters were recorded earlier.
constexpr base::Duration kReach = base::hours(24 * 30);
// Of one pass; the list itself is for the API and the commands.
constexpr int kMostLines = 20;

}  // namespace

Reaper::Reaper(Context& context, store::Store& store)
    : context_(context), store_(store), due_(context.Now() + context.options.reaper_interval) {}

base::Time Reaper::Since() const {
  return context_.Now() - kReach;
}

void Reaper::See(Pass& pass, const emr::ClusterSummary& cluster) const {
  auto name = emr::ParseClusterName(cluster.name);
  if (name && name->deployment == context_.state().identity.deployment)
    pass.clusters[cluster.id] = cluster;
}

void Reaper::Finish(Pass pass) {
  due_ = pass.began_at + context_.options.reaper_interval;
  auto seen = Classify(pass);
  if (!seen) {
    base::LogWarning("reaper_pass_failed", {{"reason", seen.error().message}});
    return;
  }
  const work::EmrState& state = context_.emr();
  if (seen->strays.empty() && state.orphans.empty() && state.reaper_refusal.empty())
    return;
  untold_ = true;
  context_.post(std::move(*seen));
}

base::Result<std::optional<model::OrphanClass>> Reaper::ClassOf(const emr::ClusterSummary& cluster,
                                                                const emr::ParsedName& name) const {
  using Class = std::optional<model::OrphanClass>;
  const work::EmrState& state = context_.emr();
  auto row = state.clusters.find(cluster.id);
  if (row != state.clusters.end() && row->second.attempt)
    return Class();
  bool is_back = false;  // it was LOST, and its run is deleted
  if (row == state.clusters.end()) {
    // Ended, and listed as alive by a page that is older. But LOST is not ended.
    auto stored = store_.reader().Cluster(cluster.id);
    if (stored && stored->phase != model::ClusterPhase::kLost)
      return Class();
    is_back = stored.has_value();
    if (!stored && stored.error().code != base::ErrorCode::kNotFound)
      return base::Fail(stored.error());
  }
  const model::Identity& ours = context_.state().identity;
  if (!emr::IsOurs(name, ours.deployment, ours.incarnation))
    return Class(model::OrphanClass::kForeign);
  if (row == state.clusters.end() && state.launches.contains(name.token))
    return Class();  // the sweep hands it to its launch
  auto launch = store_.reader().Launch(name.token);
  if (launch)
    return launch->cluster == cluster.id && !is_back ? Class()
                                                     : Class(model::OrphanClass::kDuplicate);
  if (launch.error().code != base::ErrorCode::kNotFound)
    return base::Fail(launch.error());
  return Class(model::OrphanClass::kOrphan);
}

base::Result<bool> Reaper::TellReturned(const Pass& pass,
                                        const emr::ClusterSummary& cluster) const {
  if (context_.emr().clusters.contains(cluster.id))
    return false;
  const auto stored = store_.reader().Cluster(cluster.id);
  if (!stored || stored->phase != model::ClusterPhase::kLost || !stored->attempt)
    return false;
  auto rows = store::ReadRun(store_.reader(), stored->attempt->job.run);
  if (!rows && rows.error().code == base::ErrorCode::kNotFound)
    return false;  // the run is deleted
  if (!rows)
    return base::Fail(rows.error());
  context_.post(model::LostClusterSeen{{cluster.id, pass.began_at, cluster.status, {}, {}},
                                       std::make_shared<const model::Snapshot>(*std::move(rows))});
  return true;
}

base::Result<model::OrphansSeen> Reaper::Classify(const Pass& pass) const {
  const model::Identity& identity = context_.state().identity;
  model::OrphansSeen seen;
  seen.began_at = pass.began_at;
  for (const auto& [id, cluster] : pass.clusters) {
    auto name = emr::ParseClusterName(cluster.name);
    if (emr::IsOurs(*name, identity.deployment, identity.incarnation))
      ++seen.ours;
    if (!cluster.status)
      continue;
    ASSIGN_OR_RETURN(const bool is_returned, TellReturned(pass, cluster));
    if (is_returned)
      continue;
    ASSIGN_OR_RETURN(const auto kind, ClassOf(cluster, *name));
    if (kind)
      seen.strays.push_back({id,
                             cluster.name,
                             name->token,
                             *kind,
                             cluster.status->phase,
                             cluster.status->created_at});
  }
  if (!seen.strays.empty()) {
    ASSIGN_OR_RETURN(seen.first_launch_at, store_.reader().FirstLaunchAt());
  }
  return seen;
}

void Reaper::Tell() {
  if (!std::exchange(untold_, false))
    return;
  const work::EmrState& state = context_.emr();
  std::erase_if(told_, [&](const auto& item) { return !state.orphans.contains(item.first); });
  int lines = 0;
  for (const work::OrphanView& orphan : work::ListOrphans(state)) {
    auto [told, is_new] = told_.try_emplace(orphan.row.id);
    const bool is_killed = orphan.row.terminate_requested_at.has_value();
    if (told->second == orphan.fate)
      continue;
    told->second = orphan.fate;
    if (++lines > kMostLines)
      continue;
    base::LogWarning(is_killed ? "orphan_killed"
                     : is_new  ? "orphan_found"
                               : "orphan_kept",
                     {{"cluster", orphan.row.id.str()},
                      {"name", orphan.row.name},
                      {"class", ToString(orphan.kind)},
                      {"fate", orphan.fate}});
  }
  if (lines > kMostLines)
    base::LogWarning("orphans_not_told", {{"count", lines - kMostLines}});
  if (!state.reaper_refusal.empty() && state.reaper_refusal != told_refusal_)
    base::LogError("reaper_refused",
                   {{"reason", state.reaper_refusal},
                    {"fix", "look at `signalbox clusters reap`; it kills those that you name"}});
  told_refusal_ = state.reaper_refusal;
}

}  // namespace driver
