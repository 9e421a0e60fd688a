#include "work/emr/orphans.h"

#include <algorithm>

#include "base/text.h"
#include "emr/name.h"
#include "work/emr/clusters.h"
#include "work/emr/launches.h"
#include "work/emr/subjects.h"

namespace work {

namespace {

using model::ClusterPhase;
using model::ClusterRow;
using model::OrphanClass;

// So few may be killed whatever their share: on a quiet day one orphan is all that lives.
constexpr int kFew = 2;

// A launch that the engine holds decides before the store does. Nothing: the launch is on its way
// to claim the cluster, or has.
std::optional<OrphanClass> ClassOf(const EmrState& state, const model::OrphansSeen::Stray& stray) {
  auto launch = state.launches.find(stray.token);
  if (launch == state.launches.end() || stray.kind == OrphanClass::kForeign)
    return stray.kind;
  if (IsUnsettled(launch->second) || launch->second.cluster == stray.cluster)
    return std::nullopt;
  return OrphanClass::kDuplicate;
}

ClusterRow& Record(EmrTurn& turn,
                   const model::OrphansSeen::Stray& stray,
                   OrphanClass kind,
                   Time seen_at) {
  ClusterRow& cluster = turn.state.clusters[stray.cluster];
  cluster.id = stray.cluster;
  cluster.token = stray.token;
  cluster.name = stray.name;
  cluster.region = turn.options.region;
  cluster.phase = stray.phase;
  cluster.phase_seen_at = seen_at;
  cluster.created_at = stray.created_at;
  cluster.judged = true;  // no attempt waits for its verdict
  turn.recorder().Put(cluster);
  turn.recorder().History(turn.now(),
                          SubjectOf(cluster),
                          "",
                          ToString(cluster.phase),
                          base::Cat("no attempt claims it: ", ToString(kind)));
  ++turn.state.counters.orphans_found;
  return cluster;
}

void Note(EmrTurn& turn, const model::OrphansSeen::Stray& stray, Time seen_at) {
  std::optional<OrphanClass> kind = ClassOf(turn.state, stray);
  auto known = turn.state.clusters.find(stray.cluster);
  if (!kind || (known != turn.state.clusters.end() && known->second.attempt))
    return;
  ClusterRow& cluster =
      known == turn.state.clusters.end() ? Record(turn, stray, *kind, seen_at) : known->second;
  Orphan& orphan = turn.state.orphans[stray.cluster];
  orphan.kind = *kind;
  orphan.last_seen_at = seen_at;
  if (!orphan.first_seen_at)
    orphan.first_seen_at = seen_at;
  if (*kind == OrphanClass::kForeign)
    orphan.fate =
        "kept: another incarnation of this deployment launched it; only a person kills it";
  if (*kind == OrphanClass::kDuplicate && !cluster.terminate_requested_at) {
    ++turn.state.counters.unwanted_clusters;
    RequestTerminate(turn, cluster, "its launch is over, or made another cluster");
  }
}

// Orphans proper that this pass saw alive and nobody terminates, the oldest first.
std::vector<model::ClusterId> Unclaimed(const EmrState& state, Time seen_at) {
  std::vector<std::pair<Time, model::ClusterId>> found;
  for (const auto& [id, orphan] : state.orphans) {
    const ClusterRow& cluster = state.clusters.at(id);
    if (orphan.kind == OrphanClass::kOrphan && orphan.last_seen_at == seen_at &&
        !cluster.terminate_requested_at && Rank(cluster.phase) < Rank(ClusterPhase::kTerminating))
      found.emplace_back(cluster.created_at.value_or(Time{}), id);
  }
  std::sort(found.begin(), found.end());
  std::vector<model::ClusterId> ids;
  for (auto& [created_at, id] : found)
    ids.push_back(std::move(id));
  return ids;
}

// Why a pass kills nothing at all; "" where it may.
std::string Refusal(const ReaperOptions& reaper, const model::OrphansSeen& pass, int unclaimed) {
  if (unclaimed == 0)
    return "";
  if (!pass.first_launch_at)
    return "the database has recorded no launch: it is new, empty or the wrong one";
  if (unclaimed > kFew && unclaimed > reaper.max_ratio * pass.ours)
    return base::Cat(unclaimed,
                     " of ",
                     pass.ours,
                     " live clusters look unclaimed, more than reaper.max_ratio allows: is the "
                     "database an old copy?");
  return "";
}

// Why this one is not killed yet; "" where only what concerns the whole pass may hold it.
std::string BrakeOf(const ReaperOptions& reaper,
                    const model::OrphansSeen& pass,
                    const ClusterRow& cluster,
                    const Orphan& orphan,
                    Time now) {
  if (!cluster.created_at)
    return "kept: EMR does not say when it was created";
  if (pass.first_launch_at && *cluster.created_at < *pass.first_launch_at)
    return "kept: it is older than the first launch of this database; only a person kills it";
  const Time due = std::max(*cluster.created_at, *orphan.first_seen_at) + reaper.grace;
  if (now < due)
    return base::Cat("kept until ", base::FormatRfc3339(due), ": reaper.grace");
  return "";
}

void Decide(EmrTurn& turn, const model::OrphansSeen& pass) {
  const ReaperOptions& reaper = turn.options.reaper;
  EmrState& state = turn.state;
  const std::vector<model::ClusterId> unclaimed = Unclaimed(state, pass.began_at);
  state.reaper_refusal = Refusal(reaper, pass, static_cast<int>(unclaimed.size()));
  state.counters.reaper_refusals += state.reaper_refusal.empty() ? 0 : 1;
  int due = 0;
  for (const model::ClusterId& id : unclaimed) {
    ClusterRow& cluster = state.clusters.at(id);
    Orphan& orphan = state.orphans.at(id);
    orphan.fate = BrakeOf(reaper, pass, cluster, orphan, turn.now());
    if (!orphan.fate.empty())
      continue;
    if (!state.reaper_refusal.empty()) {
      orphan.fate = base::Cat("kept: ", state.reaper_refusal);
    } else if (due++ >= reaper.max_per_pass) {
      orphan.fate =
          base::Cat("kept until a later pass: reaper.max_per_pass is ", reaper.max_per_pass);
    } else if (!reaper.armed) {
      orphan.fate = "kept: it would be killed if reaper.armed were true";
    } else {
      RequestTerminate(turn, cluster, "the reaper: no launch of this database made it");
      ++state.counters.orphans_killed;
    }
  }
}

}  // namespace

void OnOrphansSeen(EmrTurn& turn, const model::OrphansSeen& event) {
  for (const model::OrphansSeen::Stray& stray : event.strays)
    Note(turn, stray, event.began_at);
  Decide(turn, event);
}

void ListReturned(EmrState& state, const ClusterRow& row, Time seen_at) {
  Orphan& orphan = state.orphans[row.id];
  orphan.kind = OrphanClass::kDuplicate;
  orphan.first_seen_at = orphan.last_seen_at = seen_at;
}

void ListOrphan(EmrState& state, const model::Identity& identity, const ClusterRow& row) {
  auto name = emr::ParseClusterName(row.name);
  const bool ours = name && emr::IsOurs(*name, identity.deployment, identity.incarnation);
  state.orphans[row.id].kind = ours ? OrphanClass::kOrphan : OrphanClass::kForeign;
  state.orphans[row.id].fate = "kept: it was not seen yet since the start";
}

std::vector<OrphanView> ListOrphans(const EmrState& state) {
  std::vector<OrphanView> views;
  for (const auto& [id, orphan] : state.orphans) {
    const ClusterRow& row = state.clusters.at(id);
    views.push_back({row,
                     orphan.kind,
                     orphan.first_seen_at,
                     row.terminate_requested_at
                         ? base::Cat("is being terminated: ", row.terminate_cause)
                         : orphan.fate});
  }
  return views;
}

}  // namespace work
