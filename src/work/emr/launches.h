#pragma once

// Launches: from a turn in the queue to a cluster id, or to the certainty that there is none.
// Nothing here ever sends a token twice; see ARCHITECTURE.md, "A launch is sent once".

#include "work/emr/emr.h"

namespace work {

// What an accepted launch says that was not answered for, but found in a list.
inline constexpr std::string_view kFoundByName = "found by its name";

// What a request is made of.
struct RequestSource {
  const EmrState& memory;
  const EmrOptions& options;
  const engine::State& state;
  const schedule::ZoneSet& zones;
  const engine::Run& run;
  const engine::JobInstance& job;
};

// What Launch would send for the job's open attempt, with marks for secrets; or why it would fail.
base::Result<json::object> PreviewLaunch(const RequestSource& source);

// Commits the intent to launch a cluster for the job's open attempt.
void Launch(EmrTurn& turn, engine::Run& run, engine::JobInstance& job);

void OnAccepted(EmrTurn& turn, const model::LaunchAccepted& event);
void OnRefused(EmrTurn& turn, const model::LaunchRefused& event);
void OnUncertain(EmrTurn& turn, const model::LaunchUncertain& event);
void OnLookedUp(EmrTurn& turn, const model::LaunchesLookedUp& event);

bool IsUnsettled(const model::LaunchRow& launch);

}  // namespace work
