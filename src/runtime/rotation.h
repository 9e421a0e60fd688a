#pragma once

// A new key for what is sealed: all variables and connections in one commit.

#include "runtime/commands.h"

namespace runtime {

// kConflict where something was changed meanwhile: ask again. kCorrupt where a record does not open
// with any of the keys. Until the commit is done, and after a crash, the old key opens too.
void RotateKey(Core& core, model::Principal by, OnRotated answer);

}  // namespace runtime
