#pragma once

// The bearer token that the API asks for and the command line reads: 64 hexadecimal digits in a
// file that only its owner may read.

#include <string>

#include "base/result.h"

namespace api {

// The token in the file. A new one is made where there is none, or where others could read it.
base::Result<std::string> EnsureToken(const std::string& path);

}  // namespace api
