#pragma once

// Where each station of an estate stands that has not been laid out before, and the rows that are
// kept free for its long edges. Pure.

#include <vector>

#include "metro/canvas.h"
#include "metro/graph.h"

namespace metro {

struct Placement {
  std::vector<Cell> at;                // by node
  std::vector<std::vector<int>> rows;  // by edge
};

Placement Place(const Graph& graph);

// Half of what a station's label takes, in whole cells.
int HalfLabel(const Stop& stop);

}  // namespace metro
