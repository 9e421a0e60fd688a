#pragma once

// What people write on runs and task instances for each other. It changes nothing else.

#include "engine/turn.h"

namespace engine {

void SetNote(Turn& turn, const model::SetNote& event, Changes& changes);
// The run, or the task with the event's place, has the event's note from now on.
void NoteRun(Turn& turn, Run& run, const model::SetNote& event);
void NoteTask(Turn& turn, JobInstance& job, const model::SetNote& event);
// kInvalidArgument where it is longer than Airflow's model::kNoteCharactersMax.
base::Status CheckNote(const std::string& note);

}  // namespace engine
