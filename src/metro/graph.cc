#include "metro/graph.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace metro {

namespace {

template <typename T>
std::vector<const T*> ById(const std::vector<T>& list) {
  std::vector<const T*> out;
  for (const T& item : list)
    out.push_back(&item);
  std::ranges::sort(out,
                    [](const T* a, const T* b) { return std::tie(a->id, a) < std::tie(b->id, b); });
  const auto again = std::ranges::unique(out, {}, &T::id);
  out.erase(again.begin(), again.end());
  return out;
}

// A text that ends where it says: no two lists of texts are the same.
void Append(std::string& out, std::string_view text) {
  out += base::Cat(text.size(), ":", text);
}

void Append(std::string& out, const Stop& stop) {
  Append(out, stop.id);
  Append(out, stop.label);
  out += base::Cat(stop.tracks, ";");
}

// Marks the edges that close a circle, and leaves nodes in an order in which all others lead
// forwards. No recursion: a line may have as many stops as a file can hold.
class Sorter {
 public:
  explicit Sorter(Graph& graph) : graph_(graph), state_(graph.nodes.size(), State::kNew) {}

  void Sort() {
    for (int node = 0; node < std::ssize(graph_.nodes); ++node) {
      if (state_[node] == State::kNew)
        Visit(node);
    }
    std::ranges::reverse(graph_.order);
  }

 private:
  enum class State : char { kNew, kOpen, kDone };

  void Visit(int first) {
    std::vector<std::pair<int, size_t>> path{{first, 0}};
    state_[first] = State::kOpen;
    while (!path.empty()) {
      auto& [node, next] = path.back();
      const std::vector<int>& out = graph_.nodes[node].out;
      if (next == out.size()) {
        state_[node] = State::kDone;
        graph_.order.push_back(node);
        path.pop_back();
        continue;
      }
      Edge& edge = graph_.edges[out[next++]];
      if (state_[edge.to] == State::kOpen)
        edge.is_back = true;
      if (state_[edge.to] != State::kNew)
        continue;
      state_[edge.to] = State::kOpen;
      path.emplace_back(edge.to, 0);
    }
  }

  Graph& graph_;
  std::vector<State> state_;
};

}  // namespace

std::string VersionOf(const Estate& estate) {
  std::string all;
  for (const Line* line : ById(estate.lines)) {
    Append(all, line->id);
    Append(all, line->label);
    for (const Stop& stop : line->stops)
      Append(all, stop);
    all += "|";
  }
  for (const Stop* asset : ById(estate.assets))
    Append(all, *asset);
  all += "|";
  for (const Link* link : ById(estate.links)) {
    Append(all, link->id);
    Append(all, link->from);
    Append(all, link->to);
    all += base::Cat(static_cast<int>(link->kind), ";");
  }
  return base::Sha256Hex(all).substr(0, 32);
}

Graph::Graph(const Estate& estate) : lines(ById(estate.lines)) {
  std::map<std::string_view, const Stop*> stops;
  std::map<std::string_view, int> line_of, first_of;
  for (int line = 0; line < std::ssize(lines); ++line) {
    for (const Stop& stop : lines[line]->stops) {
      stops.try_emplace(stop.id, &stop);
      line_of.try_emplace(stop.id, line);
    }
  }
  for (const Stop& asset : estate.assets)
    stops.try_emplace(asset.id, &asset);
  for (const auto& [id, stop] : stops) {
    const auto line = line_of.find(id);
    nodes.push_back({stop, line == line_of.end() ? -1 : line->second, {}, {}});
  }
  for (const Line* line : lines) {
    if (!line->stops.empty())
      first_of[line->id] = NodeOf(line->stops.front().id);
  }
  const auto end_of = [&](const std::string& id) {
    const auto line = first_of.find(id);
    return line == first_of.end() ? NodeOf(id) : line->second;
  };
  for (const Link* link : ById(estate.links)) {
    Edge edge{link, end_of(link->from), end_of(link->to)};
    if (edge.from < 0 || edge.to < 0 || edge.from == edge.to)
      continue;
    nodes[edge.from].out.push_back(static_cast<int>(edges.size()));
    nodes[edge.to].in.push_back(static_cast<int>(edges.size()));
    edges.push_back(edge);
  }
  Sorter(*this).Sort();
}

std::vector<char> Graph::Implied() const {
  std::vector<char> implied(edges.size(), 0);
  std::vector<int> seen_from(nodes.size(), -1);
  std::vector<int> open;
  for (int node = 0; node < std::ssize(nodes); ++node) {
    if (nodes[node].out.size() < 2)
      continue;
    const auto open_after = [&](int from) {
      for (const int out : nodes[from].out) {
        const Edge& edge = edges[out];
        if (!edge.is_back && std::exchange(seen_from[edge.to], node) != node)
          open.push_back(edge.to);
      }
    };
    for (const int out : nodes[node].out) {
      if (!edges[out].is_back)
        open_after(edges[out].to);
    }
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      open_after(next);
    }
    for (const int out : nodes[node].out)
      implied[out] = !edges[out].is_back && seen_from[edges[out].to] == node;
  }
  return implied;
}

int Graph::NodeOf(const std::string& id) const {
  const auto found = std::ranges::lower_bound(
      nodes, id, {}, [](const Node& node) -> const std::string& { return node.stop->id; });
  return found == nodes.end() || found->stop->id != id ? -1
                                                       : static_cast<int>(found - nodes.begin());
}

}  // namespace metro
