#pragma once

// The DAG versions that were stored, for all families of rules: each is parsed once. What the
// database loses stays here: a version never changes, and others point into it.
//
// Not the project's files (facts.h): these are what the product made of them.

#include <map>
#include <memory>
#include <vector>

#include "model/dag.h"
#include "model/rows.h"

namespace simulation {

class Versions {
 public:
  void Take(const std::vector<model::Change>& batch);
  // Null if it was never stored.
  std::shared_ptr<const model::Dag> Share(const model::VersionId& version) const;
  const model::Dag* Find(const model::VersionId& version) const { return Share(version).get(); }

 private:
  std::map<model::VersionId, std::shared_ptr<const model::Dag>> all_;
};

// Null if the DAG has no such job; so of a null DAG.
const model::Job* FindJob(const model::Dag* dag, const model::JobId& id, const model::LaneId& lane);

}  // namespace simulation
