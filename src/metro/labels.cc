#include "metro/labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "metro/text_width.h"

namespace metro {

namespace {

// Of letters, in parts of the font's size, and what stays free around them, in cells.
constexpr double kAscent = 0.75, kDescent = 0.22;
constexpr double kFree = 0.1;
constexpr double kHalfWidth = 0.35;
constexpr int kRounds = 2;
// What it costs to stand on an edge, and on another label or a station.
constexpr int kEdge = 10, kBlocked = 100'000;

// What is where, by squares of this many cells.
constexpr int kSquare = 16;

template <typename T>
class Index {
 public:
  void Add(const Box& box, T item) {
    ForEachSquare(box, [&](std::pair<int, int> square) { items_[square].push_back(item); });
  }
  void Remove(const Box& box, T item) {
    ForEachSquare(box, [&](std::pair<int, int> square) { std::erase(items_[square], item); });
  }
  template <typename Visit>
  void ForEachNear(const Box& box, Visit visit) const {
    ForEachSquare(box, [&](std::pair<int, int> square) {
      const auto found = items_.find(square);
      if (found == items_.end())
        return;
      for (const T& item : found->second)
        visit(item);
    });
  }

 private:
  template <typename Visit>
  static void ForEachSquare(const Box& box, Visit visit) {
    const auto square = [](double at) { return static_cast<int>(std::floor(at / kSquare)); };
    for (int y = square(box.top); y <= square(box.bottom); ++y) {
      for (int x = square(box.left); x <= square(box.right); ++x)
        visit(std::pair(x, y));
    }
  }
  std::map<std::pair<int, int>, std::vector<T>> items_;
};

struct Stretch {
  Point from, to;
};

// Whether a stretch that is horizontal, vertical or at 45 degrees passes through a box.
bool Passes(const Stretch& stretch, const Box& box) {
  const double left = std::max(box.left, std::min(stretch.from.x, stretch.to.x));
  const double right = std::min(box.right, std::max(stretch.from.x, stretch.to.x));
  if (left > right)
    return false;
  const auto row_at = [&](double x) {
    if (stretch.to.x == stretch.from.x)
      return stretch.from.y;
    return stretch.from.y +
           (x - stretch.from.x) * (stretch.to.y - stretch.from.y) / (stretch.to.x - stretch.from.x);
  };
  double low = row_at(left), high = row_at(right);
  if (stretch.to.x == stretch.from.x)
    high = stretch.to.y;
  if (low > high)
    std::swap(low, high);
  return low < box.bottom && high > box.top;
}

template <typename T>
using PointMap = std::map<Point, T, decltype([](Point a, Point b) {
                            return std::pair(a.x, a.y) < std::pair(b.x, b.y);
                          })>;

// A line has as many tracks as the wider one of its two ends, and each of them reaches both.
void SetSpans(Layout& layout) {
  PointMap<Station*> at;
  for (auto* list : {&layout.stations, &layout.assets}) {
    for (Station& station : *list) {
      station.span = station.tracks;
      at[station.at] = &station;
    }
  }
  for (const Route& route : layout.routes) {
    if (route.kind != LinkKind::kLine || route.is_implied || route.points.empty())
      continue;
    const auto from = at.find(route.points.front()), to = at.find(route.points.back());
    if (from == at.end() || to == at.end())
      continue;
    const int tracks = std::max(from->second->tracks, to->second->tracks);
    for (Station* end : {from->second, to->second})
      end->span = std::max(end->span, tracks);
  }
}

class Labeller {
 public:
  explicit Labeller(Layout& layout) : layout_(layout) {
    for (const Route& route : layout.routes) {
      for (size_t i = 1; i < route.points.size(); ++i) {
        const Point from = route.points[i - 1], to = route.points[i];
        stretches_.push_back({from, to});
        edges_.Add({std::min(from.x, to.x),
                    std::min(from.y, to.y),
                    std::max(from.x, to.x),
                    std::max(from.y, to.y)},
                   static_cast<int>(stretches_.size()) - 1);
      }
    }
    PointMap<int> spans;
    for (auto* list : {&layout.stations, &layout.assets}) {
      for (Station& station : *list) {
        Block(BoxOf(station));
        spans[station.at] = station.span;
        texts_.push_back({&station.label, station.at, HalfHeight(station.span), false});
      }
    }
    for (PlacedLine& line : layout.lines) {
      if (!line.name.text.empty())
        texts_.push_back({&line.name, line.name.at, HalfHeight(spans[line.name.at]), true});
    }
  }

