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

  // Draws an edge as it is told.
  void Set(int edge, Path path);
  // What an edge costs as it is drawn.
  int Cost(int edge) const;
  // Draws these, and `rounds` times more among all the others.
  void Draw(std::vector<int> edges, int rounds);

  const std::vector<Path>& paths() const { return paths_; }

 private:
  void Draw(int edge);
  // Nothing: the way that it has is the best.
  Path PathToTheRight(int edge) const;

  Canvas& canvas_;
  std::vector<Trip> trips_;
  std::vector<Path> paths_;
  bool has_changed_ = false;
};

}  // namespace metro
