#pragma once

// DAG versions, read from their rows once. Versions are content-addressed and never change.
//
// Thread rule: any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "model/dag.h"
#include "model/ids.h"
#include "store/store.h"

namespace api {

class DagCache {
 public:
  // Together the DAGs that are kept have about so many jobs: the least recently used go first.
  explicit DagCache(size_t jobs_max) : jobs_max_(jobs_max) {}

  // The DAG as it was in that version.
  base::Result<std::shared_ptr<const model::Dag>> Get(store::Reader& rows,
                                                      const model::VersionId& version);

 private:
  struct Kept {
    std::shared_ptr<const model::Dag> dag;
    uint64_t used = 0;
  };

  void Keep(const model::VersionId& version, std::shared_ptr<const model::Dag> dag);

  const size_t jobs_max_;
  std::mutex mutex_;
  std::map<model::VersionId, Kept> kept_;
  std::map<uint64_t, model::VersionId> by_use_;
  uint64_t uses_ = 0;
  size_t jobs_ = 0;
};

}  // namespace api
