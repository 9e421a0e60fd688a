#include "metro/order.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/draw.h"

namespace metro {

namespace {

// Another start is tried until so much work is done, and all sifting ends at so much: it is work
// that is counted, not time, so that each machine draws the same.
constexpr int64_t kStartsWork = 8'000'000;
constexpr int64_t kSiftWork = 60'000'000;
constexpr int kSweeps = 16;

// A line counts as much as so many other links: it shall run straight.
constexpr int kLineWeight = 2;

enum class Side { kBefore, kAfter };

class Orderer {
 public:
  explicit Orderer(Columns columns) : c_(std::move(columns)) {
    for (const Item& item : c_.items)
      links_ += static_cast<int64_t>(item.after.size());
  }

  // Sifting ends where no item can improve alone: another start may end at fewer crossings.
  Columns Order() && {
    for (uint64_t start = 0; fewest_ > 0 && work_ < kStartsWork; ++start) {
      FirstOrder(start);
      for (int sweep = 0; sweep < kSweeps; ++sweep)
        Sweep(sweep % 2 == 0);
      Sift();
      Keep();
    }
    Restore();
    return std::move(c_);
  }

 private:
  void Keep() {
    if (const int64_t crossings = c_.Crossings(); crossings < fewest_) {
      fewest_ = crossings;
      best_ = c_.columns;
    }
  }
  void Restore() {
    c_.columns = best_;
    for (size_t column = 0; column < c_.columns.size(); ++column)
      Number(column);
  }
  void Number(size_t column) {
    for (int place = 0; place < std::ssize(c_.columns[column]); ++place)
      c_.items[c_.columns[column][place]].place = place;
  }

  // By depth first from the first column or the last, drawn among equals: it keeps together what
  // belongs together.
  void FirstOrder(uint64_t start) {
    std::vector<uint64_t> drawn;
    for (size_t item = 0; item < c_.items.size(); ++item)
      drawn.push_back(base::Draw(start, "order", item));
    std::vector<char> seen(c_.items.size(), 0);
    for (auto& column : c_.columns)
      column.clear();
    std::vector<int> roots(c_.items.size());
    std::iota(roots.begin(), roots.end(), 0);
    const bool is_forward = start % 2 == 0;
    std::ranges::sort(roots, {}, [&](int item) {
      const int layer = c_.items[item].layer;
      return std::tuple(is_forward ? layer : -layer, drawn[item], item);
    });
    for (const int root : roots) {
      std::vector<int> open{root};
      while (!open.empty()) {
        const int item = open.back();
        open.pop_back();
        if (std::exchange(seen[item], 1))
          continue;
        c_.columns[c_.items[item].layer].push_back(item);
        auto next = is_forward ? c_.items[item].after : c_.items[item].before;
        std::ranges::sort(next, {}, [&](const auto& to) { return std::pair(drawn[to.first], to); });
        for (const auto& [other, weight] : next)
          open.push_back(other);
      }
    }
    for (size_t column = 0; column < c_.columns.size(); ++column)
      Number(column);
    work_ += kSweeps * 10 * links_;
  }

  void Sweep(bool is_forward) {
    const int count = static_cast<int>(c_.columns.size());
    for (int step = 1; step < count; ++step) {
      if (is_forward)
        SortBy(step, Side::kBefore);
      else
        SortBy(count - 1 - step, Side::kAfter);
    }
  }

  // By the mean place of its neighbours; what has none stays where it is.
  void SortBy(int column, Side side) {
    auto& order = c_.columns[column];
    std::vector<std::tuple<int64_t, size_t, int>> means;  // with the slot that each had
    std::vector<size_t> slots;
    for (size_t slot = 0; slot < order.size(); ++slot) {
      const Item& item = c_.items[order[slot]];
      int64_t sum = 0, weights = 0;
      for (const auto& [other, weight] : side == Side::kBefore ? item.before : item.after) {
        sum += int64_t{1024} * weight * c_.items[other].place;
        weights += weight;
      }
      if (weights == 0)
        continue;
      means.emplace_back(sum / weights, slot, order[slot]);
      slots.push_back(slot);
    }
    std::ranges::sort(means);
    for (size_t i = 0; i < slots.size(); ++i)
      order[slots[i]] = std::get<2>(means[i]);
    Number(static_cast<size_t>(column));
  }

  // How many more crossings there are with `upper` above `lower` than the other way round.
  int64_t Excess(int upper, int lower) const {
    return Excess(c_.items[upper].before, c_.items[lower].before) +
           Excess(c_.items[upper].after, c_.items[lower].after);
  }
  int64_t Excess(const std::vector<std::pair<int, int>>& upper,
                 const std::vector<std::pair<int, int>>& lower) const {
    int64_t excess = 0;
    for (const auto& [a, a_weight] : upper) {
      for (const auto& [b, b_weight] : lower) {
        const int difference = c_.items[a].place - c_.items[b].place;
        excess += (difference > 0 ? 1 : difference < 0 ? -1 : 0) * int64_t{a_weight} * b_weight;
      }
    }
    return excess;
  }

