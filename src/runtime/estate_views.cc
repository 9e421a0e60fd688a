#include "runtime/estate_views.h"

#include <map>
#include <tuple>
#include <utility>

#include "engine/holders.h"
#include "engine/state.h"
#include "runtime/core.h"

namespace runtime {

namespace {

using LimitOfScope = std::pair<model::DagId, model::LimitKey>;
using ByLimit = std::map<LimitOfScope, std::map<std::string, LimitView::OfValue>>;

LimitView::OfValue& PlaceOf(ByLimit& counts, const engine::LimitUse& use) {
  return counts[{use.scope, KeyOf(use.limit)}][use.value];
}

ByLimit CountUses(const engine::State& state) {
  ByLimit counts;
  for (const auto& [key, holder] : state.holding) {
    for (const engine::LimitUse& use : holder.job->limits) {
      LimitView::OfValue& of = PlaceOf(counts, use);
      ++of.held;
      if (use.limit.max_vcpus == 0)
        continue;
      engine::Queued like;
      like.job = holder.job;
      like.run = holder.run;
      like.dag = holder.dag;
      if (const auto vcpus = engine::VcpusOf(like))
        of.vcpus += vcpus->Of(use.limit.market) * std::max(holder.job->live, 1);
    }
  }
  for (const auto& [id, pool] : state.pools) {
    for (const engine::Queued& queued : pool.queue) {
      for (const engine::LimitUse& use : queued.job->limits)
        ++PlaceOf(counts, use).queued;
    }
  }
  return counts;
}

LimitView ViewOf(const model::DagId& scope, const model::JobLimit& limit, const ByLimit& counts) {
  LimitView view{.scope = scope, .limit = limit, .values = {}};
  const auto found = counts.find({scope, KeyOf(limit)});
  if (found == counts.end())
    return view;
  for (const auto& [value, of] : found->second) {
    view.values.push_back(of);
    view.values.back().value = value;
  }
  return view;
}

}  // namespace

std::vector<LimitView> Views::Limits() const {
  const engine::State& state = core_.driver->state();
  const ByLimit counts = CountUses(state);
  std::vector<LimitView> out;
  for (const auto& [key, row] : state.limits) {
    if (row.limit.IsInForce())
      out.push_back(ViewOf({}, row.limit, counts));
  }
  for (const auto& [id, dag] : state.dags) {
    if (!dag.row.is_active)
      continue;
    for (const model::JobLimit& limit : dag.plan->dag->limits)
      out.push_back(ViewOf(id, limit, counts));
  }
  return out;
}

ProjectView Views::Project() const {
  ProjectView out{.folder = core_.options.project_dir,
                  .deployment = core_.driver->state().identity.deployment,
                  .region = core_.region,
                  .read_at = core_.imported_at,
                  .trouble = core_.ProjectTrouble(),
                  .files = {}};
  std::map<std::string, std::vector<FileView::Dag>> dags;
  for (const auto& [id, dag] : core_.driver->state().dags) {
    if (dag.row.is_active)
      dags[dag.row.fileloc].push_back({id, dag.row.version});
  }
  const auto add = [&](const project::FileStamp& stamp) {
    out.files.push_back({.path = stamp.path,
                         .size = stamp.size,
                         .modified_at = base::FromMicros(stamp.modified_ns / 1000),
                         .dags = dags[stamp.path]});
  };
  const project::Listing& listing = core_.watch.listing();
  std::ranges::for_each(listing.stamps, add);
  for (const project::FileStamp& stamp : listing.airflow) {
    if (stamp.path.ends_with(".py"))
      add(stamp);
  }
  return out;
}

}  // namespace runtime
