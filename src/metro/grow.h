#pragma once

// Where the stations of an estate stand that has a picture already: what was there stays where it
// was, and what is new finds a place near what it leads to. Only lines that are in the way of the
// reading direction move, too. Pure.

#include <optional>

#include "metro/graph.h"
#include "metro/layout.h"
#include "metro/place.h"

namespace metro {

Cell ToCell(Point point);

// Nothing: too little is left of the former layout.
std::optional<Placement> Grow(const Graph& graph, const Layout& former);

}  // namespace metro
