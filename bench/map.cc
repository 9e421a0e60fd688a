// The map's layout beside elkjs (layered) and dagre, on the same graphs, counted by one program.
//
//   map_bench write FOLDER PROJECT    the graphs, for bench/map/peers.mjs
//   map_bench read FOLDER PROJECT     the table
//
// Labels that stand on others are counted in our layout alone: the others' stand in boxes.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/map_estate.h"
#include "base/json_text.h"
#include "cli/project.h"
#include "metro/layout.h"
#include "metro/test_estates.h"
#include "metro/text_width.h"

namespace {

using metro::Estate;
using metro::Layout;
using metro::testing::Moved;
using metro::testing::Ways;

struct Named {
  std::string name;
  Estate estate;
};

std::vector<Named> Estates(const std::string& project) {
  const auto loaded = cli::LoadProject(project);
  if (!loaded) {
    std::fprintf(stderr, "map_bench: %s cannot be read\n", project.c_str());
    std::exit(1);
  }
  return {{"delphi-week", api::EstateOf(loaded->loaded.dags)},
          {"50 jobs", metro::testing::DrawEstate(50, 1)},
          {"250 jobs", metro::testing::DrawEstate(250, 1)},
          {"1000 jobs", metro::testing::DrawEstate(1000, 1)},
          {"a hub of 40", metro::testing::HubEstate(40)}};
}

std::string FileOf(const std::string& folder, const std::string& name, const char* kind) {
  return base::Cat(folder, "/", base::ReplaceAll(name, " ", "_"), ".", kind, ".json");
}

// As wide as their labels, in pixels of a cell of 16.
void Write(const std::string& folder, const Named& named) {
  json::array nodes, edges;
  for (const metro::Line& line : named.estate.lines) {
    for (const metro::Stop& stop : line.stops) {
      const double width = metro::TextWidth(stop.label) * metro::kFontSize * 16 + 16;
      nodes.push_back(json::object{{"id", stop.id}, {"width", width}, {"height", 24}});
    }
  }
  for (const metro::Link& link : named.estate.links)
    edges.push_back(json::object{{"id", link.id}, {"from", link.from}, {"to", link.to}});
  std::ofstream(FileOf(folder, named.name, "graph"))
      << base::Serialize(json::object{{"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
}

void PrintRow(
    const char* who, const Estate& estate, const Ways& ways, double ms, const std::string& more) {
  const metro::Measures measures = metro::testing::MeasuresOf(estate, ways);
  const auto edges = static_cast<double>(ways.size());
  std::printf(
      "  %-10s %6lld crossings  %.2f bends/edge  %4lld overlaps  %5.1f %% octilinear  %7.0f ms%s\n",
      who,
      static_cast<long long>(measures.crossings),
      static_cast<double>(measures.bends) / edges,
      static_cast<long long>(measures.overlaps),
      100.0 * (1 - static_cast<double>(measures.slanted) / static_cast<double>(measures.stretches)),
      ms,
      more.c_str());
}

bool PrintPeer(const char* who, const std::string& path, const Estate& estate) {
  std::ifstream in(path);
  const auto value = base::ParseJson(
      std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  if (!value)
    return false;
  Ways ways;
  for (const json::value& edge : value->at("edges").as_array()) {
    auto& way = ways[std::string(edge.at("id").as_string())];
    for (const json::value& point : edge.at("points").as_array())
      way.push_back({point.at(0).to_number<double>(), point.at(1).to_number<double>()});
  }
  PrintRow(who, estate, ways, value->at("ms").to_number<double>(), "");
  return true;
}

void PrintMoves(const char* what, const std::vector<double>& moves) {
  double sum = 0;
  for (const double move : moves)
    sum += move;
  const auto above = std::ranges::count_if(moves, [](double move) { return move > 5; });
  std::printf(
      "  %s: %.1f %% of the stations move on average, %.1f %% at most; above 5 %%: %td of %zu\n",
      what,
      sum / static_cast<double>(moves.size()),
      std::ranges::max(moves),
      above,
      moves.size());
}

// A line that reads from others is added; and each line in turn is put back among those that it
// reads and those that read it.
void PrintStability(const Estate& estate, const Layout& layout) {
  const size_t draws = estate.links.size() > 1000 ? 8 : 20;
  std::vector<double> added, put_back;
  for (uint64_t seed = 1; seed <= draws; ++seed)
    added.push_back(
        100 * Moved(layout, metro::LayOut(metro::testing::WithOneMore(estate, seed), &layout)));
  const size_t stride = 1 + estate.lines.size() / draws;
  for (size_t i = 0; i < estate.lines.size(); i += stride) {
    Estate less = estate;
    less.lines.erase(less.lines.begin() + static_cast<std::ptrdiff_t>(i));
    const Layout before = metro::LayOut(less);
    put_back.push_back(100 * Moved(before, metro::LayOut(estate, &before)));
  }
  PrintMoves("one more DAG", added);
  PrintMoves("one put back in the middle", put_back);
}

int Read(const std::string& folder, const std::vector<Named>& estates) {
  for (const auto& [name, estate] : estates) {
    size_t jobs = 0;
    for (const metro::Line& line : estate.lines)
      jobs += line.stops.size();
    std::printf("%s: %zu DAGs, %zu stations, %zu edges\n",
                name.c_str(),
                estate.lines.size(),
                jobs,
                estate.links.size());
    const std::clock_t start = std::clock();
    const Layout layout = metro::LayOut(estate);
    const double ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    PrintRow("signalbox",
             estate,
             metro::testing::WaysOf(layout),
             ms,
             base::Cat("  ", metro::testing::LabelOverlaps(layout), " labels on others"));
    for (const char* peer : {"elk", "dagre"}) {
      if (!PrintPeer(peer, FileOf(folder, name, peer), estate))
        std::printf("  %-10s was not run\n", peer);
    }
    PrintStability(estate, layout);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: map_bench write|read FOLDER PROJECT\n");
    return 2;
  }
  const std::vector<Named> estates = Estates(arguments[3]);
  if (std::string(arguments[1]) == "read")
    return Read(arguments[2], estates);
  for (const Named& named : estates)
    Write(arguments[2], named);
  return 0;
}
