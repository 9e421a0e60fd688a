#include "metro/layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "base/draw.h"
#include "metro/canvas.h"
#include "metro/graph.h"
#include "metro/grow.h"
#include "metro/labels.h"
#include "metro/place.h"
#include "metro/route.h"
#include "metro/text_width.h"

namespace metro {

namespace {

// Around everything.
constexpr int kMargin = 3;
// How often each edge is drawn again; large estates get less.
constexpr int kRounds = 3;
constexpr int kEdgesForRounds = 6000;

int ColourOf(const std::string& id) {
  return static_cast<int>(base::Draw(0, id, 0) % kColours);
}

Point ToPoint(Cell cell) {
  return {static_cast<double>(cell.x), static_cast<double>(cell.y)};
}

class Maker {
 public:
  Maker(const Estate& estate, const Layout* former) : graph_(estate) {
    out_.version = VersionOf(estate);
    std::optional<Placement> grown;
    if (former != nullptr)
      grown = Grow(graph_, *former);
    placement_ = grown ? std::move(*grown) : PlaceAll();
    if (grown)
      former_ = former;
    Cell most{0, 0};
    for (const Cell& at : placement_.at)
      most = {std::max(most.x, at.x), std::max(most.y, at.y)};
    width_ = most.x + kMargin + static_cast<int>(kLabelMost / 2);
    height_ = most.y + kMargin + 1;
  }

  Layout Make() && {
    out_.width = width_;
    out_.height = height_;
    MakeLines();
    MakeStations();
    MakeRoutes();
    PlaceLabels(out_);
    return std::move(out_);
  }

 private:
  Placement PlaceAll() const {
    Placement placement = Place(graph_);
    for (Cell& at : placement.at)
      at = {at.x + kMargin, at.y + kMargin};
    for (auto& rows : placement.rows) {
      for (int& row : rows)
        row += kMargin;
    }
    return placement;
  }

  void MakeLines() {
    for (const Line* line : graph_.lines) {
      PlacedLine placed;
      placed.id = line->id;
      placed.label = line->label;
      placed.colour = ColourOf(line->id);
      for (const Stop& stop : line->stops)
        placed.tracks = std::max(placed.tracks, stop.tracks);
      if (!line->stops.empty()) {
        const Cell at = placement_.at[graph_.NodeOf(line->stops.front().id)];
        placed.name.at = ToPoint(at);
        placed.name.text = CutToWidth(line->label, kLabelMost / kFontSize);
      }
      out_.lines.push_back(placed);
    }
  }

  void MakeStations() {
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
      station.label.text = CutToWidth(of.stop->label, kLabelMost / kFontSize);
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
      const int half = HalfLabel(graph_, node) - 1;
      const auto [above, below] = RowsOfLabels(graph_, node);
      canvas.AddLabel({at.x - half, at.y - above}, {at.x + half, at.y - 1});
      canvas.AddLabel({at.x - half, at.y + 1}, {at.x + half, at.y + below});
    }
    Router router(canvas, std::move(trips));
    const int edges = static_cast<int>(graph_.edges.size());
    const std::vector<char> implied = graph_.Implied();
    router.Draw(Undrawn(router), std::min(kRounds, kEdgesForRounds / (edges + 1)));
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      Route route;
      route.id = edge.link->id;
      route.is_implied = implied[i] != 0;
      route.kind = edge.link->kind;
      if (graph_.nodes[edge.from].line >= 0)
        route.line = graph_.lines[graph_.nodes[edge.from].line]->id;
      for (const Cell& corner : router.paths()[i])
        route.points.push_back(ToPoint(corner));
      out_.routes.push_back(route);
    }
  }

  // Edges between stations that have not moved stay as they were, unless something new is in their
  // way.
  std::vector<int> Undrawn(Router& router) const {
    std::vector<int> undrawn, drawn;
    std::map<std::string_view, const Route*> routes;
    if (former_ != nullptr) {
      for (const Route& route : former_->routes)
        routes[route.id] = &route;
    }
    for (int i = 0; i < std::ssize(graph_.edges); ++i) {
      const Edge& edge = graph_.edges[i];
      const auto route = routes.find(edge.link->id);
      Path path;
      if (route != routes.end()) {
        for (const Point& point : route->second->points)
          path.push_back(ToCell(point));
      }
      // What stood below or right of everything may be gone, and the map be smaller.
      const auto is_inside = [&](Cell at) {
        return at.x >= 0 && at.y >= 0 && at.x < width_ && at.y < height_;
      };
      if (path.size() < 2 || path.front() != placement_.at[edge.from] ||
          path.back() != placement_.at[edge.to] || !std::ranges::all_of(path, is_inside)) {
        undrawn.push_back(i);
      } else {
        router.Set(i, std::move(path));
        drawn.push_back(i);
      }
    }
    for (const int edge : drawn) {
      if (router.Cost(edge) >= Canvas::kStation)
        undrawn.push_back(edge);
    }
    return undrawn;
  }

  const Graph graph_;
  const Layout* former_ = nullptr;
  Placement placement_;
  int width_ = 0, height_ = 0;
  Layout out_;
};

}  // namespace

Layout LayOut(const Estate& estate, const Layout* former) {
  if (former != nullptr && former->version == VersionOf(estate))
    return *former;
  return Maker(estate, former).Make();
}

}  // namespace metro
