#pragma once

// A new key for what is sealed: all variables and connections in one commit. What was on its way
// into the database meanwhile, sealed with the old key, follows in another one; only then the old
// key goes.
//
// Thread rule: the loop thread.

#include "runtime/commands.h"

namespace runtime {

// kConflict where another rotation is under way, or something was changed meanwhile: ask again.
// kCorrupt where a record does not open with any of the keys. After a crash both keys open.
void RotateKey(Core& core, model::Principal by, OnRotated answer);

}  // namespace runtime
