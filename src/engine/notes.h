#pragma once

// What people write on runs and task instances for each other. It changes nothing else.

#include "engine/turn.h"

namespace engine {

void SetNote(Turn& turn, const model::SetNote& event, Changes& changes);
// kInvalidArgument where it is longer than Airflow's model::kNoteCharactersMax.
base::Status CheckNote(const std::string& note);

}  // namespace engine
