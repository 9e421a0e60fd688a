#pragma once

// I7, judged from outside: a process that opens the store begins an epoch, and nothing is stored
// under an older one, nor under one that another process was given. A process that was told that it
// is fenced does nothing more.

#include "simulation/rules/checks.h"

namespace simulation {

class Fence : public Witness {
 public:
  explicit Fence(Checks& checks) : checks_(checks) {}

  void OnOpened(base::Time now, Opener opener, int64_t epoch) override;
  void OnPut(base::Time now,
             Opener opener,
             int64_t epoch,
             store::CommitResult::Outcome outcome) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void BeforeCall(const SeenCall& call) override;

 private:
  Checks& checks_;
  int64_t newest_ = 0;
  int64_t ours_ = 0;  // of our present life
  bool is_fenced_ = false;
};

}  // namespace simulation
