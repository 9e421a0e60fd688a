#pragma once

// The store as a process has it: rows that outlive it, on a disk that may be full, and commits of
// which it never learns what became.

#include <cstdint>
#include <map>
#include <vector>

#include "simulation/clock.h"
#include "simulation/effects.h"
#include "simulation/witness.h"
#include "store/store.h"

namespace simulation {

struct DiskOptions {
  struct Full {
    base::Time from;
    base::Time until;
  };
  std::vector<Full> full;
  int reserve = 200;  // commits for which the reserve file makes room
  // Commits (from 1, over all lives) that answer "unknown": whether they happened.
  std::map<int64_t, bool> unknown;
  Opener opener = Opener::kUs;
};

class Disk : public store::Store {
 public:
  // The rows are borrowed.
  Disk(Clock& clock,
       Effects& effects,
       Witness& witness,
       store::Store& rows,
       DiskOptions options = {});

  base::Result<model::Snapshot> Load(base::Time since) override;
  base::Result<model::Snapshot> Reload(base::Time since) override { return rows_.Reload(since); }
  store::CommitResult Commit(const std::vector<model::Change>& batch, int64_t epoch) override;
  bool ReleaseReserve() override;
  bool HoldReserve() override;
  base::Status CheckFiles() override;
  // Somebody deletes the file, whose descriptor the process has; it is put back where it lies.
  void Detach() { is_detached_ = true; }
  void Attach() { is_detached_ = false; }
  store::Reader& reader() override { return rows_.reader(); }

 private:
  bool IsFull() const;
  store::CommitResult Write(const std::vector<model::Change>& batch, int64_t epoch);

  Clock& clock_;
  Effects& effects_;
  Witness& witness_;
  store::Store& rows_;
  const DiskOptions options_;
  int64_t commits_ = 0;
  int reserve_ = 0;  // commits that still fit on a full disk
  bool held_ = true;
  bool is_detached_ = false;
};

}  // namespace simulation
