#include "metro/route.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace metro {

namespace {

constexpr int kNever = Canvas::kNever;
// So far from a station an edge may leave its row.
constexpr int kReach = 14;
// Rows above and below those of the stations that are tried, too.
constexpr int kNearRows = 3;
// A way that costs more is not taken before other rows near its stations have been tried, no more
// than so many; so near.
constexpr int kDear = 8 * Canvas::kCross;
constexpr int kRowsMost = 64;
constexpr int kAround = 12;
// Between two stations that are far from each other an edge changes its row in one of so many
// columns.
constexpr int kColumnsMost = 64;

// How an edge goes from one row to another: where it leaves the one, and where it is on the other.
struct Turn {
  int cost = 0;  // with its stretch on the row of a station
  int leaves = 0, arrives = 0;
  friend auto operator<=>(const Turn&, const Turn&) = default;
};

// What upright and slanted stretches cost that begin in a row at some columns and lead away from
// it, to each other row: of one edge, to all rows that cost less than `enough`.
class Fan {
 public:
  Fan(const Canvas& canvas,
      int edge,
      int row,
      int left,
      int right,
      int ahead,
      std::pair<int, int> rows,
      int enough)
      : left_(left), top_(rows.first), height_(rows.second - rows.first + 1) {
    costs_.assign(
        static_cast<size_t>(std::max(0, right - left + 1)) * 2 * static_cast<size_t>(height_),
        kNever);
    for (int x = left; x <= right; ++x) {
      for (const int slope : {0, 1}) {
        for (const int down : {-1, 1}) {
          int cost = 0;
          Cell at{x, row};
          const Direction direction = DirectionOf(at, {x + slope * ahead, row + down});
          for (;;) {
            cost += canvas.StepCost(edge, at, direction);
            at = Step(at, direction);
            if (cost >= enough || at.y < top_ || at.y >= top_ + height_)
              break;
            costs_[Index(x, slope, at.y)] = cost;
            cost += canvas.CellCost(edge, at, direction, direction);
          }
        }
      }
    }
  }

  int Cost(int x, int slope, int row) const { return costs_[Index(x, slope, row)]; }

 private:
  size_t Index(int x, int slope, int row) const {
    return (static_cast<size_t>(x - left_) * 2 + static_cast<size_t>(slope)) *
               static_cast<size_t>(height_) +
           static_cast<size_t>(row - top_);
  }

  int left_, top_, height_;
  std::vector<int> costs_;
};

// The ways of one edge to the right: along the first row, to a row between, to the last row.
class Finder {
 public:
  // Of ways that cost less.
  Finder(const Canvas& canvas, int edge, const Trip& trip, int cost)
      : canvas_(canvas), edge_(edge), from_(trip.from), to_(trip.to), cost_(cost) {
    first_row_ = RowCosts(from_.y);
    last_row_ = RowCosts(to_.y);
  }

  void Try(int row) {
    const auto [top, bottom] = Rows();
    if (row < top || row > bottom)
      return;
    if (row == from_.y && row == to_.y) {
      Take(RowCost(first_row_, from_.x, to_.x), {from_, to_});
    } else if (row == from_.y) {
      for (const Turn& turn : DirectTurns())
        Take(turn.cost, {from_, {turn.leaves, from_.y}, {turn.arrives, to_.y}, to_});
    } else {
      TryBetween(row);
    }
  }

  // Those that are tried, at most.
  std::pair<int, int> Rows() const {
    return {std::max(1, std::min(from_.y, to_.y) - kAround),
            std::min(canvas_.height() - 1, std::max(from_.y, to_.y) + kAround)};
  }

  int cost() const { return cost_; }
  const Path& path() const { return path_; }  // none: there is none

