#pragma once

// Who stands above whom in each column, so that few links cross. What a station has to send over
// several columns runs as one trunk and branches off late: between its column and the last one that
// it reaches, the trunk has an item of its own in each column. Pure.

#include <cstdint>
#include <utility>
#include <vector>

#include "metro/graph.h"

namespace metro {

struct Item {
  int node = 0;  // the station, or whose trunk it is
  bool is_trunk = false;
  int layer = 0;
  int place = 0;  // in its column, from the top
  // Items of the column before and of the one after, and how many links run there.
  std::vector<std::pair<int, int>> before, after;
};

struct Columns {
  std::vector<Item> items;  // the first ones are the stations, by node
  std::vector<std::vector<int>> columns;

  int64_t Crossings() const;
};

Columns OrderColumns(const Graph& graph, const std::vector<int>& layers);

}  // namespace metro
