#pragma once

// What a list of runs is ordered by, as values that every store compares alike.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "store/store.h"

namespace store {

using RunValue = std::variant<std::monostate, int64_t, std::string>;  // absent is the least

// Not of kId: that is no part of the row.
RunValue ValueOf(const model::RunRow& row, RunColumn column);

// The order in full: without repeats, and with kId at its end, so that no two runs are equal.
std::vector<RunOrder> WholeOrder(const std::vector<RunOrder>& asked);

}  // namespace store
