#pragma once

// A test message that a person asks for: sent once, answered with what came back, and noted with
// their name. Internal to this module.
//
// Thread rule: the loop thread.

#include <string>
#include <vector>

#include "runtime/commands.h"

namespace runtime {

void TestNotifier(Core& core,
                  const std::string& name,
                  const std::vector<std::string>& emails,
                  model::Principal by,
                  OnTested answer);

}  // namespace runtime
