#pragma once

// An AWS account in virtual time, in which others launch too, and our process, which may be stopped
// and started over any store. simulation::Machine, put together for tests and measures that look at
// calls and clusters; what goes wrong in lives of all kinds is fault_finder's.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation/event_bus.h"
#include "simulation/machine.h"

namespace sim {

// The calls of our process, as they reached EMR.
class CallLog : public simulation::Witness {
 public:
  struct Call {
    base::Time at;
    std::string action;
    std::string body;
    bool throttled = false;
  };
  void OnCall(const simulation::SeenCall& call) override;
  const std::vector<Call>& calls() const { return calls_; }

 private:
  std::vector<Call> calls_;
};

struct CallTally {
  std::map<std::string, int> made;
  int throttled = 0;
};

class Account {
 public:
  Account(base::Time start, emulator::Options emr);
  ~Account();

  void Watch(simulation::Witness* witness) { witnesses_.Add(witness); }

  // Somebody's RunJobFlow, now: a cluster without steps that waits until it is terminated.
  model::ClusterId Launch(const std::string& name);

  // A life of the process; an earlier one is over.
  void Start(store::Store& store, const driver::Options& options, simulation::Project project = {});
  // EMR's events, to the life that has begun. REQUIRES: an emulator with events.
  void SendEvents(const simulation::EventOptions& options);
  void Stop();
  void RunFor(base::Duration span);
  void Trigger(const std::string& dag, const std::string& run);

  driver::Driver& driver() { return machine_->driver(); }
  base::Time now() const { return clock_.Now(); }
  emulator::Emulator& emr() { return emr_; }
  emulator::ClusterTruth Truth(const model::ClusterId& cluster) const;
  bool Lives(const model::ClusterId& cluster) const { return Truth(cluster).Live(); }
  int CountLive() const;

  // Of all lives.
  int Count(const std::string& action) const;
  // Since the last call of this.
  CallTally TakeTally();
  // When TerminateJobFlows first named it.
  std::optional<base::Time> KilledAt(const model::ClusterId& cluster) const;

 private:
  simulation::Clock clock_;
  emulator::Emulator emr_;
  simulation::Effects effects_;  // nothing crashes here
  simulation::Witnesses witnesses_;
  CallLog log_;
  simulation::Network network_;
  schedule::ZoneSet zones_;
  std::optional<simulation::Machine> machine_;
  std::optional<simulation::EventBus> events_;
  size_t tallied_ = 0;
};

// The Name under which `incarnation` of `deployment` would launch; its token is made from `number`.
std::string NameOf(const std::string& deployment, const std::string& incarnation, int number);

// Makes a database that launched once, long ago.
void RecordPastLaunch(store::Store& store, base::Time at);

// DAG "many": one job after the other in each lane, one cluster at a time.
std::shared_ptr<const model::Dag> LanesDag(int lanes, int jobs);
// It alone, with slots for all.
simulation::Project Lanes(std::shared_ptr<const model::Dag> dag);

}  // namespace sim
