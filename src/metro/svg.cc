#include "metro/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "metro/labels.h"

namespace metro {

namespace {

using base::Cat;

constexpr double kCell = 16;     // pixels
constexpr double kCorner = 0.9;  // how far from a corner it is rounded, in cells
constexpr const char* kPalette[kColours] = {"#e60012",
                                            "#f39700",
                                            "#00a7db",
                                            "#009944",
                                            "#8f76d6",
                                            "#b5127b",
                                            "#c1a470",
                                            "#00ada9",
                                            "#9c5e31",
                                            "#0067c0",
                                            "#6cbb5a",
                                            "#e85298"};

std::string Number(double cells) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", cells * kCell);
  return text;
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

Point Towards(Point from, Point to, double distance) {
  const double x = to.x - from.x, y = to.y - from.y, length = std::hypot(x, y);
  const double part = length == 0 ? 0 : std::min(0.5, distance / length);
  return {from.x + x * part, from.y + y * part};
}

std::string PathText(const std::vector<Point>& points) {
  std::string out = Cat("M", Number(points[0].x), " ", Number(points[0].y));
  for (size_t i = 1; i + 1 < points.size(); ++i) {
    const Point before = Towards(points[i], points[i - 1], kCorner);
    const Point after = Towards(points[i], points[i + 1], kCorner);
    out += Cat("L",
               Number(before.x),
               " ",
               Number(before.y),
               "Q",
               Number(points[i].x),
               " ",
               Number(points[i].y),
               " ",
               Number(after.x),
               " ",
               Number(after.y));
  }
  return out + Cat("L", Number(points.back().x), " ", Number(points.back().y));
}

std::string LabelText(const Label& label, const char* style) {
  const char* anchor = label.anchor == Anchor::kStart    ? "start"
                       : label.anchor == Anchor::kMiddle ? "middle"
                                                         : "end";
  return Cat("<text x=\"",
             Number(label.at.x),
             "\" y=\"",
             Number(label.at.y),
             "\" text-anchor=\"",
             anchor,
             "\" ",
             style,
             ">",
             Escaped(label.text),
             "</text>\n");
}

}  // namespace

std::string ToSvg(const Layout& layout) {
  std::map<std::string, const PlacedLine*> lines;
  for (const PlacedLine& line : layout.lines)
    lines[line.id] = &line;
  const auto colour_of = [&](const std::string& line) {
    const auto found = lines.find(line);
    return std::string(found == lines.end() ? "#777" : kPalette[found->second->colour]);
  };
  std::string out =
      Cat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
          Number(layout.width),
          "\" height=\"",
          Number(layout.height),
          "\" font-family=\"Inter, Helvetica, Arial, sans-serif\" font-weight=\"500\" font-size=\"",
          Number(kFontSize),
          "\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
  for (const LinkKind kind : {LinkKind::kTransfer, LinkKind::kAsset, LinkKind::kLine}) {
    for (const Route& route : layout.routes) {
      if (route.kind != kind)
        continue;
      const double width = kind == LinkKind::kLine ? 0.4 : 0.16;
      out += Cat("<path d=\"",
                 PathText(route.points),
                 "\" fill=\"none\" stroke=\"",
                 colour_of(route.line),
                 "\" stroke-width=\"",
                 Number(width),
                 "\" opacity=\"",
                 kind == LinkKind::kLine ? "1" : "0.75",
                 "\"/>\n");
    }
  }
  for (const auto* list : {&layout.stations, &layout.assets}) {
    for (const Station& station : *list) {
      const Box box = BoxOf(station);
      out += Cat("<rect x=\"",
                 Number(box.left),
                 "\" y=\"",
                 Number(box.top),
                 "\" width=\"",
                 Number(box.right - box.left),
                 "\" height=\"",
                 Number(box.bottom - box.top),
                 "\" rx=\"",
                 Number((box.right - box.left) / 2),
                 "\" fill=\"#fff\" stroke=\"",
                 station.is_interchange ? "#222" : colour_of(station.line),
                 "\" stroke-width=\"2\"/>\n");
      out += LabelText(station.label, "paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"3\"");
    }
  }
  for (const PlacedLine& line : layout.lines)
    out += LabelText(line.name,
                     Cat("font-weight=\"700\" fill=\"",
                         kPalette[line.colour],
                         "\" paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"3\"")
                         .c_str());
  return out + "</svg>\n";
}

}  // namespace metro
