#pragma once

// What a list of runs is ordered and filtered by, as values that every store compares alike.

#include <vector>

#include "store/row_value.h"
#include "store/store.h"

namespace store {

// Not of kId: that is no part of the row.
RowValue ValueOf(const model::RunRow& row, RunColumn column);

// The order in full: without repeats, and with kId at its end, so that no two runs are equal.
std::vector<RunOrder> WholeOrder(const std::vector<RunOrder>& asked);

// Whether the run is among those that are asked for.
bool Meets(const model::RunRow& row, const RunQuery& query);

}  // namespace store
