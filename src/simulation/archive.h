#pragma once

// Rows that can lose their last commits, as a database does that is put back from an older copy, or
// taken over by a replica that lags behind.

#include <memory>
#include <vector>

#include "simulation/clock.h"
#include "simulation/witness.h"
#include "store/memory_store.h"

namespace simulation {

class Archive : public store::Store {
 public:
  enum class Keeps { kRows, kCommitsToo };
  // What is kept of commits is all that Lose needs, and it is much.
  Archive(model::Identity identity, Clock& clock, Keeps keeps);

  base::Result<model::Snapshot> Load(base::Time since) override { return rows_->Load(since); }
  base::Result<model::Snapshot> Reload(base::Time since) override { return rows_->Reload(since); }
  store::CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override;
  bool ReleaseReserve() override { return rows_->ReleaseReserve(); }
  bool HoldReserve() override { return rows_->HoldReserve(); }
  store::Reader& reader() override { return rows_->reader(); }

  // The last `count` commits never were, nor the epochs that began after the one before them.
  // Answers when the first of them had happened. REQUIRES: Keeps::kCommitsToo; nobody is using the
  // rows.
  base::Time Lose(size_t count);
  const std::vector<Stored>& commits() const { return commits_; }

 private:
  const model::Identity identity_;
  Clock& clock_;
  const Keeps keeps_;
  std::unique_ptr<store::MemoryStore> rows_;
  std::vector<Stored> commits_;
};

}  // namespace simulation
