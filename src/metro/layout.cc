#include "metro/layout.h"

#include <algorithm>
#include <map>

#include "metro/canvas.h"
#include "metro/graph.h"
#include "metro/place.h"
#include "metro/route.h"
#include "metro/text_width.h"

namespace metro {

namespace {

// Around everything.
constexpr int kMargin = 3;
constexpr int kRounds = 3;

int ColourOf(const std::string& id) {
  uint32_t hash = 2166136261U;
  for (const char c : id)
    hash = (hash ^ static_cast<uint8_t>(c)) * 16777619U;
  return static_cast<int>(hash % kColours);
}

Point ToPoint(Cell cell) {
  return {static_cast<double>(cell.x), static_cast<double>(cell.y)};
}

class Maker {
 public:
  explicit Maker(const Estate& estate) : graph_(estate) { out_.version = VersionOf(estate); }

  Layout Make() && {
    placement_ = Place(graph_);
    Cell most;
    for (Cell& at : placement_.at) {
      at = {at.x + kMargin, at.y + kMargin};
      most = {std::max(most.x, at.x), std::max(most.y, at.y)};
    }
    for (auto& rows : placement_.rows) {
      for (int& row : rows)
        row += kMargin;
    }
    width_ = most.x + kMargin + 6;
    height_ = most.y + kMargin + 1;
    out_.width = width_;
    out_.height = height_;
    MakeStations();
    MakeRoutes();
    return std::move(out_);
  }

 private:
  void MakeStations() {
    for (const Line* line : graph_.lines) {
      PlacedLine placed;
      placed.id = line->id;
      placed.label = line->label;
      placed.zone = line->tags.empty() ? "" : line->tags.front();
      placed.colour = ColourOf(line->id);
      for (const Stop& stop : line->stops)
        placed.tracks = std::max(placed.tracks, stop.tracks);
      if (!line->stops.empty()) {
        const Cell at = placement_.at[graph_.NodeOf(line->stops.front().id)];
        placed.name = {{static_cast<double>(at.x), at.y + 1.3},
                       Anchor::kMiddle,
                       0,
                       CutToWidth(line->label, kLabelMost / kFontSize)};
      }
      out_.lines.push_back(placed);
    }
    for (size_t node = 0; node < graph_.nodes.size(); ++node) {
      const Node& of = graph_.nodes[node];
      Station station;
      station.id = of.stop->id;
      station.line = of.line < 0 ? "" : graph_.lines[of.line]->id;
      station.at = ToPoint(placement_.at[node]);
      station.tracks = std::max(1, of.stop->tracks);
      for (const auto* list : {&of.in, &of.out}) {
        for (const int edge : *list)
          station.is_interchange |= graph_.edges[edge].link->kind != LinkKind::kLine;
      }
      station.label = {{station.at.x, station.at.y - 0.7},
                       Anchor::kMiddle,
                       0,
                       CutToWidth(of.stop->label, kLabelMost / kFontSize)};
      (of.line < 0 ? out_.assets : out_.stations).push_back(station);
    }
  }

  void MakeRoutes() {
    std::vector<Ends> ends;
    std::vector<Trip> trips;
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      ends.push_back({edge.from, edge.to});
      trips.push_back({placement_.at[edge.from], placement_.at[edge.to], placement_.rows[i]});
    }
    Canvas canvas(width_, height_, std::move(ends));
    for (int node = 0; node < std::ssize(graph_.nodes); ++node) {
      const Cell at = placement_.at[node];
      canvas.AddStation(at, node);
      const int half = HalfLabel(*graph_.nodes[node].stop);
      canvas.AddLabel({at.x - half + 1, at.y - 1}, {at.x + half - 1, at.y - 1});
    }
    Router router(canvas, std::move(trips));
    router.Draw(kRounds);
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      Route route;
      route.id = edge.link->id;
      route.kind = edge.link->kind;
      if (graph_.nodes[edge.from].line >= 0)
        route.line = graph_.lines[graph_.nodes[edge.from].line]->id;
      for (const Cell& corner : router.paths()[i])
        route.points.push_back(ToPoint(corner));
      out_.routes.push_back(route);
    }
  }

  const Graph graph_;
  Placement placement_;
  int width_ = 0, height_ = 0;
  Layout out_;
};

}  // namespace

Layout LayOut(const Estate& estate, const Layout* former) {
  static_cast<void>(former);
  return Maker(estate).Make();
}

}  // namespace metro
