#include "simulation/archive.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace simulation {

using Outcome = store::CommitResult::Outcome;

Archive::Archive(model::Identity identity, Clock& clock, Keeps keeps)
    : identity_(std::move(identity)),
      clock_(clock),
      keeps_(keeps),
      rows_(std::make_unique<store::MemoryStore>(identity_)) {}

store::CommitResult Archive::Commit(const std::vector<model::Change>& batch, int64_t epoch) {
  store::CommitResult result = rows_->Commit(batch, epoch);
  if (keeps_ == Keeps::kCommitsToo && result.outcome == Outcome::kOk)
    commits_.push_back({clock_.Now(), epoch, batch});
  return result;
}

base::Time Archive::Lose(size_t count) {
  CHECK(keeps_ == Keeps::kCommitsToo);
  const size_t kept = commits_.size() - std::min(count, commits_.size());
  const base::Time since = kept < commits_.size() ? commits_[kept].at : clock_.Now();
  commits_.erase(commits_.begin() + static_cast<std::ptrdiff_t>(kept), commits_.end());
  model::Identity identity = identity_;
  if (!commits_.empty())
    identity.epoch = commits_.back().epoch;
  rows_ = std::make_unique<store::MemoryStore>(identity);
  for (const Stored& commit : commits_)
    CHECK(rows_->Commit(commit.batch, identity.epoch).outcome == Outcome::kOk);
  return since;
}

}  // namespace simulation
