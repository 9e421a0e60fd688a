#pragma once

// How many vCPUs an instance type has, by the name of its size: the families follow one rule, and
// what does not follow it stands in a table. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace emr {

// Nothing for a size or a metal family that is not known.
std::optional<int64_t> VcpusOfType(std::string_view type);  // "m5.xlarge": 4

}  // namespace emr
