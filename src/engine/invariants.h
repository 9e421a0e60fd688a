#pragma once

// The engine's rules, checked from outside over its whole state: every index and count is recounted
// from the rows. Tests and simulation call it after every step.

#include <string>
#include <vector>

#include "engine/engine.h"

namespace engine {

// What is broken, a sentence each; empty if all is well.
std::vector<std::string> BrokenInvariants(const Engine& engine);

}  // namespace engine
