#pragma once

// An account of EMR's model, in virtual time, in which others launch too; and our driver, which may
// be stopped and started over any store. For what an Estate has no place for: clusters that this
// driver did not make.

#include <memory>
#include <string>

#include "virtual_estate.h"

namespace sim {

class VirtualAccount {
 public:
  VirtualAccount(base::Time start, driver::Options driver, emulator::Options emr);
  ~VirtualAccount();

  // Somebody's RunJobFlow, now: a cluster without steps that waits until it is terminated.
  model::ClusterId Launch(const std::string& name);

  void Start(store::Store& store, std::vector<std::shared_ptr<const model::Dag>> dags = {});
  void Stop();
  void RunFor(base::Duration span);
  void Trigger(const std::string& dag, const std::string& run);

  driver::Driver& driver() { return *driver_; }
  base::Time now() { return world_.Now(); }
  emulator::ClusterTruth Truth(const model::ClusterId& cluster) const;
  bool Lives(const model::ClusterId& cluster) const { return Truth(cluster).Live(); }
  const emulator::Emulator& emr() const { return emr_; }
  // Calls of ours.
  int Count(const std::string& action) const;
  // When TerminateJobFlows first named it.
  std::optional<base::Time> KilledAt(const model::ClusterId& cluster) const;

 private:
  // Notes what our driver submits.
  class Watched;

  CrashPlan crashes_;  // never armed
  driver::Options options_;
  emulator::Emulator emr_;
  VirtualWorld world_;
  std::unique_ptr<Watched> watched_;
  schedule::ZoneSet zones_;
  std::unique_ptr<driver::Driver> driver_;
};

// The Name under which `incarnation` of `deployment` would launch; its token is made from `number`.
std::string NameOf(const std::string& deployment, const std::string& incarnation, int number);

// Makes a database that launched once, long ago.
void RecordPastLaunch(store::Store& store, base::Time at);

}  // namespace sim
