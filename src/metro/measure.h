#pragma once

// How good a drawing is, in numbers: the same for each program whose edges are polylines. Pure.

#include <cstdint>
#include <vector>

#include "metro/layout.h"

namespace metro {

// An edge as drawn, between stations that are numbered.
struct Polyline {
  int from = 0, to = 0;
  std::vector<Point> points;
};

struct Measures {
  int64_t crossings = 0;  // pairs of edges, and points in which they cross
  int64_t bends = 0;      // corners at which an edge turns
  int64_t overlaps = 0;   // pairs of edges without a common station that run over each other
  int64_t stretches = 0;  // between corners
  int64_t slanted = 0;    // stretches that are neither horizontal, vertical nor at 45 degrees
};

Measures Measure(const std::vector<Polyline>& edges);

}  // namespace metro
