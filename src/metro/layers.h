#pragma once

// The column of each station: every link leads to the right, but for those that close a circle, and
// the links are short in sum; those of a line count most, so that its stations stay together. Pure.

#include <vector>

#include "metro/graph.h"

namespace metro {

// By node, from 0 on.
std::vector<int> Layers(const Graph& graph);

}  // namespace metro
