#include "api/dag_cache.h"

#include <utility>

#include "base/json.h"
#include "model/dag_json.h"

namespace api {

namespace {

// A DAG without jobs takes room too.
size_t WeightOf(const model::Dag& dag) {
  return dag.jobs.size() + 1;
}

}  // namespace

base::Result<std::shared_ptr<const model::Dag>> DagCache::Get(store::Reader& rows,
                                                              const model::VersionId& version) {
  {
    const std::lock_guard lock(mutex_);
    if (auto found = kept_.find(version); found != kept_.end()) {
      by_use_.erase(found->second.used);
      found->second.used = ++uses_;
      by_use_.emplace(uses_, version);
      return found->second.dag;
    }
  }
  ASSIGN_OR_RETURN(model::DagVersionRow row, rows.Version(version));
  ASSIGN_OR_RETURN(std::shared_ptr<const model::Dag> dag, model::DagOf(row));
  Keep(version, dag);
  return dag;
}

void DagCache::Keep(const model::VersionId& version, std::shared_ptr<const model::Dag> dag) {
  const std::lock_guard lock(mutex_);
  const size_t weight = WeightOf(*dag);
  if (!kept_.emplace(version, Kept{std::move(dag), ++uses_}).second)
    return;  // another thread was faster
  by_use_.emplace(uses_, version);
  jobs_ += weight;
  while (jobs_ > jobs_max_ && kept_.size() > 1) {
    const auto oldest = by_use_.begin();
    const auto gone = kept_.find(oldest->second);
    jobs_ -= WeightOf(*gone->second.dag);
    kept_.erase(gone);
    by_use_.erase(oldest);
  }
}

}  // namespace api
