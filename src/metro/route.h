#pragma once

// The way of each edge between stations that stand. Each takes the cheapest of the ways that have a
// few bends: cheap is what crosses little, bends little, passes no label, and is short. Then each
// is drawn again among all the others, until nothing gets cheaper. Pure.

#include <vector>

#include "metro/canvas.h"

namespace metro {

// Of one edge: its stations, and rows that have been kept free for it.
struct Trip {
  Cell from, to;
  std::vector<int> rows;
};

class Router {
 public:
  Router(Canvas& canvas, std::vector<Trip> trips);

  // Draws an edge as it is told; it stays so.
  void Fix(int edge, Path path);
  // All others, `rounds` times more after the first.
  void Draw(int rounds);

  const std::vector<Path>& paths() const { return paths_; }

 private:
  Path BestPath(int edge) const;
  void Redraw(int edge);

  Canvas& canvas_;
  std::vector<Trip> trips_;
  std::vector<Path> paths_;
  std::vector<char> is_fixed_;
};

}  // namespace metro
