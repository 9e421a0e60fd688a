#pragma once

// What may be launched, judged when it is decided and when it is sent: I6, by a committed intent
// alone, and as that says; I2, once, and not beside a live cluster of the job; I1, under our name;
// I3, not while the DAG is paused, nor before what it waits for (order_rules.h); I4, not again
// after EMR would not take it; I8, not while terminating is denied; I15, in its run's version.
//
// Called with each launch that is committed, and with each call that may launch and its reply.

#include <optional>

#include "driver/world.h"
#include "simulation/rules/facts.h"
#include "simulation/rules/order_rules.h"
#include "simulation/witness.h"

namespace simulation {

class LaunchRules {
 public:
  LaunchRules(Facts& facts, OrderRules& order_rules) : facts_(facts), order_rules_(order_rules) {}

  void OnLaunch(base::Time now, const model::LaunchRow& row);
  void BeforeLaunch(const SeenCall& call);  // a RunJobFlow is sent
  void OnCall(const SeenCall& call);
  void OnReply(const driver::Call& call, const driver::Reply& reply);
  void OnDetached() { is_detached_ = true; }
  void OnCommitFailed();
  void OnDeath();
  void Forget() { is_detached_ = false; }  // what was committed
  // What was sent and refused for what is still promised.
  void Recall(const Promises& before);

  // When the RunJobFlow that made it was sent; nothing for a cluster that is not ours.
  std::optional<base::Time> SentAt(const emulator::Cluster& cluster) const;
  int64_t throttled() const { return throttled_; }  // calls that the quotas refused

 private:
  using Intent = Promises::Intent;

  void CheckOrder(const SeenCall& call, const model::AttemptKey& attempt);

  Facts& facts_;
  OrderRules& order_rules_;
  bool is_detached_ = false;  // the store's file is deleted
  bool is_denied_ = false;    // to terminate, as far as our process was told in this life
  int64_t throttled_ = 0;
};

}  // namespace simulation
