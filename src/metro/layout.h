#pragma once

// Where everything stands on the map: stations, the way of each edge, labels. Reading direction
// left to right; lines run horizontally, vertically and at 45 degrees alone. Coordinates are cells
// of a grid, x to the right, y down; stations and bends stand on whole cells. Pure: the same input
// gives the same layout, under each compiler.
//
// Not here: states, colours as such (a line has the number of one), pixels.

#include <string>
#include <vector>

#include "metro/estate.h"

namespace metro {

struct Point {
  double x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

enum class Anchor { kStart, kMiddle, kEnd };

// `at` is on the base line of the text.
struct Label {
  Point at;
  Anchor anchor = Anchor::kMiddle;
  std::string text;  // cut with an ellipsis if it is too long
};

// The labels' font is Inter, weight 500, this many cells high.
constexpr double kFontSize = 0.8;
// A label is no wider.
constexpr double kLabelMost = 10;
// So many tracks are drawn, so many cells apart.
constexpr int kTracksMost = 6;
constexpr double kTrackGap = 0.25;
// Lines have one of so many colours.
constexpr int kColours = 12;

struct PlacedLine {
  std::string id, label;
  int colour = 0;
  int tracks = 1;  // the most that one of its stations has
  Label name;
};

struct Station {
  std::string id;
  std::string line;  // "": an asset
  Point at;
  int tracks = 1;
  int span = 1;  // tracks that its sign reaches across: also those of its line that end here
  bool is_interchange = false;  // another line leads here, or from here
  Label label;
};

struct Route {
  std::string id;
  LinkKind kind = LinkKind::kLine;
  std::string line;  // of both ends, or that of a transfer's first end; "": an asset's
  std::vector<Point> points;
  bool is_implied = false;  // others lead the same way with stops between
};

struct Layout {
  std::string version;  // VersionOf the estate
  double width = 0, height = 0;
  std::vector<PlacedLine> lines;  // by id, as all that follows
  std::vector<Station> stations;
  std::vector<Station> assets;
  std::vector<Route> routes;
};

// With the `former` layout what was there stays where it was, and what is new finds a place.
Layout LayOut(const Estate& estate, const Layout* former = nullptr);

}  // namespace metro
