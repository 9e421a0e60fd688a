#pragma once

// The jobs of a group whose delay is over begin again, as if a person had cleared them (actions.h).

#include "engine/turn.h"

namespace engine {

void RetryDueGroups(Turn& turn);

}  // namespace engine
