#include "metro/layout_json.h"

#include <cmath>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace metro {

namespace {

// Whole numbers without a fraction: they are most of the text.
json::value Number(double number) {
  const double rounded = std::round(number * 100) / 100;
  if (rounded == std::floor(rounded))
    return static_cast<int64_t>(rounded);
  return rounded;
}

std::string_view Text(Anchor anchor) {
  switch (anchor) {
    case Anchor::kStart:
      return "start";
    case Anchor::kMiddle:
      return "middle";
    case Anchor::kEnd:
      return "end";
  }
  return "";
}

std::string_view Text(LinkKind kind) {
  switch (kind) {
    case LinkKind::kLine:
      return "line";
    case LinkKind::kTransfer:
      return "transfer";
    case LinkKind::kAsset:
      return "asset";
  }
  return "";
}

json::object LabelJson(const Label& label) {
  return {{"x", Number(label.at.x)},
          {"y", Number(label.at.y)},
          {"anchor", Text(label.anchor)},
          {"text", label.text}};
}

json::object LineJson(const PlacedLine& line) {
  return {{"id", line.id},
          {"label", line.label},
          {"color", line.colour},
          {"tracks", line.tracks},
          {"label_at", LabelJson(line.name)}};
}

json::object StationJson(const Station& station) {
  json::object out{{"id", station.id}};
  if (!station.line.empty())
    out["line"] = station.line;
  out["x"] = Number(station.at.x);
  out["y"] = Number(station.at.y);
  out["tracks"] = station.tracks;
  out["interchange"] = station.is_interchange;
  out["label"] = LabelJson(station.label);
  return out;
}

json::object RouteJson(const Route& route) {
  json::array points;
  for (const Point& point : route.points)
    points.push_back(json::array{Number(point.x), Number(point.y)});
  return {{"id", route.id},
          {"kind", Text(route.kind)},
          {"line", route.line.empty() ? json::value(nullptr) : json::value(route.line)},
          {"implied", route.is_implied},
          {"points", std::move(points)}};
}

template <typename T>
json::array ListJson(const std::vector<T>& list, json::object (*to_json)(const T&)) {
  json::array out;
  for (const T& item : list)
    out.push_back(to_json(item));
  return out;
}

// Far beyond any estate; what is read there would be too large a canvas.
constexpr double kFarthest = 200'000;

Point PointAt(const json::value& x, const json::value& y) {
  const Point point{x.to_number<double>(), y.to_number<double>()};
  const auto is_cell = [](double at) { return at >= 0 && at < kFarthest && at == std::floor(at); };
  if (!is_cell(point.x) || !is_cell(point.y))
    throw std::out_of_range("a coordinate is no cell");
  return point;
}

// From corner to corner in one of the eight directions.
std::vector<Point> PointsFrom(const json::value& list) {
  std::vector<Point> out;
  for (const json::value& item : list.as_array()) {
    const Point point = PointAt(item.at(0), item.at(1));
    if (!out.empty()) {
      const double x = std::abs(point.x - out.back().x), y = std::abs(point.y - out.back().y);
      if (x != 0 && y != 0 && x != y)
        throw std::out_of_range("an edge runs at another angle");
    }
    out.push_back(point);
  }
  return out;
}

std::vector<Station> StationsFrom(const json::value& list) {
  std::vector<Station> out;
  for (const json::value& value : list.as_array()) {
    Station station;
    station.id = value.at("id").as_string();
    station.at = PointAt(value.at("x"), value.at("y"));
    out.push_back(std::move(station));
  }
  return out;
}

}  // namespace

base::Result<Layout> FormerFromJson(const json::value& value) {
  // Boost.JSON throws where a member is absent or of another type.
  try {
    Layout out;
    out.stations = StationsFrom(value.at("stations"));
    out.assets = StationsFrom(value.at("assets"));
    for (const json::value& edge : value.at("edges").as_array()) {
      Route route;
      route.id = edge.at("id").as_string();
      route.points = PointsFrom(edge.at("points"));
      out.routes.push_back(std::move(route));
    }
    return out;
  } catch (const std::exception& error) {
    return base::Fail(base::ErrorCode::kCorrupt, error.what());
  }
}

json::object ToJson(const Layout& layout) {
  return {{"version", layout.version},
          {"width", Number(layout.width)},
          {"height", Number(layout.height)},
          {"lines", ListJson(layout.lines, &LineJson)},
          {"stations", ListJson(layout.stations, &StationJson)},
          {"edges", ListJson(layout.routes, &RouteJson)},
          {"assets", ListJson(layout.assets, &StationJson)}};
}

}  // namespace metro
