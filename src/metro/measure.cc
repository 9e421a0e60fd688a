#include "metro/measure.h"

#include <algorithm>
#include <cmath>

namespace metro {

namespace {

constexpr double kSame = 1e-6;

struct Segment {
  Point from, to;
  int edge = 0;
};

double Cross(Point a, Point b, Point c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

double Distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

// Without corners at which nothing turns.
std::vector<Point> Corners(const std::vector<Point>& points) {
  std::vector<Point> out;
  for (const Point& point : points) {
    if (!out.empty() && Distance(out.back(), point) < kSame)
      continue;
    if (out.size() >= 2) {
      const Point a = out[out.size() - 2], b = out.back();
      const bool is_ahead = (b.x - a.x) * (point.x - b.x) + (b.y - a.y) * (point.y - b.y) > 0;
      if (is_ahead && std::abs(Cross(a, b, point)) < 1e-3 * Distance(a, b) * Distance(b, point))
        out.pop_back();
    }
    out.push_back(point);
  }
  return out;
}

// Edges with a common station part and join where one of them has a corner: only others that meet
// there cross.
enum class Meeting { kNone, kTouch, kCross, kOverlap };

// A segment has its last point, and not its first: so a line through a corner is met once.
Meeting Meet(const Segment& a, const Segment& b) {
  const double length_a = Distance(a.from, a.to), length_b = Distance(b.from, b.to);
  const double b1 = Cross(a.from, a.to, b.from) / length_a,
               b2 = Cross(a.from, a.to, b.to) / length_a;
  const double a1 = Cross(b.from, b.to, a.from) / length_b,
               a2 = Cross(b.from, b.to, a.to) / length_b;
  if (std::abs(b1) < kSame && std::abs(b2) < kSame) {
    const auto along = [&](Point p) {
      return ((p.x - a.from.x) * (a.to.x - a.from.x) + (p.y - a.from.y) * (a.to.y - a.from.y)) /
             length_a;
    };
    const auto [low, high] = std::minmax({along(b.from), along(b.to)});
    return std::min(high, length_a) - std::max(low, 0.0) > kSame ? Meeting::kOverlap
                                                                 : Meeting::kNone;
  }
  const auto passes = [](double first, double last) {
    return std::abs(first) >= kSame && (std::abs(last) < kSame || (first > 0) != (last > 0));
  };
  if (!passes(b1, b2) || !passes(a1, a2))
    return Meeting::kNone;
  return std::abs(b2) < kSame || std::abs(a2) < kSame ? Meeting::kTouch : Meeting::kCross;
}

}  // namespace

Measures Measure(const std::vector<Polyline>& edges) {
  Measures out;
  std::vector<Segment> segments;
  for (int edge = 0; edge < std::ssize(edges); ++edge) {
    const std::vector<Point> corners = Corners(edges[edge].points);
    out.bends += std::max<int64_t>(0, std::ssize(corners) - 2);
    for (size_t i = 1; i < corners.size(); ++i) {
      segments.push_back({corners[i - 1], corners[i], edge});
      const double x = std::abs(corners[i].x - corners[i - 1].x);
      const double y = std::abs(corners[i].y - corners[i - 1].y);
      ++out.stretches;
      out.slanted += x > kSame && y > kSame && std::abs(x - y) > kSame;
    }
  }
  std::ranges::sort(segments, {}, [](const Segment& s) { return std::min(s.from.x, s.to.x); });
  std::vector<std::pair<int, int>> overlapping;
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& a = segments[i];
    const double right = std::max(a.from.x, a.to.x);
    for (size_t j = i + 1; j < segments.size(); ++j) {
      const Segment& b = segments[j];
      if (std::min(b.from.x, b.to.x) > right + kSame)
        break;
      if (a.edge == b.edge)
        continue;
      const Polyline& first = edges[a.edge];
      const Polyline& second = edges[b.edge];
      const bool are_related = first.from == second.from || first.to == second.to;
      switch (Meet(a, b)) {
        case Meeting::kNone:
          break;
        case Meeting::kTouch:
          out.crossings += are_related ? 0 : 1;
          break;
        case Meeting::kCross:
          ++out.crossings;
          break;
        case Meeting::kOverlap:
          if (!are_related)
            overlapping.emplace_back(std::minmax(a.edge, b.edge));
      }
    }
  }
  std::ranges::sort(overlapping);
  out.overlaps = std::ranges::unique(overlapping).begin() - overlapping.begin();
  return out;
}

}  // namespace metro
