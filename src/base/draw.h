#pragma once

// Random draws as pure functions of (seed, entity, counter): there is no generator state, so a draw
// does not depend on the order in which things happen.

#include <cstdint>
#include <string_view>

namespace base {

uint64_t Draw(uint64_t seed, std::string_view entity, uint64_t counter);
// Uniform in [0, 1).
double DrawUnit(uint64_t seed, std::string_view entity, uint64_t counter);

}  // namespace base
