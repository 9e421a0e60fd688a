#include "simulation/disk.h"

#include <algorithm>
#include <utility>

namespace simulation {

Disk::Disk(
    Clock& clock, Effects& effects, Witness& witness, store::Store& rows, DiskOptions options)
    : clock_(clock),
      effects_(effects),
      witness_(witness),
      rows_(rows),
      options_(std::move(options)) {}

bool Disk::IsFull() const {
  const base::Time now = clock_.Now();
  return std::any_of(options_.full.begin(), options_.full.end(), [&](const DiskOptions::Full& f) {
    return now >= f.from && now < f.until;
  });
}

base::Result<model::Snapshot> Disk::Load(base::Time since) {
  base::Result<model::Snapshot> snapshot = rows_.Load(since);
  if (snapshot)
    witness_.OnOpened(clock_.Now(), options_.opener, snapshot->identity.epoch);
  return snapshot;
}

store::CommitResult Disk::Commit(const std::vector<model::Change>& batch, int64_t epoch) {
  store::CommitResult result;
  effects_.Around([&] { result = Write(batch, epoch); });
  if (result.outcome != store::CommitResult::Outcome::kOk)
    witness_.OnCommitFailed(clock_.Now());
  return result;
}

store::CommitResult Disk::Write(const std::vector<model::Change>& batch, int64_t epoch) {
  using Outcome = store::CommitResult::Outcome;
  if (IsFull() && reserve_-- <= 0)
    return {Outcome::kRefused, "the disk is full"};
  const auto unknown = options_.unknown.find(++commits_);
  if (unknown != options_.unknown.end() && !unknown->second)
    return {Outcome::kUnknown, "the disk gave no answer"};
  store::CommitResult result = rows_.Commit(batch, epoch);
  if (result.outcome == Outcome::kOk)
    witness_.OnCommitted(clock_.Now(), batch);
  const bool is_told = unknown == options_.unknown.end() || result.outcome == Outcome::kOk;
  witness_.OnPut(
      clock_.Now(), options_.opener, epoch, is_told ? result.outcome : Outcome::kUnknown);
  if (unknown != options_.unknown.end())
    return {Outcome::kUnknown, "the disk gave no answer"};
  return result;
}

bool Disk::ReleaseReserve() {
  if (!std::exchange(held_, false))
    return false;
  reserve_ = options_.reserve;
  return true;
}

base::Status Disk::CheckFiles() {
  if (is_detached_)
    return base::Fail(base::ErrorCode::kUnavailable, "the file is gone");
  return {};
}

bool Disk::HoldReserve() {
  if (IsFull())
    return false;
  held_ = true;
  reserve_ = 0;
  return true;
}

}  // namespace simulation
