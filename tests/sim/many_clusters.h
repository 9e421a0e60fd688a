#pragma once

// A DAG of many lanes, each with its cluster, watched for hours of virtual time by the real driver:
// what calls that takes. Counted at EMR's side, from the emulator's journal.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "virtual_estate.h"

namespace sim {

// One job after the other in each lane, one cluster at a time.
std::shared_ptr<const model::Dag> LanesDag(int lanes, int jobs);

struct CallTally {
  std::map<std::string, int> made;
  int throttled = 0;

  int Total() const;
};

class ManyClusters {
 public:
  // The world must be one of `emr`.
  ManyClusters(store::Store& store, VirtualWorld& world, emulator::Emulator& emr)
      : store_(store), world_(world), emr_(emr) {}

  // A life of the process; an earlier one is over, and the replies that it waited for are lost.
  void Start(const driver::Options& options);
  void Stop() { driver_.reset(); }
  // The DAG's only run.
  void Trigger(std::shared_ptr<const model::Dag> dag);
  void RunFor(base::Duration span);

  // Is handed every line of EMR's journal.
  void OnJournal(std::function<void(const json::object&)> listener) {
    on_journal_ = std::move(listener);
  }

  // Of all calls since the last call of this.
  CallTally TakeTally();
  const driver::Driver& driver() const { return *driver_; }
  int Live() const;

 private:
  store::Store& store_;
  VirtualWorld& world_;
  emulator::Emulator& emr_;
  schedule::ZoneSet zones_;
  std::unique_ptr<driver::Driver> driver_;
  CallTally tally_;
  std::function<void(const json::object&)> on_journal_ = [](const json::object&) {};
};

}  // namespace sim
