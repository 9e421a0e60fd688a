#pragma once

// Records (model/record.h): written as they are asked for; what they say is none of the engine's
// business. And refusals, which leave a row of history alone.

#include "engine/turn.h"

namespace engine {

void ChangeRecords(Turn& turn, const model::ChangeRecords& event, Changes& changes);
void NoteRefusal(Turn& turn, const model::Refused& event);

}  // namespace engine