  // Each item goes to the best place of its column, again and again while that helps.
  void Sift() {
    for (bool has_moved = true; has_moved && work_ < kSiftWork;) {
      has_moved = false;
      for (size_t column = 0; column < c_.columns.size() && work_ < kSiftWork; ++column) {
        const std::vector<int> items = c_.columns[column];
        for (const int item : items) {
          if (work_ < kSiftWork)
            has_moved |= SiftOne(column, item);
        }
      }
    }
  }

  bool SiftOne(size_t column, int item) {
    auto& order = c_.columns[column];
    const int from = c_.items[item].place;
    int64_t best = 0;
    int to = from;
    const auto degree = [&](int of) {
      return static_cast<int64_t>(c_.items[of].before.size() + c_.items[of].after.size());
    };
    int64_t change = 0;
    for (int place = from - 1; place >= 0; --place) {
      change += Excess(item, order[place]);
      work_ += 1 + degree(item) * degree(order[place]) / 2;
      if (change < best) {
        best = change;
        to = place;
      }
    }
    change = 0;
    for (int place = from + 1; place < std::ssize(order); ++place) {
      change -= Excess(item, order[place]);
      work_ += 1 + degree(item) * degree(order[place]) / 2;
      if (change < best) {
        best = change;
        to = place;
      }
    }
    if (to == from)
      return false;
    order.erase(order.begin() + from);
    order.insert(order.begin() + to, item);
    Number(column);
    return true;
  }

  Columns c_;
  int64_t links_ = 0, work_ = 0;
  int64_t fewest_ = std::numeric_limits<int64_t>::max();
  std::vector<std::vector<int>> best_;
};

// Adds up the weights of those before an index.
class Sums {
 public:
  explicit Sums(size_t size) : sums_(size + 1, 0) {}
  void Add(size_t index, int64_t weight) {
    for (++index; index < sums_.size(); index += index & (~index + 1))
      sums_[index] += weight;
  }
  int64_t Before(size_t index) const {
    int64_t sum = 0;
    for (; index > 0; index -= index & (~index + 1))
      sum += sums_[index];
    return sum;
  }

 private:
  std::vector<int64_t> sums_;
};

}  // namespace

int64_t Columns::Crossings() const {
  int64_t crossings = 0;
  for (size_t column = 0; column + 1 < columns.size(); ++column) {
    Sums sums(columns[column + 1].size());
    int64_t all = 0;
    for (const int item : columns[column]) {
      for (const auto& [other, weight] : items[item].after)
        crossings += weight * (all - sums.Before(static_cast<size_t>(items[other].place) + 1));
      for (const auto& [other, weight] : items[item].after) {
        sums.Add(static_cast<size_t>(items[other].place), weight);
        all += weight;
      }
    }
  }
  return crossings;
}

Columns OrderColumns(const Graph& graph, const std::vector<int>& layers) {
  Columns out;
  const auto add = [&](int node, bool is_trunk, int layer) {
    if (std::ssize(out.columns) <= layer)
      out.columns.resize(static_cast<size_t>(layer) + 1);
    Item item{node, is_trunk, layer, static_cast<int>(out.columns[layer].size()), {}, {}};
    out.columns[layer].push_back(static_cast<int>(out.items.size()));
    out.items.push_back(std::move(item));
    return static_cast<int>(out.items.size()) - 1;
  };
  for (int node = 0; node < std::ssize(graph.nodes); ++node)
    add(node, false, layers[node]);
  std::map<std::pair<int, int>, int> weights;  // of two items
  for (int node = 0; node < std::ssize(graph.nodes); ++node) {
    std::map<int, int> trunk{{layers[node], node}};  // by layer
    for (const auto* edges : {&graph.nodes[node].in, &graph.nodes[node].out}) {
      for (const int index : *edges) {
        const Edge& edge = graph.edges[index];
        const int to = graph.Right(edge);
        if (graph.Left(edge) != node)
          continue;
        const int weight = edge.link->kind == LinkKind::kLine ? kLineWeight : 1;
        for (int layer = layers[node] + 1; layer < layers[to]; ++layer) {
          const auto [item, is_new] = trunk.try_emplace(layer, 0);
          if (is_new)
            item->second = add(node, true, layer);
          weights[{trunk.at(layer - 1), item->second}] += weight;
        }
        weights[{trunk.at(layers[to] - 1), to}] += weight;
      }
    }
  }
  for (const auto& [ends, weight] : weights) {
    out.items[ends.first].after.emplace_back(ends.second, weight);
    out.items[ends.second].before.emplace_back(ends.first, weight);
  }
  return Orderer(std::move(out)).Order();
}

}  // namespace metro
