#pragma once

// An estate by numbers: stations (stops and assets) by id, and the links between them that are
// drawn. Pure.

#include <string>
#include <vector>

#include "metro/estate.h"

namespace metro {

struct Node {
  const Stop* stop = nullptr;
  int line = -1;             // into Graph::lines; -1: an asset
  std::vector<int> in, out;  // into Graph::edges
};

struct Edge {
  const Link* link = nullptr;
  int from = 0, to = 0;
  // Against the reading direction: links between lines may lead in a circle, because a run waits
  // for another line's earlier run.
  bool is_back = false;
};

// Everything is sorted by id, so that the order of the input does not count. The estate must
// outlive it.
struct Graph {
  explicit Graph(const Estate& estate);

  int NodeOf(const std::string& id) const;  // -1: there is none
  bool IsFirst(int node) const {            // of its line, whose name stands there
    return nodes[node].line >= 0 && &lines[nodes[node].line]->stops.front() == nodes[node].stop;
  }
  // By edge: whether others lead the same way, with stations between.
  std::vector<char> Implied() const;
  int Left(const Edge& edge) const { return edge.is_back ? edge.to : edge.from; }
  int Right(const Edge& edge) const { return edge.is_back ? edge.from : edge.to; }

  std::vector<const Line*> lines;
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::vector<int> order;  // nodes, each after all that lead to it
};

}  // namespace metro