  void Place() {
    for (Text& text : texts_)
      Put(text, Places(text)[0]);
    for (int round = 0; round < kRounds; ++round) {
      for (Text& text : texts_) {
        blocked_.Remove(boxes_[text.box], text.box);
        Label best = *text.label;
        int least = kBlocked * 100;
        int preference = 0;
        for (const Label& place : Places(text)) {
          const int cost = Cost(place) + preference++;
          if (cost < least) {
            least = cost;
            best = place;
          }
        }
        Put(text, best);
      }
    }
  }

 private:
  struct Text {
    Label* label = nullptr;
    Point at;  // the station
    double half = 0;
    bool is_name = false;
    int box = -1;
  };

  void Block(const Box& box) {
    boxes_.push_back(box);
    blocked_.Add(box, static_cast<int>(boxes_.size()) - 1);
  }

  void Put(Text& text, const Label& place) {
    *text.label = place;
    text.box = static_cast<int>(boxes_.size());
    Block(BoxOf(place));
  }

  // The best ones first.
  static std::vector<Label> Places(const Text& text) {
    const double above = text.at.y - text.half - kFree - kDescent * kFontSize;
    const double below = text.at.y + text.half + kFree + kAscent * kFontSize;
    const double beside = text.at.y + (kAscent - kDescent) * kFontSize / 2;
    std::vector<Label> places;
    const auto add = [&](double x, double y, Anchor anchor) {
      places.push_back({{text.at.x + x, y}, anchor, text.label->text});
    };
    for (const double y : text.is_name ? std::array{below, above} : std::array{above, below}) {
      add(0, y, Anchor::kMiddle);
      add(-kHalfWidth, y, Anchor::kStart);
      add(kHalfWidth, y, Anchor::kEnd);
      add(kHalfWidth + 0.3, y, Anchor::kStart);
      add(-kHalfWidth - 0.3, y, Anchor::kEnd);
    }
    add(-kHalfWidth - 0.3, beside, Anchor::kEnd);
    add(kHalfWidth + 0.3, beside, Anchor::kStart);
    return places;
  }

  int Cost(const Label& label) const {
    const Box box = BoxOf(label);
    int cost =
        box.left < 0 || box.top < 0 || box.right > layout_.width || box.bottom > layout_.height
            ? kBlocked
            : 0;
    blocked_.ForEachNear(box, [&](int other) { cost += boxes_[other].Meets(box) ? kBlocked : 0; });
    edges_.ForEachNear(box, [&](int edge) { cost += Passes(stretches_[edge], box) ? kEdge : 0; });
    return cost;
  }

  Layout& layout_;
  std::vector<Stretch> stretches_;
  Index<int> edges_;
  std::vector<Box> boxes_;
  Index<int> blocked_;
  std::vector<Text> texts_;
};

}  // namespace

double HalfHeight(int tracks) {
  return kHalfWidth + kTrackGap * (std::clamp(tracks, 1, kTracksMost) - 1) / 2;
}

Box BoxOf(const Label& label) {
  const double width = TextWidth(label.text) * kFontSize;
  const double left = label.anchor == Anchor::kStart    ? label.at.x
                      : label.anchor == Anchor::kMiddle ? label.at.x - width / 2
                                                        : label.at.x - width;
  return {left, label.at.y - kAscent * kFontSize, left + width, label.at.y + kDescent * kFontSize};
}

Box BoxOf(const Station& station) {
  const double half = HalfHeight(std::max(station.span, station.tracks));
  return {station.at.x - kHalfWidth,
          station.at.y - half,
          station.at.x + kHalfWidth,
          station.at.y + half};
}

void PlaceLabels(Layout& layout) {
  SetSpans(layout);
  Labeller(layout).Place();
}

}  // namespace metro
