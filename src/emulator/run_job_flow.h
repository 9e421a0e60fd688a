#pragma once

// What EMR itself refuses at once in a RunJobFlow request whose shape is right. Pure.

#include <optional>
#include <string>

#include "base/json.h"

namespace emulator {

// The message of a ValidationException, or nothing. REQUIRES: a request that CheckShape passed.
std::optional<std::string> CheckRunJobFlow(const json::object& request);

}  // namespace emulator
