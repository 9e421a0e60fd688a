#include "metro/grow.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace metro {

namespace {

// The share of stations that must be left of the former layout, and that may move: one in so many.
constexpr int kLeast = 2, kMove = 4;
// Cells from a station to one that it leads to.
constexpr int kAhead = 4;
// How far to the right of the first possible column a place is looked for.
constexpr int kReach = 24;
constexpr int kTop = 3;      // the first row for a station
constexpr int kOnRoute = 6;  // what it costs to stand on an edge, in cells of distance

// What stands together, and where its stations stand in it.
struct Block {
  std::vector<int> nodes;
  std::vector<Cell> at;
  std::optional<Cell> was;  // where it was
};

class Grower {
 public:
  Grower(const Graph& graph, const Layout& former)
      : graph_(graph), at_(graph.nodes.size()), is_placed_(graph.nodes.size(), 0) {
    for (const auto* list : {&former.stations, &former.assets}) {
      for (const Station& station : *list) {
        const int node = graph.NodeOf(station.id);
        if (node < 0)
          continue;
        at_[node] = ToCell(station.at);
        is_placed_[node] = 1;
        ++kept_;
      }
    }
    for (const Route& route : former.routes) {
      for (size_t i = 1; i < route.points.size(); ++i) {
        const Cell from = ToCell(route.points[i - 1]), to = ToCell(route.points[i]);
        const Direction direction = DirectionOf(from, to);
        for (Cell at = from; at != to; at = Step(at, direction))
          routes_.insert(at);
      }
    }
  }

  std::optional<Placement> Place() && {
    const int all = static_cast<int>(graph_.nodes.size());
    if (all == 0 || kept_ * kLeast < all)
      return std::nullopt;
    std::vector<Block> blocks = NewBlocks();
    for (int node = 0; node < all; ++node) {
      if (is_placed_[node] != 0)
        Take(node, 1);
    }
    for (size_t next = 0; next < blocks.size(); ++next) {
      PlaceBlock(blocks[next]);
      MakeWay(blocks[next], blocks);
      if (moved_ * kMove > all)
        return std::nullopt;
    }
    Placement out;
    out.at = at_;
    out.rows.resize(graph_.edges.size());
    return out;
  }

 private:
  // A line with new stations is laid out by itself, and stays near where it was. An asset stands
  // alone.
  std::vector<Block> NewBlocks() {
    std::vector<Block> blocks;
    std::set<int> lines;
    for (const int node : graph_.order) {
      if (is_placed_[node] != 0)
        continue;
      if (const int line = graph_.nodes[node].line; line < 0)
        blocks.push_back({{node}, {{0, 0}}, std::nullopt});
      else if (lines.insert(line).second)
        blocks.push_back(LineBlock(line));
    }
    for (Block& block : blocks) {
      for (size_t i = 0; i < block.nodes.size(); ++i) {
        const int node = block.nodes[i];
        if (std::exchange(is_placed_[node], 0) == 0)
          continue;
        ++moved_;
        if (!block.was)
          block.was = {at_[node].x - block.at[i].x, at_[node].y - block.at[i].y};
      }
    }
    return blocks;
  }

  Block LineBlock(int line) const {
    Estate estate;
    estate.lines.push_back(*graph_.lines[line]);
    for (const Edge& edge : graph_.edges) {
      if (edge.link->kind == LinkKind::kLine && graph_.nodes[edge.from].line == line)
        estate.links.push_back(*edge.link);
    }
    const Graph own(estate);
    const Placement placement = metro::Place(own);
    Block block;
    for (const int node : own.order) {
      block.nodes.push_back(graph_.NodeOf(own.nodes[node].stop->id));
      block.at.push_back(placement.at[node]);
    }
    return block;
  }

  std::pair<int, int> Stretch(int node, Cell at) const {
    const int half = HalfLabel(graph_, node);
    return {at.x - half, at.x + half};
  }

  void Take(int node, int by) {
    const auto [left, right] = Stretch(node, at_[node]);
    const auto [above, below] = RowsOfLabels(graph_, node);
    for (int row = at_[node].y - above; row <= at_[node].y + below; ++row) {
      for (int x = left; x <= right; ++x) {
        if ((taken_[{x, row}] += by) == 0)
          taken_.erase({x, row});
      }
    }
    bottom_ = std::max(bottom_, at_[node].y + 3);
  }

  bool IsFree(int node, Cell at) const {
    const auto [left, right] = Stretch(node, at);
    const auto [above, below] = RowsOfLabels(graph_, node);
    for (int row = at.y - above; row <= at.y + below; ++row) {
      for (int x = left; x <= right; ++x) {
        if (taken_.contains({x, row}))
          return false;
      }
    }
    return true;
  }

