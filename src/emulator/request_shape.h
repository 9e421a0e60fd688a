#pragma once

// The input shapes of the operations that the emulator answers, and the checks that AWS's front end
// makes before an operation sees a request: types (SerializationException), required members, enum
// values and lengths (ValidationException), and unknown members, which AWS ignores.
//
// Kept apart from the shapes that Signalbox's client uses on purpose: a name misspelt there must
// not be understood here. Names and limits: the EMR API, version 2009-03-31. Pure, immutable.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace emulator {

struct ShapeError {
  std::string code;  // SerializationException or ValidationException
  std::string message;
};

// Whether `action` has an input shape here, which is to say: whether it is an operation.
bool IsOperation(std::string_view action);

// Checks `request` and removes from it the members that the API does not know.
// REQUIRES: IsOperation(action).
std::optional<ShapeError> CheckShape(std::string_view action, json::value& request);

}  // namespace emulator
