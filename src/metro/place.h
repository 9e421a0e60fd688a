#pragma once

// Where each station of an estate stands that has not been laid out before, and the rows that are
// kept free for its long edges. Pure.

#include <utility>
#include <vector>

#include "metro/canvas.h"
#include "metro/graph.h"

namespace metro {

struct Placement {
  std::vector<Cell> at;                // by node
  std::vector<std::vector<int>> rows;  // by edge
};

Placement Place(const Graph& graph);

// Half of what a station's label takes, or its line's name, in whole cells.
int HalfLabel(const Graph& graph, int node);
// The rows that they take above and below it.
std::pair<int, int> RowsOfLabels(const Graph& graph, int node);

}  // namespace metro
