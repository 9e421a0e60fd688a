#pragma once

// The stage for a plan: what its disturbances make of the options of each part of the world, and
// how much patience they ask of the checks. A disturbance that happens at a moment has an actor
// instead (meddlers.h).

#include <vector>

#include "fault_finder/plan.h"
#include "simulation/disk.h"
#include "simulation/event_bus.h"
#include "simulation/network.h"
#include "simulation/rules/checks.h"

namespace fault_finder {

std::vector<simulation::CrashPoint> CrashesOf(const Plan& plan);
emulator::Options EmrOf(const Plan& plan);
bool HasEvents(const Plan& plan);
simulation::EventOptions EventsOf(const Plan& plan);
simulation::NetworkOptions NetworkOf(const Plan& plan);
simulation::DiskOptions DiskOf(const Plan& plan);
driver::Options DriverOf(const Plan& plan);

// Every trouble makes everything later by as long as it lasts.
simulation::Patience PatienceFor(const Plan& plan);
// Our calls alone are within EMR's quotas, in one life: a new one does not know what the last
// spent.
bool MustNotBeThrottled(const Plan& plan);
bool LosesATail(const Plan& plan);
// How far our clock is ahead of EMR's after it was set: less than nothing where it is behind.
base::Duration AheadOf(const ClockSet& clock);
// Between how far behind EMR's clock ours ever is, and how far ahead.
struct ClockRange {
  base::Duration behind{0};
  base::Duration ahead{0};
  base::Duration Width() const { return behind + ahead; }
};
ClockRange ClockRangeOf(const Plan& plan);
// Until the last disturbance is over that ends at all.
base::Duration BusyFor(const Plan& plan);

}  // namespace fault_finder
