#include "metro/place.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "metro/layers.h"
#include "metro/layout.h"
#include "metro/order.h"
#include "metro/rows.h"
#include "metro/text_width.h"

namespace metro {

namespace {

constexpr int kLeast = 3;  // cells between the labels of two columns
constexpr int kMost = 12;

// How wide the space between two columns is: by how many edges change their row there at once.
int GapAfter(const Columns& columns, const std::vector<int>& rows, size_t column) {
  std::map<int, int> change;  // of how many do, by row
  for (const int item : columns.columns[column]) {
    int low = rows[item], high = rows[item];
    for (const auto& [other, weight] : columns.items[item].after) {
      low = std::min(low, rows[other]);
      high = std::max(high, rows[other]);
    }
    if (low == high)
      continue;
    ++change[low];
    --change[high + 1];
  }
  int now = 0, most = 0;
  for (const auto& [row, by] : change) {
    now += by;
    most = std::max(most, now);
  }
  return std::clamp(kLeast + most / 2, kLeast, kMost);
}

std::vector<int> ColumnPlaces(const Graph& graph,
                              const Columns& columns,
                              const std::vector<int>& rows) {
  std::vector<int> places;
  int right = 0;  // of the column before, with the space after it
  for (size_t column = 0; column < columns.columns.size(); ++column) {
    int half = 1;
    for (const int item : columns.columns[column]) {
      if (!columns.items[item].is_trunk)
        half = std::max(half, HalfLabel(*graph.nodes[item].stop));
    }
    places.push_back(right + half);
    right = places.back() + half + GapAfter(columns, rows, column);
  }
  return places;
}

}  // namespace

int HalfLabel(const Stop& stop) {
  const double width = std::min(TextWidth(stop.label) * kFontSize, kLabelMost);
  return std::max(1, static_cast<int>(std::ceil(width / 2)));
}

Placement Place(const Graph& graph) {
  const Columns columns = OrderColumns(graph, Layers(graph));
  const std::vector<int> rows = Rows(graph, columns);
  const std::vector<int> places = ColumnPlaces(graph, columns, rows);
  Placement out;
  for (size_t node = 0; node < graph.nodes.size(); ++node)
    out.at.push_back({places[columns.items[node].layer], rows[node]});
  std::map<int, std::vector<std::pair<int, int>>> trunks;  // by node: layer and row
  for (size_t item = graph.nodes.size(); item < columns.items.size(); ++item)
    trunks[columns.items[item].node].emplace_back(columns.items[item].layer, rows[item]);
  for (const Edge& edge : graph.edges) {
    out.rows.emplace_back();
    for (const auto& [layer, row] : trunks[graph.Left(edge)]) {
      if (layer < columns.items[graph.Right(edge)].layer &&
          std::ranges::find(out.rows.back(), row) == out.rows.back().end())
        out.rows.back().push_back(row);
    }
  }
  return out;
}

}  // namespace metro
