#pragma once

// The shapes of EMR's API (version 2009-03-31), as far as a request of ours can hold them: every
// member of RunJobFlow's input with its type, presence, enumeration and limits, as botocore's
// service model has them. A test compares the whole table with that model where it is at hand.

#include "wire/shape.h"

namespace wire {

extern const Shape kRunJobFlowInput;

}  // namespace wire
