#pragma once

// EMR's truth against the promises: I1, no cluster lives on after the end of its attempt, nor
// beside another of it; I2, one of them runs the steps, and a job is done once; I6, each is of an
// attempt that was committed; I10, while clusters work EMR is asked; I12, a pool's slots.
//
// Called before each call and at each turn, with each pool that is committed, after each batch, and
// after a loss of commits.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/rules/facts.h"
#include "simulation/witness.h"

namespace simulation {

class LiveRules {
 public:
  explicit LiveRules(Facts& facts) : facts_(facts) {}

  void OnPool(const model::PoolRow& row) { pools_[row.id] = row.slots; }
  void OnCommitted();  // a batch, after all other families
  void BeforeCall(const SeenCall& call);
  void OnTurn(base::Time now);
  void Forget() { pools_.clear(); }  // what was committed
  // The commits that are left have been replayed.
  void Rewind(base::Time now, const Promises& before);

  int64_t launches() const { return launches_; }  // RunJobFlow calls that made a cluster

 private:
  using Attempt = Promises::Attempt;
  using Job = Promises::Job;

  void OnNews(base::Time now, const LedgerEntry& entry);
  void NoteLaunched(const LedgerEntry& entry, Attempt& attempt, Job& job);
  // Its launch is among the commits that are lost: whose it is cannot be told.
  bool IsLost(const LedgerEntry& entry, std::string_view token);
  void CheckLive(base::Time now);
  void CheckPools(base::Time now);

  Facts& facts_;
  std::map<model::PoolId, int> pools_;
  // By token: launches that the database has lost, and their clusters.
  std::map<std::string, std::vector<const emulator::Cluster*>, std::less<>> lost_;
  base::Time called_at_;  // the latest call to EMR, whatever became of it
  int64_t launches_ = 0;
};

}  // namespace simulation
