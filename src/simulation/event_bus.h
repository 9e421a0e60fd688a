#pragma once

// EMR's events on their way to us, as EventBridge brings them to a webhook or to the forwarder of a
// state table: lost, doubled, late and so out of order, and forged. The emulator must be made with
// `events`.

#include <cstdint>
#include <map>
#include <string>

#include "simulation/machine.h"
#include "simulation/state_table.h"

namespace simulation {

struct EventOptions {
  int lost_percent = 0;
  int doubled_percent = 0;
  int forged_percent = 0;  // a lie follows: the cluster has ended, says our account, or another one
  base::Duration late_at_least{0};
  base::Duration late_at_most{0};
  uint64_t seed = 0;
};

class EventBus : public Actor {
 public:
  // To our process, or, where it is given, into the table.
  EventBus(Machine& machine,
           emulator::Emulator& emr,
           const EventOptions& options,
           StateTable* table = nullptr)
      : machine_(machine), emr_(emr), options_(options), table_(table) {}

  // Also when EMR's model next changes: what happens there is told when it happens.
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  void Send(base::Time now, std::string event);
  int Draw(std::string_view what) const;

  Machine& machine_;
  emulator::Emulator& emr_;
  const EventOptions options_;
  StateTable* table_;
  std::multimap<base::Time, std::string> under_way_;
  uint64_t events_ = 0;
};

}  // namespace simulation
