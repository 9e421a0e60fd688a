#pragma once

// The process's environment as a value, so that what AWS's conventions read from it can be tested
// without changing it.
//
// Thread rule: ProcessEnvironment reads the environment when asked; nobody changes it meanwhile.

#include <functional>
#include <optional>
#include <string>

namespace aws {

// The value of a variable; nothing where it is unset or empty, which AWS's tools take for the same.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment ProcessEnvironment();

}  // namespace aws
