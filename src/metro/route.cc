#include "metro/route.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

namespace metro {

namespace {

constexpr int kNever = Canvas::kNever;
// So far from a station an edge may leave its row.
constexpr int kReach = 16;
// Rows above and below those of the stations that are tried, too.
constexpr int kNearRows = 3;
// A way that costs more is not taken before every row has been tried.
constexpr int kDear = Canvas::kOverlap;

// How an edge goes from one row to another: where it leaves the one, and where it is on the other.
struct Turn {
  int leaves = 0, arrives = 0;
  int cost = 0;  // with its stretch on the row of a station
};

// The ways of one edge to the right: along the first row, to a row between, to the last row.
class Finder {
 public:
  Finder(const Canvas& canvas, int edge, const Trip& trip)
      : canvas_(canvas), edge_(edge), from_(trip.from), to_(trip.to) {
    first_row_ = RowCosts(from_.y);
    last_row_ = RowCosts(to_.y);
  }

  void Try(int row) {
    if (row < 0 || row >= canvas_.height())
      return;
    if (row == from_.y && row == to_.y) {
      Take(RowCost(first_row_, from_.x, to_.x), {from_, to_});
    } else if (row == from_.y || row == to_.y) {
      for (const Turn& turn : Turns(from_.y, to_.y, from_.x, to_.x))
        Take(turn.cost, {from_, {turn.leaves, from_.y}, {turn.arrives, to_.y}, to_});
    } else {
      TryBetween(row);
    }
  }

  int cost() const { return cost_; }
  const Path& path() const { return path_; }

 private:
  void TryBetween(int row) {
    std::vector<Turn> begins = Turns(from_.y, row, from_.x, std::min(from_.x + kReach, to_.x));
    std::vector<Turn> ends = Turns(row, to_.y, std::max(to_.x - kReach, from_.x), to_.x);
    if (begins.empty() || ends.empty())
      return;
    std::ranges::sort(begins, {}, &Turn::cost);
    std::ranges::sort(ends, {}, &Turn::cost);
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

  // All turns from one row to another between two columns, by an upright and by a slanted stretch,
  // with their way from the first station's row or to the last one's.
  std::vector<Turn> Turns(int upper, int lower, int left, int right) const {
    std::vector<Turn> turns;
    const int height = std::abs(lower - upper);
    for (int x = left; x <= right; ++x) {
      for (const int width : {0, height}) {
        const Cell leaves{x, upper}, arrives{x + width, lower};
        if (arrives.x > right)
          continue;
        const Direction direction = DirectionOf(leaves, arrives);
        int cost = 0;
        if (upper == from_.y)
          cost += RowCost(first_row_, from_.x, leaves.x);
        if (lower == to_.y)
          cost += RowCost(last_row_, arrives.x, to_.x);
        if (leaves != from_)
          cost += Canvas::kBend + canvas_.CellCost(edge_, leaves, kEast, direction);
        if (arrives != to_)
          cost += Canvas::kBend + canvas_.CellCost(edge_, arrives, direction, kEast);
        if (cost < cost_)
          cost += canvas_.StretchCost(edge_, leaves, arrives, cost_ - cost);
        if (cost < cost_)
          turns.push_back({x, arrives.x, cost});
      }
    }
    return turns;
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
  int cost_ = kNever;
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
  for (int row = 0; row < canvas.height(); ++row) {
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
    : canvas_(canvas),
      trips_(std::move(trips)),
      paths_(trips_.size()),
      is_fixed_(trips_.size(), 0) {}

void Router::Fix(int edge, Path path) {
  canvas_.Add(edge, path);
  paths_[edge] = std::move(path);
  is_fixed_[edge] = 1;
}

Path Router::BestPath(int edge) const {
  const Trip& trip = trips_[edge];
  if (trip.from.x >= trip.to.x)
    return PathAround(canvas_, edge, trip);
  Finder finder(canvas_, edge, trip);
  finder.Try(trip.from.y);
  for (const int row : trip.rows)
    finder.Try(row);
  for (int near = 1; near <= kNearRows; ++near) {
    for (const int row : {trip.from.y, trip.to.y}) {
      finder.Try(row - near);
      finder.Try(row + near);
    }
  }
  for (int row = 0; row < canvas_.height() && finder.cost() >= kDear; ++row)
    finder.Try(row);
  return Straightened(finder.path());
}

void Router::Redraw(int edge) {
  canvas_.Remove(edge, paths_[edge]);
  Path path = BestPath(edge);
  if (paths_[edge].empty() || canvas_.PathCost(edge, path) < canvas_.PathCost(edge, paths_[edge]))
    paths_[edge] = std::move(path);
  canvas_.Add(edge, paths_[edge]);
}

void Router::Draw(int rounds) {
  std::vector<int> order(trips_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int edge) {
    const auto& [from, to, rows] = trips_[edge];
    return std::tuple(from.y != to.y, std::abs(to.x - from.x) + std::abs(to.y - from.y));
  });
  for (int round = 0; round <= rounds; ++round) {
    for (const int edge : order) {
      if (is_fixed_[edge] == 0)
        Redraw(edge);
    }
  }
}

}  // namespace metro
