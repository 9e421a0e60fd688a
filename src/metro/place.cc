#include "metro/place.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "metro/labels.h"
#include "metro/layers.h"
#include "metro/layout.h"
#include "metro/order.h"
#include "metro/rows.h"
#include "metro/text_width.h"

namespace metro {

namespace {

constexpr int kLeast = 3;  // cells between the labels of two columns
constexpr int kMost = 12;
// A station with so many links there gets room for a fan at 45 degrees.
constexpr size_t kFanLinks = 6;
constexpr int kFanMost = 30;

// How wide the space between two columns is: by how many edges change their row there at once.
int GapAfter(const Columns& columns, const std::vector<int>& rows, size_t column) {
  std::map<int, int> change;  // of how many do, by row
  int fan = 0;
  const auto spread = [&](int item, const std::vector<std::pair<int, int>>& links) {
    for (const auto& [other, weight] : links) {
      if (links.size() >= kFanLinks)
        fan = std::max(
            fan,
            std::min(std::abs(rows[other] - rows[item]), static_cast<int>(links.size()) * 3 / 2));
    }
  };
  if (column + 1 < columns.columns.size()) {
    for (const int item : columns.columns[column + 1])
      spread(item, columns.items[item].before);
  }
  for (const int item : columns.columns[column]) {
    spread(item, columns.items[item].after);
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
  return std::max(std::clamp(kLeast + most / 2, kLeast, kMost), std::min(fan, kFanMost));
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
        half = std::max(half, HalfLabel(graph, item));
    }
    places.push_back(right + half);
    right = places.back() + half + GapAfter(columns, rows, column);
  }
  return places;
}

}  // namespace

int HalfLabel(const Graph& graph, int node) {
  const Node& of = graph.nodes[node];
  double width = TextWidth(of.stop->label);
  if (graph.IsFirst(node))
    width = std::max(width, TextWidth(graph.lines[of.line]->label));
  return std::max(1, static_cast<int>(std::ceil(std::min(width * kFontSize, kLabelMost) / 2)));
}

std::pair<int, int> RowsOfLabels(const Graph& graph, int node) {
  const int half = static_cast<int>(HalfHeight(graph.nodes[node].stop->tracks) + 0.6);
  return {std::max(1, half), graph.IsFirst(node) ? std::max(1, half) : 0};
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
