#include "metro/rows.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <tuple>

#include "metro/labels.h"

namespace metro {

namespace {

constexpr int kRounds = 24;
constexpr double kHalfTrunk = 0.05;

class Rower {
 public:
  Rower(const Graph& graph, const Columns& columns)
      : graph_(graph), c_(columns), block_(columns.items.size(), -1) {}

  std::vector<int> Place() && {
    MakeBlocks();
    Constrain();
    PackToTheTop();
    for (int round = 0; round < kRounds; ++round)
      Relax(round % 2 == 0);
    std::vector<int> rows(c_.items.size());
    int top = std::numeric_limits<int>::max();
    for (size_t item = 0; item < rows.size(); ++item) {
      rows[item] = row_[block_[item]];
      top = std::min(top, rows[item]);
    }
    for (int& row : rows)
      row -= top;
    return rows;
  }

 private:
  // Neighbours that shall stand in one row, the most important ones first.
  int Priority(int left, int right) const {
    const Item& from = c_.items[left];
    const Item& to = c_.items[right];
    const bool is_line = graph_.nodes[from.node].line >= 0 &&
                         graph_.nodes[from.node].line == graph_.nodes[to.node].line;
    if (is_line && !from.is_trunk && !to.is_trunk)
      return 0;
    if (from.is_trunk && to.is_trunk)
      return 1;
    if (from.is_trunk && !to.is_trunk)
      return is_line ? 2 : 3;
    return to.is_trunk ? 4 : 5;
  }

  // How far an item stands from the middle one of these.
  int FromMiddle(int item, const std::vector<std::pair<int, int>>& of) const {
    int above = 0;
    for (const auto& [other, weight] : of)
      above += c_.items[other].place < c_.items[item].place;
    return std::abs(2 * above - static_cast<int>(of.size()) + 1);
  }

  // A block is one row's worth of items in columns that follow each other; no two of them cross.
  void MakeBlocks() {
    std::vector<std::tuple<int, int, int, int, int>> wishes;
    for (int left = 0; left < std::ssize(c_.items); ++left) {
      for (const auto& [right, weight] : c_.items[left].after)
        wishes.emplace_back(
            Priority(left, right),
            -weight,
            FromMiddle(right, c_.items[left].after) + FromMiddle(left, c_.items[right].before),
            left,
            right);
    }
    std::ranges::sort(wishes);
    std::vector<int> after(c_.items.size(), -1), before(c_.items.size(), -1);
    std::vector<std::set<std::pair<int, int>>> taken(c_.columns.size());  // places, by column
    for (const auto& [priority, weight, off, left, right] : wishes) {
      if (after[left] >= 0 || before[right] >= 0)
        continue;
      auto& pairs = taken[c_.items[left].layer];
      const std::pair<int, int> pair{c_.items[left].place, c_.items[right].place};
      const auto next = pairs.lower_bound(pair);
      if (next != pairs.end() && next->second < pair.second)
        continue;
      if (next != pairs.begin() && std::prev(next)->second > pair.second)
        continue;
      pairs.insert(pair);
      after[left] = right;
      before[right] = left;
    }
    for (const auto& column : c_.columns) {
      for (const int item : column) {
        if (before[item] >= 0) {
          block_[item] = block_[before[item]];
        } else {
          block_[item] = static_cast<int>(blocks_.size());
          blocks_.emplace_back();
        }
        blocks_[block_[item]].push_back(item);
      }
    }
  }

  // From an item's row up and down to what is free again.
  double Above(int item) const {
    if (c_.items[item].is_trunk)
      return kHalfTrunk;
    return HalfHeight(graph_.nodes[item].stop->tracks) + kAboveStation;
  }
  double Below(int item) const {
    if (c_.items[item].is_trunk)
      return kHalfTrunk;
    return HalfHeight(graph_.nodes[item].stop->tracks) +
           (graph_.IsFirst(item) ? kBelowStation : kHalfTrunk);
  }
  int Distance(int upper, int lower) const {
    return static_cast<int>(std::ceil(Below(upper) + Above(lower)));
  }

  void Constrain() {
    below_.resize(blocks_.size());
    above_.resize(blocks_.size());
    for (const auto& column : c_.columns) {
      for (size_t place = 1; place < column.size(); ++place) {
        const int upper = column[place - 1], lower = column[place];
        const int distance = Distance(upper, lower);
        below_[block_[upper]].emplace_back(block_[lower], distance);
        above_[block_[lower]].emplace_back(block_[upper], distance);
      }
    }
    for (int block = 0; block < std::ssize(blocks_); ++block) {
      for (const int item : blocks_[block]) {
        for (const auto* links : {&c_.items[item].before, &c_.items[item].after}) {
          for (const auto& [other, weight] : *links) {
            if (block_[other] != block)
              pulls_.push_back({block, block_[other], weight});
          }
        }
      }
    }
    std::ranges::sort(pulls_);
  }

  // In an order in which each block comes after all above it: there is one, because blocks do not
  // cross.
  void PackToTheTop() {
    std::vector<int> missing(blocks_.size(), 0);
    for (size_t block = 0; block < blocks_.size(); ++block)
      missing[block] = static_cast<int>(above_[block].size());
    row_.assign(blocks_.size(), 0);
    for (int block = 0; block < std::ssize(blocks_); ++block) {
      if (missing[block] == 0)
        order_.push_back(block);
    }
    for (size_t next = 0; next < order_.size(); ++next) {
      const int block = order_[next];
      height_ = std::max(height_, row_[block]);
      for (const auto& [lower, distance] : below_[block]) {
        row_[lower] = std::max(row_[lower], row_[block] + distance);
        if (--missing[lower] == 0)
          order_.push_back(lower);
      }
    }
  }

  // Each block goes to the middle of what it leads to, as far as the blocks above and below let it.
  void Relax(bool is_downwards) {
    const auto move = [&](int block) {
      int low = 0, high = height_;
      for (const auto& [upper, distance] : above_[block])
        low = std::max(low, row_[upper] + distance);
      for (const auto& [lower, distance] : below_[block])
        high = std::min(high, row_[lower] - distance);
      const auto first = std::ranges::lower_bound(pulls_, block, {}, &BlockPull::block);
      std::vector<std::pair<int, int>> wanted;
      int all = 0;
      for (auto pull = first; pull != pulls_.end() && pull->block == block; ++pull) {
        wanted.emplace_back(row_[pull->other], pull->weight);
        all += pull->weight;
      }
      if (wanted.empty() || low > high)
        return;
      std::ranges::sort(wanted);
      int sum = 0;
      for (const auto& [row, weight] : wanted) {
        sum += 2 * weight;
        if (sum < all)
          continue;
        row_[block] = std::clamp(row, low, high);
        return;
      }
    };
    if (is_downwards)
      std::for_each(order_.rbegin(), order_.rend(), move);
    else
      std::ranges::for_each(order_, move);
  }

  struct BlockPull {
    int block = 0, other = 0, weight = 1;
    friend auto operator<=>(const BlockPull&, const BlockPull&) = default;
  };

  const Graph& graph_;
  const Columns& c_;
  std::vector<int> block_;                // by item
  std::vector<std::vector<int>> blocks_;  // items, from the left
  std::vector<std::vector<std::pair<int, int>>> above_, below_;
  std::vector<BlockPull> pulls_;
  std::vector<int> order_, row_;
  int height_ = 0;
};

}  // namespace

std::vector<int> Rows(const Graph& graph, const Columns& columns) {
  return columns.items.empty() ? std::vector<int>() : Rower(graph, columns).Place();
}

}  // namespace metro
