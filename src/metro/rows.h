#pragma once

// How far down each station and each trunk stands, in cells: in the order of the columns, lines
// straight, trunks straight, and everything near what it leads to. Pure.

#include <vector>

#include "metro/graph.h"
#include "metro/order.h"

namespace metro {

// By item, from 0 on.
std::vector<int> Rows(const Graph& graph, const Columns& columns);

}  // namespace metro
