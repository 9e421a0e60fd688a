#pragma once

// The grid on which edges are drawn: what stands in each cell, and what it costs to draw one more
// edge through it. An edge may run over another one that has the same first station or the same
// last one; anything else in its way costs. Pure.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace metro {

struct Cell {
  int x = 0, y = 0;
  friend auto operator<=>(const Cell&, const Cell&) = default;
};
// Corners, from the first station to the last; whole cells apart, horizontally, vertically or at 45
// degrees.
using Path = std::vector<Cell>;

// In eighths of a turn, clockwise from the right.
enum Direction : int {
  kEast,
  kSouthEast,
  kSouth,
  kSouthWest,
  kWest,
  kNorthWest,
  kNorth,
  kNorthEast
};
Direction DirectionOf(Cell from, Cell to);
Cell Step(Cell from, Direction direction, int steps = 1);

// Without corners at which nothing turns.
Path Straightened(const Path& path);

struct Ends {
  int from = 0, to = 0;  // nodes
};

class Canvas {
 public:
  static constexpr int kNever = 1'000'000'000;
  static constexpr int kCross = 100;
  static constexpr int kBend = 160;
  static constexpr int kSharpBend = 400;
  static constexpr int kStation = 5000;
  static constexpr int kOverlap = 400;
  static constexpr int kLabel = 60;
  static constexpr int kStep = 2;

  Canvas(int width, int height, std::vector<Ends> ends);

  int height() const { return height_; }

  void AddStation(Cell at, int node);
  void AddLabel(Cell from, Cell to);  // all cells of a rectangle
  void Add(int edge, const Path& path);
  void Remove(int edge, const Path& path);

  // Of being in a cell that the edge enters by one direction and leaves by the other.
  int CellCost(int edge, Cell at, Direction in, Direction out) const;
  // Of the way to the next cell.
  int StepCost(int edge, Cell at, Direction out) const;
  // Of the way from the one to the other, and of being in all cells between; what is `enough` is
  // not looked at further.
  int StretchCost(int edge, Cell from, Cell to, int enough = kNever) const;
  int BendCost(Direction in, Direction out) const;
  // Of all cells but the first and the last.
  int PathCost(int edge, const Path& path) const;

 private:
  struct Use {
    int edge = 0;
    uint8_t ways = 0;  // a bit for each direction in which it leaves the cell
  };

  struct Square {
    std::vector<Use> uses;
    // What runs at 45 degrees between this cell and those to the right and below.
    std::vector<Use> slants;
    int station = -1;  // a node
    bool has_label = false;
  };
  // Most of a large estate's map is empty.
  static constexpr int kPage = 32;
  using Page = std::array<Square, size_t{kPage} * kPage>;

  static size_t InPage(Cell at) {
    return static_cast<unsigned>(at.y) % kPage * kPage + static_cast<unsigned>(at.x) % kPage;
  }
  const Square* Find(Cell at) const {  // null: nothing has been there
    const auto& page = pages_[PageOf(at)];
    return page == nullptr ? nullptr : &(*page)[InPage(at)];
  }
  Square& Make(Cell at);
  size_t PageOf(Cell at) const {
    return static_cast<unsigned>(at.y) / kPage * pages_across_ +
           static_cast<unsigned>(at.x) / kPage;
  }
  bool Has(Cell at) const { return at.x >= 0 && at.y >= 0 && at.x < width_ && at.y < height_; }
  bool AreRelated(int a, int b) const {
    return ends_[a].from == ends_[b].from || ends_[a].to == ends_[b].to;
  }
  template <typename OnCell, typename OnSlant>
  static void Walk(const Path& path, OnCell on_cell, OnSlant on_slant);
  void Change(int edge, const Path& path, bool is_added);

  int width_, height_;
  size_t pages_across_;
  std::vector<Ends> ends_;  // by edge
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace metro
