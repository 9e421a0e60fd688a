#pragma once

// Launches: from a turn in the queue to a cluster id, or to the certainty that there is none.
// Nothing here ever sends a token twice; see ARCHITECTURE.md, "A launch is sent once".

#include "engine/turn.h"

namespace engine {

// What an accepted launch says that was not answered for, but found in a list.
inline constexpr std::string_view kFoundByName = "found by its name";

// Commits launch intents for up to `limit` queued jobs, longest waiting first, pools permitting.
void GrantLaunches(Turn& turn, int limit);
int CountLaunchable(const State& state, int limit);

void OnAccepted(Turn& turn, const model::LaunchAccepted& event);
void OnRefused(Turn& turn, const model::LaunchRefused& event);
void OnUncertain(Turn& turn, const model::LaunchUncertain& event);
void OnLookedUp(Turn& turn, const model::LaunchesLookedUp& event);

bool IsUnsettled(const model::LaunchRow& launch);

}  // namespace engine