 private:
  void TryBetween(int row) {
    if (!begin_) {
      first_ = std::max(to_.x - kReach, from_.x);
      last_ = std::min(from_.x + kReach, to_.x);
      begin_.emplace(canvas_, edge_, from_.y, from_.x, last_, 1, Rows(), cost_);
      end_.emplace(canvas_, edge_, to_.y, first_, to_.x, -1, Rows(), cost_);
    }
    std::vector<Turn> begins, ends;
    for (const int slope : {0, 1}) {
      const int begins_width = slope * std::abs(row - from_.y),
                ends_width = slope * std::abs(row - to_.y);
      for (int x = from_.x; x <= last_; ++x)
        AddTurn(begins, {x, from_.y}, {x + begins_width, row}, begin_->Cost(x, slope, row));
      for (int x = first_; x <= to_.x; ++x)
        AddTurn(ends, {x - ends_width, row}, {x, to_.y}, end_->Cost(x, slope, row));
    }
    if (begins.empty() || ends.empty())
      return;
    std::ranges::sort(begins);
    std::ranges::sort(ends);
    if (begins.front().cost + ends.front().cost >= cost_)
      return;
    const std::vector<int> costs = RowCosts(row);
    for (const Turn& begin : begins) {
      if (begin.cost >= cost_)
        break;
      for (const Turn& end : ends) {
        if (begin.cost + end.cost >= cost_)
          break;
        if (begin.arrives >= end.leaves)
          continue;
        Take(begin.cost + end.cost + RowCost(costs, begin.arrives, end.leaves),
             {from_,
              {begin.leaves, from_.y},
              {begin.arrives, row},
              {end.leaves, row},
              {end.arrives, to_.y},
              to_});
      }
    }
  }

  // From the row of the first station to that of the last one.
  std::vector<Turn> DirectTurns() const {
    std::vector<Turn> turns;
    const int height = std::abs(to_.y - from_.y);
    const int stride = 1 + (to_.x - from_.x) / kColumnsMost;
    for (int x = from_.x; x <= to_.x;
         x += x - from_.x < kReach || to_.x - x - height < kReach ? 1 : stride) {
      for (const int width : {0, height}) {
        const Cell leaves{x, from_.y}, arrives{x + width, to_.y};
        if (arrives.x > to_.x)
          continue;
        const int least = RowCost(first_row_, from_.x, x) + RowCost(last_row_, arrives.x, to_.x);
        if (least < cost_)
          AddTurn(
              turns, leaves, arrives, canvas_.StretchCost(edge_, leaves, arrives, cost_ - least));
      }
    }
    return turns;
  }

  // With its way from the first station on its row, or to the last one.
  void AddTurn(std::vector<Turn>& turns, Cell leaves, Cell arrives, int cost) const {
    if (leaves.x < from_.x || arrives.x > to_.x || cost >= cost_)
      return;
    if (leaves.y == from_.y)
      cost += RowCost(first_row_, from_.x, leaves.x);
    if (arrives.y == to_.y)
      cost += RowCost(last_row_, arrives.x, to_.x);
    if (cost >= cost_)
      return;
    const Direction direction = DirectionOf(leaves, arrives);
    if (leaves != from_)
      cost += Canvas::kBend + canvas_.CellCost(edge_, leaves, kEast, direction);
    if (arrives != to_)
      cost += Canvas::kBend + canvas_.CellCost(edge_, arrives, direction, kEast);
    if (cost < cost_)
      turns.push_back({cost, leaves.x, arrives.x});
  }

  // Of the cells of a row, added up from the left: each with the way to the next one.
  std::vector<int> RowCosts(int row) const {
    std::vector<int> sums{0};
    for (int x = from_.x; x < to_.x; ++x)
      sums.push_back(sums.back() + canvas_.CellCost(edge_, {x, row}, kEast, kEast) +
                     canvas_.StepCost(edge_, {x, row}, kEast));
    return sums;
  }
  // Of what is between two cells of a row, without those.
  int RowCost(const std::vector<int>& sums, int left, int right) const {
    if (left == right)
      return 0;
    if (right - left == 1)
      return Canvas::kStep;
    return sums[right - from_.x] - sums[left + 1 - from_.x];
  }

