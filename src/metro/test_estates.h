#pragma once

// Drawn estates for tests and measures: like a machine-learning platform's, in levels (streams,
// tables, features, models, scores, reports), with lines of 3 to 12 stops, tracks, and transfers
// from lower levels.

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/draw.h"
#include "base/text.h"
#include "metro/estate.h"

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
  static constexpr std::array kTags{"streams", "tables", "features", "models", "scores", "reports"};
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
  // Of lines that were not drawn here: those without one of the tags count as tables.
  static size_t Level(const Line& line) {
    const auto tag = std::ranges::find_first_of(kTags, line.tags);
    return tag == kTags.end() ? 1 : static_cast<size_t>(tag - kTags.begin());
  }

  void AddLine(int size) {
    const auto level = static_cast<size_t>(Below(static_cast<int>(kTags.size())));
    Line line;
    line.label = base::Cat(kTags[level], "_", estate_.lines.size());
    line.id = "dag:" + line.label;
    line.tags = {kTags[level]};
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
  std::array<std::vector<Line>, kTags.size()> levels_;
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
  estate.lines.push_back({"dag:hub", "hub", {"hub"}, {{"job:hub/core", "core", 1}}});
  for (int i = 0; i < transfers; ++i) {
    const bool is_before = i < transfers / 2;
    const std::string name = base::Cat(is_before ? "source_" : "reader_", i);
    const std::string first = base::Cat("job:", name, "/load"),
                      last = base::Cat("job:", name, "/publish");
    estate.lines.push_back({"dag:" + name,
                            name,
                            {is_before ? "sources" : "readers"},
                            {{first, "load", 1}, {last, "publish", 1}}});
    estate.links.push_back({base::Cat(first, ">", last), first, last, LinkKind::kLine});
    const std::string from = is_before ? last : "job:hub/core",
                      to = is_before ? "job:hub/core" : first;
    estate.links.push_back({base::Cat(from, ">", to), from, to, LinkKind::kTransfer});
  }
  return estate;
}

}  // namespace metro::testing