  template <typename Visit>
  void ForEachLink(int node, Visit visit) const {
    for (const auto* edges : {&graph_.nodes[node].in, &graph_.nodes[node].out}) {
      for (const int index : *edges) {
        const Edge& edge = graph_.edges[index];
        visit(graph_.Left(edge), graph_.Right(edge));
      }
    }
  }

  void PlaceBlock(const Block& block) {
    // Right of all that leads to it.
    int first = std::numeric_limits<int>::min();
    for (size_t i = 0; i < block.nodes.size(); ++i) {
      first = std::max(first, kTop + HalfLabel(graph_, block.nodes[i]) - block.at[i].x);
      ForEachLink(block.nodes[i], [&](int left, int right) {
        if (right == block.nodes[i] && is_placed_[left] != 0)
          first = std::max(first, at_[left].x + kAhead - block.at[i].x);
      });
    }
    Cell best;
    int64_t least = std::numeric_limits<int64_t>::max();
    for (int row = kTop; row <= bottom_ + kTop; ++row) {
      for (int x = first; x <= first + kReach; ++x) {
        const int64_t cost = Cost(block, {x, row});
        if (cost < least && IsFree(block, {x, row})) {
          least = cost;
          best = {x, row};
        }
      }
    }
    if (least == std::numeric_limits<int64_t>::max())
      best = {first, bottom_ + kTop};
    for (size_t i = 0; i < block.nodes.size(); ++i) {
      at_[block.nodes[i]] = {best.x + block.at[i].x, best.y + block.at[i].y};
      is_placed_[block.nodes[i]] = 1;
      Take(block.nodes[i], 1);
    }
  }

  bool IsFree(const Block& block, Cell shift) const {
    for (size_t i = 0; i < block.nodes.size(); ++i) {
      if (!IsFree(block.nodes[i], {shift.x + block.at[i].x, shift.y + block.at[i].y}))
        return false;
    }
    return true;
  }

  // How far everything is that it leads to, and what is in its way.
  int64_t Cost(const Block& block, Cell shift) const {
    int64_t cost = 0;
    if (block.was)
      cost = 8 * std::abs(shift.y - block.was->y) + 2 * std::abs(shift.x - block.was->x);
    for (size_t i = 0; i < block.nodes.size(); ++i) {
      const int node = block.nodes[i];
      const Cell at{shift.x + block.at[i].x, shift.y + block.at[i].y};
      if (routes_.contains(at))
        cost += kOnRoute;
      ForEachLink(node, [&](int left, int right) {
        const int other = left == node ? right : left;
        if (is_placed_[other] == 0)
          return;
        cost += std::abs(at_[other].y - at.y) + std::abs(at_[other].x - at.x) / 2;
        // It would have to make way.
        if (left == node && at_[other].x < at.x + kAhead)
          cost += 40;
      });
    }
    return cost;
  }

  // What the block leads to and that is not right of it moves, the whole line of it: it becomes a
  // block that is still to be placed.
  void MakeWay(const Block& block, std::vector<Block>& blocks) {
    std::set<int> in_the_way;
    for (const int node : block.nodes) {
      ForEachLink(node, [&](int left, int right) {
        if (left == node && is_placed_[right] != 0 && at_[right].x < at_[node].x + kAhead &&
            graph_.nodes[right].line != graph_.nodes[node].line)
          in_the_way.insert(right);
      });
    }
    for (const int node : in_the_way) {
      if (is_placed_[node] == 0)
        continue;
      Block moved;
      const int line = graph_.nodes[node].line;
      for (const int other : graph_.order) {
        if (other == node || (line >= 0 && graph_.nodes[other].line == line)) {
          if (is_placed_[other] == 0)
            continue;
          moved.nodes.push_back(other);
          moved.at.push_back(at_[other]);
        }
      }
      const int top = std::ranges::min(moved.at, {}, &Cell::y).y;
      for (Cell& at : moved.at)
        at.y -= top;
      moved.was = Cell{0, top};
      for (size_t i = 0; i < moved.nodes.size(); ++i) {
        Take(moved.nodes[i], -1);
        is_placed_[moved.nodes[i]] = 0;
      }
      moved_ += static_cast<int>(moved.nodes.size());
      blocks.push_back(std::move(moved));
    }
  }

  const Graph& graph_;
  std::vector<Cell> at_;
  std::vector<char> is_placed_;
  std::map<Cell, int> taken_;
  std::set<Cell> routes_;
  int kept_ = 0, moved_ = 0, bottom_ = kTop;
};

}  // namespace

Cell ToCell(Point point) {
  return {static_cast<int>(std::lround(point.x)), static_cast<int>(std::lround(point.y))};
}

std::optional<Placement> Grow(const Graph& graph, const Layout& former) {
  return Grower(graph, former).Place();
}

}  // namespace metro
