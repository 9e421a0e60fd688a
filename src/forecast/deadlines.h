#pragma once

// What becomes of the deadlines of runs, of jobs and of sets of DAGs, by an outlook. Pure.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/state.h"
#include "forecast/outlook.h"
#include "model/deadline.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace forecast {

struct DeadlineView {
  std::string name;  // of a shared deadline; "": the DAG's or the job's own
  int run = 0;       // in Network::runs
  int job = -1;      // in Network::jobs; -1: of the whole run
  base::Time due;
  model::DeadlineStatus status = model::DeadlineStatus::kOnTrack;  // none that an end decides
  std::optional<double> miss_chance;  // share of passes; none: nothing is known of its end
};

// A shared deadline, with its moments as a function. None: its cron or zone is not known.
struct SharedMoments {
  model::SharedDeadline deadline;
  std::optional<schedule::Timetable> moments;
};
std::vector<SharedMoments> MomentsOf(const std::vector<model::SharedDeadline>& deadlines,
                                     const schedule::ZoneSet& zones);

// Of the runs of the network, by due time. A job's own deadline counts while the job is open.
std::vector<DeadlineView> JudgeDeadlines(const Outlook& outlook,
                                         const engine::State& state,
                                         const std::vector<SharedMoments>& shared,
                                         const schedule::ZoneSet& zones);

}  // namespace forecast
