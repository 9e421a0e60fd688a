#pragma once

// Runs that somebody asks for, a person or a job: what may be asked, and the run that is made.
// Kinds of work call this, too.
//
// Not here: whether a run of that id has ended and left memory (the store refuses its id, and the
// kind of work that asks for runs has it read).

#include <optional>
#include <string>

#include "engine/turn.h"

namespace engine {

// With it begin the ids of runs that are made for jobs that give them none.
inline constexpr std::string_view kOperatorPrefix = "operator_triggered__";

struct WantedRun {
  model::RunKey key;
  model::RunType type = model::RunType::kManual;
  std::optional<Time> logical_date;
  std::optional<base::Interval> data_interval;  // none: by the schedule
  json::object conf;
  std::string triggered_by;
  std::string note;
};

// Why there can be no such run; also if there is one in memory.
base::Status CheckWanted(const State& state, const WantedRun& wanted);
// REQUIRES: CheckWanted.
void CreateWanted(Turn& turn, const WantedRun& wanted);

// The run that a person would get, as part of nothing: its jobs are at their first tries, which
// have not begun. An error is what they would be answered.
base::Result<Run> PreviewRun(const State& state, const model::TriggerRun& event, Time now);

// A person asks for a run.
void Trigger(Turn& turn, const model::TriggerRun& event, Changes& changes);

}  // namespace engine
