#pragma once

// DAGs whose files are gone. One file that is gone means that somebody removed the DAG. Many at
// once mean more likely that a disk is not mounted or a copy failed: then nothing is deactivated
// until a person confirms, or until the files are back. DagRow::missing_since keeps that over a
// restart.

#include <cstddef>
#include <set>

#include "engine/turn.h"

namespace engine {

// Whether `gone` of `active` DAGs are too many to believe that people removed them.
bool IsMassVanish(size_t gone, size_t active);

// The project was read, and only the DAGs in `read` are in it.
void LeaveOut(Turn& turn, const std::set<model::DagId>& read);
void DeactivateDags(Turn& turn, const model::DeactivateDags& event, Changes& changes);

}  // namespace engine
