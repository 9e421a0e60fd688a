#pragma once

// Drawn estates for tests and benches, and what is counted of their layouts. The estates are like a
// machine-learning platform's, in levels (streams, tables, features, models, scores, reports), with
// lines of 3 to 12 stops, tracks, and transfers from lower levels.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/draw.h"
#include "base/text.h"
#include "metro/estate.h"
#include "metro/labels.h"
#include "metro/layout.h"
#include "metro/measure.h"

namespace metro::testing {

class EstateDrawer {
 public:
  explicit EstateDrawer(uint64_t seed) : seed_(seed) {}

  Estate Draw(int stops) {
    while (stops_ < stops)
      AddLine(std::min(stops - stops_, 3 + Below(10)));
    return estate_;
  }

  // One more line, which reads from others.
  Estate With(Estate estate) {
    estate_ = std::move(estate);
    for (const Line& line : estate_.lines)
      levels_[Level(line)].push_back(line);
    AddLine(3 + Below(10));
    return estate_;
  }

 private:
  static constexpr std::array kLevels{
      "streams", "tables", "features", "models", "scores", "reports"};
  static constexpr std::array kNames{"load",
                                     "clean",
                                     "labeling",
                                     "dataset_preparation",
                                     "training",
                                     "evaluation",
                                     "windows",
                                     "aggregate",
                                     "join",
                                     "publish",
                                     "export",
                                     "report"};

  int Below(int count) {
    return static_cast<int>(base::Draw(seed_, "estate", drawn_++) % static_cast<uint64_t>(count));
  }
  // "models_7"; lines that were not drawn here count as tables.
  static size_t Level(const Line& line) {
    const auto level = std::ranges::find(kLevels, line.label.substr(0, line.label.find('_')));
    return level == kLevels.end() ? 1 : static_cast<size_t>(level - kLevels.begin());
  }

  void AddLine(int size) {
    const auto level = static_cast<size_t>(Below(static_cast<int>(kLevels.size())));
    Line line;
    line.label = base::Cat(kLevels[level], "_", estate_.lines.size());
    line.id = "dag:" + line.label;
    const int tracks = std::array{1, 1, 1, 4, 5, 24}[static_cast<size_t>(Below(6))];
    const int first = Below(4);
    for (int i = 0; i < size; ++i) {
      const std::string name = kNames[static_cast<size_t>(first + i) % kNames.size()];
      line.stops.push_back(
          {base::Cat("job:", line.label, "/", name), name, i + 1 == size ? 1 : tracks});
      if (i == 0)
        continue;
      const int before = Below(5) > 0 ? i - 1 : Below(i);
      Link(line.stops[static_cast<size_t>(before)], line.stops.back(), LinkKind::kLine);
      if (i > 2 && Below(7) == 0)
        Link(line.stops[static_cast<size_t>(Below(i))], line.stops.back(), LinkKind::kLine);
    }
    for (int i = 0; level > 0 && i < 1 + Below(4); ++i) {
      const auto& others = levels_[static_cast<size_t>(Below(static_cast<int>(level)))];
      if (others.empty())
        continue;
      const Line& other = others[static_cast<size_t>(Below(static_cast<int>(others.size())))];
      const size_t half = other.stops.size() / 2;
      const Stop& from =
          other.stops[half +
                      static_cast<size_t>(Below(static_cast<int>(other.stops.size() - half)))];
      Link(from, line.stops[static_cast<size_t>(Below(std::min(size, 2)))], LinkKind::kTransfer);
    }
    stops_ += size;
    levels_[level].push_back(line);
    estate_.lines.push_back(std::move(line));
  }

  void Link(const Stop& from, const Stop& to, LinkKind kind) {
    const std::string id = base::Cat(from.id, ">", to.id);
    if (links_.insert(id).second)
      estate_.links.push_back({id, from.id, to.id, kind});
  }

  uint64_t seed_, drawn_ = 0;
  int stops_ = 0;
  Estate estate_;
  std::array<std::vector<Line>, kLevels.size()> levels_;
  std::set<std::string> links_;
};

inline Estate DrawEstate(int stops, uint64_t seed) {
  return EstateDrawer(seed).Draw(stops);
}
inline Estate WithOneMore(const Estate& estate, uint64_t seed) {
  return EstateDrawer(seed).With(estate);
}

// A station with so many transfers, half of them from other lines and half to others.
inline Estate HubEstate(int transfers) {
  Estate estate;
  estate.lines.push_back({"dag:hub", "hub", {{"job:hub/core", "core", 1}}});
  for (int i = 0; i < transfers; ++i) {
    const bool is_before = i < transfers / 2;
    const std::string name = base::Cat(is_before ? "source_" : "reader_", i);
    const std::string first = base::Cat("job:", name, "/load"),
                      last = base::Cat("job:", name, "/publish");
    estate.lines.push_back({"dag:" + name, name, {{first, "load", 1}, {last, "publish", 1}}});
    estate.links.push_back({base::Cat(first, ">", last), first, last, LinkKind::kLine});
    const std::string from = is_before ? last : "job:hub/core",
                      to = is_before ? "job:hub/core" : first;
    estate.links.push_back({base::Cat(from, ">", to), from, to, LinkKind::kTransfer});
  }
  return estate;
}

inline std::vector<Station> AllStations(const Layout& layout) {
  std::vector<Station> all = layout.stations;
  all.insert(all.end(), layout.assets.begin(), layout.assets.end());
  return all;
}

// The ways of links by their ids.
using Ways = std::map<std::string, std::vector<Point>>;

inline Ways WaysOf(const Layout& layout) {
  Ways ways;
  for (const Route& route : layout.routes)
    ways[route.id] = route.points;
  return ways;
}

inline Measures MeasuresOf(const Estate& estate, const Ways& ways) {
  std::map<std::string, int> numbers;
  const auto number = [&](const std::string& id) {
    return numbers.try_emplace(id, static_cast<int>(numbers.size())).first->second;
  };
  std::vector<Polyline> edges;
  for (const Link& link : estate.links) {
    if (const auto way = ways.find(link.id); way != ways.end())
      edges.push_back({number(link.from), number(link.to), way->second});
  }
  return Measure(edges);
}

// Labels on other labels or on stations.
inline int LabelOverlaps(const Layout& layout) {
  std::vector<Box> boxes, stations;
  for (const Station& station : AllStations(layout)) {
    if (!station.label.text.empty())
      boxes.push_back(BoxOf(station.label));
    stations.push_back(BoxOf(station));
  }
  for (const PlacedLine& line : layout.lines) {
    if (!line.name.text.empty())
      boxes.push_back(BoxOf(line.name));
  }
  int overlaps = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    for (size_t j = i + 1; j < boxes.size(); ++j)
      overlaps += boxes[i].Meets(boxes[j]);
    for (const Box& station : stations)
      overlaps += boxes[i].Meets(station);
  }
  return overlaps;
}

// The share of stations that moved by more than two cells.
inline double Moved(const Layout& before, const Layout& after) {
  std::map<std::string, Point> was;
  for (const Station& station : AllStations(before))
    was[station.id] = station.at;
  int moved = 0, all = 0;
  for (const Station& station : AllStations(after)) {
    const auto old = was.find(station.id);
    if (old == was.end())
      continue;
    ++all;
    moved += std::max(std::abs(old->second.x - station.at.x),
                      std::abs(old->second.y - station.at.y)) > 2;
  }
  return all == 0 ? 0 : static_cast<double>(moved) / all;
}

}  // namespace metro::testing