  void Take(int cost, Path path) {
    if (cost >= cost_)
      return;
    cost_ = cost;
    path_ = std::move(path);
  }

  const Canvas& canvas_;
  const int edge_;
  const Cell from_, to_;
  std::vector<int> first_row_, last_row_;
  // Made when the first row between is tried.
  std::optional<Fan> begin_, end_;
  int last_ = 0, first_ = 0;  // the columns of these: up to, and from
  int cost_;
  Path path_;
};

// To a station that is not further right: out to the right, around, and in from the left.
Path PathAround(const Canvas& canvas, int edge, const Trip& trip) {
  const auto& [from, to, rows] = trip;
  Path best;
  int cost = kNever;
  const auto take = [&](Path path) {
    path = Straightened(path);
    if (const int of = canvas.PathCost(edge, path); of < cost) {
      cost = of;
      best = std::move(path);
    }
  };
  if (from.x == to.x)
    take({from, to});
  const int top = std::max(1, std::min(from.y, to.y) - kAround);
  const int bottom = std::min(canvas.height() - 1, std::max(from.y, to.y) + kAround);
  for (int row = top; row <= bottom; ++row) {
    for (int out = 1; out <= 3; ++out) {
      for (int in = 1; in <= 3; ++in)
        take({from,
              {from.x + out, from.y},
              {from.x + out, row},
              {to.x - in, row},
              {to.x - in, to.y},
              to});
    }
  }
  return best;
}

}  // namespace

Router::Router(Canvas& canvas, std::vector<Trip> trips)
    : canvas_(canvas), trips_(std::move(trips)), paths_(trips_.size()) {}

void Router::Set(int edge, Path path) {
  canvas_.Add(edge, path);
  paths_[edge] = std::move(path);
}

int Router::Cost(int edge) const {
  return canvas_.PathCost(edge, paths_[edge]);
}

void Router::Draw(int edge) {
  const Trip& trip = trips_[edge];
  Path& path = paths_[edge];
  canvas_.Remove(edge, path);
  if (trip.from.x >= trip.to.x) {
    Path around = PathAround(canvas_, edge, trip);
    has_changed_ |= around != path;
    path = std::move(around);
  } else if (Path better = PathToTheRight(edge); !better.empty()) {
    path = std::move(better);
    has_changed_ = true;
  }
  canvas_.Add(edge, path);
}

Path Router::PathToTheRight(int edge) const {
  const Trip& trip = trips_[edge];
  const int least =
      Canvas::kStep * (trip.to.x - trip.from.x) + Canvas::kBend * (trip.from.y != trip.to.y);
  const int now = paths_[edge].empty() ? kNever : canvas_.PathCost(edge, paths_[edge]);
  if (now <= least)
    return {};
  Finder finder(canvas_, edge, trip, now);
  finder.Try(trip.from.y);
  std::set<int> rows(trip.rows.begin(), trip.rows.end());
  for (int near = 1; near <= kNearRows; ++near) {
    for (const int row : {trip.from.y, trip.to.y})
      rows.insert({row - near, row + near});
  }
  rows.erase(trip.from.y);
  rows.erase(trip.to.y);
  for (const int row : rows)
    finder.Try(row);
  const auto [top, bottom] = finder.Rows();
  const int stride = 1 + (bottom - top) / kRowsMost;
  for (int row = top; row <= bottom && finder.cost() >= kDear; row += stride) {
    if (row != trip.from.y && row != trip.to.y)
      finder.Try(row);
  }
  return Straightened(finder.path());
}

void Router::Draw(std::vector<int> edges, int rounds) {
  std::ranges::sort(edges, {}, [&](int edge) {
    const auto& [from, to, rows] = trips_[edge];
    return std::tuple(from.y != to.y, std::abs(to.x - from.x) + std::abs(to.y - from.y), edge);
  });
  has_changed_ = true;
  for (int round = 0; round <= rounds && has_changed_; ++round) {
    has_changed_ = false;
    for (const int edge : edges)
      Draw(edge);
  }
}

}  // namespace metro
