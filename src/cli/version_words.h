#pragma once

// A stored version of a DAG in the words of DAG files, so that people find in their file what has
// changed. Lanes are written out, and cluster templates filled in: that is what a version is.

#include <map>
#include <string>

#include "base/json.h"

namespace cli {

// The values by their paths, as JSON: "tasks.build_1.retry_delay" → "\"10m\"".
using Leaves = std::map<std::string, std::string>;
Leaves InFileWords(const json::object& resolved);

}  // namespace cli
