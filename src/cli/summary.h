#pragma once

// The account of a demo that has ended: for people as text, for scripts as summary.json. Pure: made
// of what the API said last. The emulator's journal is the truth that tests compare it with.

#include <string>

#include "base/json.h"
#include "base/time.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace cli {

struct Elapsed {
  base::Time world_begin, world_end;
  base::Duration wall{0};
  double speed = 1;
};

// Every run succeeded and no cluster is left.
bool AllIsWell(const Progress& progress);

json::object SummaryJson(const Progress& progress, const Elapsed& elapsed);
// The same figures for people.
std::string SummaryText(const json::object& summary, const Terminal& terminal);

}  // namespace cli
