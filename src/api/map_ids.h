#pragma once

// The names of things on the map: they stay what they are as long as their things do.

#include <string>
#include <string_view>

#include "base/text.h"
#include "model/ids.h"

namespace api {

inline std::string DagNode(const model::DagId& dag) {
  return base::Cat("dag:", dag.str());
}
inline std::string JobNode(const model::DagId& dag, const model::JobId& job) {
  return job.empty() ? DagNode(dag) : base::Cat("job:", dag.str(), "/", job.str());
}
inline std::string AssetNode(std::string_view asset) {
  return base::Cat("asset:", asset);
}
inline std::string GroupNode(const model::DagId& dag, std::string_view path) {
  return base::Cat("group:", dag.str(), "/", path);
}
inline std::string EdgeName(std::string_view from, std::string_view to) {
  return base::Cat(from, ">", to);
}

}  // namespace api
