#include "api/map_estate.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "api/map_ids.h"

namespace api {

namespace {

class Builder {
 public:
  metro::Estate Build(const MapDags& dags) && {
    for (const auto& dag : dags) {
      AddLine(*dag);
      for (const model::Job& job : dag->jobs)
        AddLinksOf(*dag, job);
      if (!dag->assets)
        continue;
      for (const std::string& asset : AssetsOf(*dag->assets))
        AddAssetLink(asset, AssetNode(asset), DagNode(dag->id));
    }
    return std::move(estate_);
  }

 private:
  // The lanes of a job are tracks of one stop.
  void AddLine(const model::Dag& dag) {
    metro::Line line{DagNode(dag.id), dag.id.str(), {}};
    std::map<model::JobId, size_t> places;
    for (const model::Job& job : dag.jobs) {
      const auto [place, is_new] = places.try_emplace(job.id, line.stops.size());
      if (is_new)
        line.stops.push_back({JobNode(dag.id, job.id), job.id.str(), 0});
      ++line.stops[place->second].tracks;
    }
    estate_.lines.push_back(std::move(line));
  }

  void AddLinksOf(const model::Dag& dag, const model::Job& job) {
    const std::string node = JobNode(dag.id, job.id);
    for (const int index : job.upstream) {
      const model::Job& up = dag.jobs[static_cast<size_t>(index)];
      AddLink(JobNode(dag.id, up.id), node, metro::LinkKind::kLine);
    }
    for (const model::CrossDependency& edge : job.cross)
      AddLink(JobNode(edge.dag, edge.job), node, metro::LinkKind::kTransfer);
    for (const model::Outlet& outlet : job.outlets)
      AddAssetLink(outlet.asset, node, AssetNode(outlet.asset));
    for (const std::string& inlet : job.inlets)
      AddAssetLink(inlet, AssetNode(inlet), node);
    // The DAG of another name is known once the job has begun.
    const model::TriggerWork* trigger = TriggerOf(job);
    if (trigger != nullptr && trigger->dag.find("{{") == std::string::npos)
      AddLink(node, DagNode(model::DagId(trigger->dag)), metro::LinkKind::kTransfer);
  }

  void AddLink(const std::string& from, const std::string& to, metro::LinkKind kind) {
    const std::string id = EdgeName(from, to);
    if (from != to && links_.insert(id).second)  // lanes have the same
      estate_.links.push_back({id, from, to, kind});
  }

  void AddAssetLink(const std::string& asset, const std::string& from, const std::string& to) {
    if (assets_.insert(asset).second)
      estate_.assets.push_back({AssetNode(asset), asset});
    AddLink(from, to, metro::LinkKind::kAsset);
  }

  metro::Estate estate_;
  std::set<std::string> links_, assets_;
};

}  // namespace

metro::Estate EstateOf(const MapDags& dags) {
  return Builder().Build(dags);
}

}  // namespace api
