#pragma once

// The texts with which every store refuses, so that people read the same words whichever store
// they use.

#include <string>

#include "base/result.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "base/time.h"
#include "model/rows.h"

namespace store {

inline base::Error NoRun(const model::RunKey& run) {
  return {base::ErrorCode::kNotFound, base::Cat("there is no run ", base::Excerpt(ToString(run)))};
}

inline base::Error NoVersion(const model::VersionId& version) {
  return {base::ErrorCode::kNotFound,
          base::Cat("there is no DAG version ", base::Excerpt(version.str()))};
}

inline base::Error NoLaunch(const model::LaunchToken& token) {
  return {base::ErrorCode::kNotFound, base::Cat("there is no launch ", base::Excerpt(token.str()))};
}

inline base::Error NoCluster(const model::ClusterId& id) {
  return {base::ErrorCode::kNotFound, base::Cat("there is no cluster ", base::Excerpt(id.str()))};
}

inline base::Error NoBackfill(int64_t id) {
  return {base::ErrorCode::kNotFound, base::Cat("there is no backfill ", id)};
}

inline base::Error FireTaken(const model::RunRow& run, const model::RunKey& holder) {
  return {base::ErrorCode::kConflict,
          base::Cat("the DAG ",
                    run.key.dag.str(),
                    " has a run for ",
                    base::FormatRfc3339(run.logical_date.value_or(base::Time{})),
                    " already: ",
                    holder.run.str())};
}

inline base::Error HistoryGap(int64_t seq, int64_t last) {
  return {base::ErrorCode::kConflict,
          base::Cat("history row ", seq, " does not follow row ", last)};
}

inline std::string FencedReason(int64_t epoch, int64_t current) {
  return base::Cat("epoch ", epoch, " is over: epoch ", current, " has begun");
}

}  // namespace store
