#pragma once

// A line cut into words as a POSIX shell would, with quotes and backslashes and without anything
// else of a shell: no variables, no globs, no comments. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aws {

// kInvalidArgument where a quote is not closed or a backslash ends the line.
base::Result<std::vector<std::string>> SplitWords(std::string_view line);

}  // namespace aws
