#include "metro/layers.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace metro {

namespace {

constexpr int kRounds = 30;  // more change nothing on any estate seen
constexpr int kLineWeight = 4;

class Layering {
 public:
  explicit Layering(const Graph& graph) : graph_(graph), layers_(graph.nodes.size(), 0) {
    for (const int node : graph_.order)
      layers_[node] = Bounds({node}).first;
  }

  std::vector<int> Shorten() && {
    std::vector<std::vector<int>> groups;
    for (const int node : graph_.order)
      groups.push_back({node});
    std::vector<std::vector<int>> lines(graph_.lines.size());
    for (const int node : graph_.order) {
      if (graph_.nodes[node].line >= 0)
        lines[graph_.nodes[node].line].push_back(node);
    }
    for (std::vector<int>& line : lines) {
      if (line.size() > 1)
        groups.push_back(std::move(line));
    }
    bool has_moved = true;
    for (int round = 0; round < kRounds && has_moved; ++round) {
      has_moved = false;
      for (const auto& group : groups)
        has_moved |= Move(group);
      std::ranges::reverse(groups);
    }
    if (!layers_.empty()) {
      const int first = std::ranges::min(layers_);
      for (int& layer : layers_)
        layer -= first;
    }
    return std::move(layers_);
  }

 private:
  // Nodes that move together. How far they may: to the left, to the right; with one node alone,
  // its first layer and its last.
  std::pair<int, int> Bounds(const std::vector<int>& group) const {
    int low = std::numeric_limits<int>::min(), high = std::numeric_limits<int>::max();
    for (const int node : group) {
      const int at = layers_[node];
      for (const auto* edges : {&graph_.nodes[node].in, &graph_.nodes[node].out}) {
        for (const int index : *edges) {
          const int left = graph_.Left(graph_.edges[index]);
          const int right = graph_.Right(graph_.edges[index]);
          if (right == node && !Has(group, left))
            low = std::max(low, layers_[left] + 1 - at);
          if (left == node && !Has(group, right))
            high = std::min(high, layers_[right] - 1 - at);
        }
      }
    }
    if (group.size() == 1 && low == std::numeric_limits<int>::min())
      return {0, high};
    return {low, high};
  }

  bool Has(const std::vector<int>& group, int node) const {
    if (group.size() == 1)
      return group.front() == node;
    return graph_.nodes[node].line == graph_.nodes[group.front()].line;
  }

  // To the left or the right, as far as it makes links shorter in sum.
  bool Move(const std::vector<int>& group) {
    int pull = 0;  // to the left
    for (const int node : group) {
      for (const auto* edges : {&graph_.nodes[node].in, &graph_.nodes[node].out}) {
        for (const int index : *edges) {
          const Edge& edge = graph_.edges[index];
          const int left = graph_.Left(edge), right = graph_.Right(edge);
          const int weight = edge.link->kind == LinkKind::kLine ? kLineWeight : 1;
          if (right == node && !Has(group, left))
            pull += weight;
          if (left == node && !Has(group, right))
            pull -= weight;
        }
      }
    }
    const auto [low, high] = Bounds(group);
    const int shift = pull > 0 ? low : pull < 0 ? high : 0;
    const bool is_bound =
        pull > 0 ? low > std::numeric_limits<int>::min() : high < std::numeric_limits<int>::max();
    if (shift == 0 || !is_bound)
      return false;
    for (const int node : group)
      layers_[node] += shift;
    return true;
  }

  const Graph& graph_;
  std::vector<int> layers_;
};

}  // namespace

std::vector<int> Layers(const Graph& graph) {
  return Layering(graph).Shorten();
}

}  // namespace metro
