#pragma once

// What one simulated life will meet: the work, the settings, and an explicit list of disturbances.
// A plan is the tape: everything follows from it, a seed only draws one. So a failure can be made
// small by leaving parts out, and kept as a file that outlives changes of the drawing.
//
// Times are spans from the workload's start, by EMR's clock.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "emr/defaults.h"
#include "emr/node_looks.h"
#include "emulator/fault_plan.h"
#include "fault_finder/disturbance.h"
#include "simulation/workload.h"

namespace fault_finder {

enum class Mode {
  kRandom,    // disturbances come at any time in the first hours
  kLiveness,  // and some stay for ever: everything must converge all the same
};

std::string_view ToString(Mode mode);  // "random"

// What the process is set to.
struct Settings {
  base::Duration poll_interval = emr::kPollInterval;
  base::Duration fleet_interval = emr::kFleetInterval;
  base::Duration reaper_interval = emr::kReaperInterval;
  base::Duration fleet_grace = emr::kFleetGrace;
  base::Duration launch_settle = emr::kLaunchSettle;
  base::Duration list_lag_max = emr::kListLagMax;
  bool reaper_without_brakes = false;  // armed; the next four do not count
  bool reaper_is_armed = true;
  base::Duration reaper_grace = emr::kReaperGrace;
  int64_t reaper_most = emr::kReaperMaxPerPass;  // in a pass
  int64_t reaper_percent = 50;                   // of live clusters that may look unclaimed
  bool is_sampled = false;  // EMR's events go to a table, which is asked in place of EMR at times
};

// What is known of the end beyond the rules, where a plan is not drawn but made (scenarios.h).
struct Ending {
  // Every run succeeds unless people said otherwise, and no attempt takes more than one cluster.
  bool is_good = false;
  int64_t attempts = 0;  // of all jobs; 0: any number
  // What people stop is dead by then.
  base::Duration stops_within = base::hours(24);
};

struct Plan {
  uint64_t seed = 0;  // of the world's own draws: spans, latencies
  Mode mode = Mode::kRandom;
  simulation::Workload work;
  Settings settings;
  emulator::Timing timing;
  std::vector<Disturbance> disturbances;
  Ending ending;
};

// Adds a disturbance. The reference holds until the next one is added.
template <typename Kind>
Kind& Add(Plan& plan, Kind disturbance = {}) {
  return std::get<Kind>(plan.disturbances.emplace_back(std::move(disturbance)));
}
template <typename Kind>
bool Has(const Plan& plan) {
  return std::any_of(plan.disturbances.begin(), plan.disturbances.end(), &IsAnyOf<Kind>);
}
// All of this kind, in the plan's order.
template <typename Kind>
std::vector<const Kind*> AllOf(const Plan& plan) {
  std::vector<const Kind*> all;
  for (const Disturbance& disturbance : plan.disturbances) {
    if (const Kind* one = std::get_if<Kind>(&disturbance))
      all.push_back(one);
  }
  return all;
}

// Swarm testing (Groce and others, ISSTA 2012): each seed draws a subset of the kinds and their
// rates first, for faults that are always all there hide one another.
Plan DrawPlan(uint64_t seed, Mode mode);
// What others in the account and lists that lag do to a plan that is drawn: rare, and aimed.
void DrawNeighbours(Plan& plan);
// Schedules that are edited, reads of what was long ago, clocks that are set by hours.
void DrawDrifts(Plan& plan);
// Ticks that do not fire, and who waits for them.
void DrawGaps(Plan& plan);
// Reads that do not know a cluster, contradict each other, or end in the middle of a list.
void DrawLies(Plan& plan);
// A part of what was stored is lost; the reaper is set for it.
void DrawLosses(Plan& plan);
// Trigger rules, setups and teardowns, tries that may not take long.
void DrawReadiness(Plan& plan);
// Weights, slots and limits: who goes first, and how many at once.
void DrawCapacity(Plan& plan);
// Limits of vCPUs, and spend caps, which are lifted some time.
void DrawCaps(Plan& plan);
// What begins after what: the past of a DAG, runs without ticks, late starts, closed times.
void DrawBegins(Plan& plan);
// Jobs that are mapped over lists, and people who change their instances.
void DrawMapping(Plan& plan);
// Many DAG files vanish at once.
void DrawVanishes(Plan& plan);
// What jobs tell the later ones through S3.
void DrawOutputs(Plan& plan);
// People ask for past runs, and hold launches.
void DrawRequests(Plan& plan);
// What edges across DAGs want: rules, whole runs, bounded windows, earlier intervals.
void DrawEdgeForms(Plan& plan);
// Jobs that make assets, DAGs that follow them, events by hand.
void DrawAssets(Plan& plan);
// Groups with retries; after all that draws jobs.
void DrawGroups(Plan& plan);

// Jobs that trigger runs of later DAGs, and conditions over the ends of jobs of other DAGs.
void DrawTriggers(Plan& plan);
// DAGs that get and lose jobs, runs that take the newest version, notes.
void DrawReruns(Plan& plan);
// Jobs that are processes of our own machine, and what may happen to them there.
void DrawCommands(Plan& plan);
// Records that are written and dropped.
void DrawRecords(Plan& plan);
void DrawMail(Plan& plan);

// Causes that logs tell, late and more than once.
void DrawCauses(Plan& plan);
// Runs that are deleted, and others under their ids. Only some rules know of it (trial.cc).
void DrawDeletes(Plan& plan);

json::value ToJson(const Plan& plan);
base::Result<Plan> ParsePlan(std::string_view text);

}  // namespace fault_finder
