#pragma once

// What EMR itself refuses at once in a RunJobFlow request whose shape is right, and in the parts
// that other operations take too. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace emulator {

inline constexpr size_t kActiveStepsMax = 256;
inline constexpr std::string_view kTooManySteps =
    "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster "
    "exceeded.";

// The message of a ValidationException, or nothing. REQUIRES: a request that CheckShape passed.
std::optional<std::string> CheckRunJobFlow(const json::object& request);
std::optional<std::string> CheckAutoTermination(const json::object& policy);
std::optional<std::string> CheckManagedScaling(const json::object& policy, bool uses_fleets);
std::optional<std::string> CheckStepConcurrency(const json::object& request);
// Of the StepConfigs of one call.
std::optional<std::string> CheckSteps(const json::array& steps);

}  // namespace emulator
