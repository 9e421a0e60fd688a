#include "cli/dag_picture.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/output.h"

namespace cli {

namespace {

using base::Cat;

// Longest path from a job without upstream; jobs of one column do not depend on each other.
std::vector<int> Depths(const model::Dag& dag) {
  std::vector<int> depths(dag.jobs.size(), 0);
  // A DAG settles after at most as many rounds as it has jobs.
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t job = 0; job < dag.jobs.size(); ++job) {
      for (int upstream : dag.jobs[job].upstream) {
        if (depths[job] <= depths[upstream]) {
          depths[job] = depths[upstream] + 1;
          changed = true;
        }
      }
    }
  }
  return depths;
}

struct Grid {
  std::vector<std::string> labels;      // by row
  std::vector<std::vector<int>> cells;  // row, column: a job or -1
  std::vector<int> row_of;              // by job
  std::vector<int> column_of;
};

Grid Place(const model::Dag& dag) {
  Grid grid;
  grid.column_of = Depths(dag);
  grid.row_of.assign(dag.jobs.size(), -1);
  const int columns = 1 + *std::max_element(grid.column_of.begin(), grid.column_of.end());
  std::vector<model::LaneId> lanes = LanesOf(dag);
  lanes.emplace_back();
  for (const model::LaneId& lane : lanes) {
    const int first_row = static_cast<int>(grid.cells.size());
    for (size_t job = 0; job < dag.jobs.size(); ++job) {
      if (dag.jobs[job].lane != lane)
        continue;
      int row = first_row;
      while (row < static_cast<int>(grid.cells.size()) && grid.cells[row][grid.column_of[job]] >= 0)
        ++row;
      if (row == static_cast<int>(grid.cells.size())) {
        grid.cells.emplace_back(columns, -1);
        grid.labels.push_back(row == first_row ? lane.str() : "");
      }
      grid.cells[row][grid.column_of[job]] = static_cast<int>(job);
      grid.row_of[job] = row;
    }
  }
  return grid;
}

// What stands between a column and the next one, row by row: a horizontal line from the left, a
// vertical one in the middle, an arrow to the right.
struct Connector {
  bool from = false;
  bool bus = false;
  bool to = false;

  std::string Text() const {
    if (from && to && !bus)
      return " ----> ";
    return Cat(from ? " --" : "   ", bus ? (from || to ? "+" : "|") : " ", to ? "-> " : "   ");
  }
};

std::vector<Connector> Connect(const model::Dag& dag, const Grid& grid, int column) {
  std::vector<Connector> rows(grid.cells.size());
  for (size_t job = 0; job < dag.jobs.size(); ++job) {
    if (grid.column_of[job] != column + 1)
      continue;
    for (int upstream : dag.jobs[job].upstream) {
      if (grid.column_of[upstream] != column)
        continue;
      const int from = grid.row_of[upstream];
      const int to = grid.row_of[job];
      rows[from].from = true;
      rows[to].to = true;
      for (int row = std::min(from, to); from != to && row <= std::max(from, to); ++row)
        rows[row].bus = true;
    }
  }
  return rows;
}

}  // namespace

std::vector<model::LaneId> LanesOf(const model::Dag& dag) {
  std::vector<model::LaneId> lanes;
  for (const model::Job& job : dag.jobs) {
    if (!job.lane.empty() && std::find(lanes.begin(), lanes.end(), job.lane) == lanes.end())
      lanes.push_back(job.lane);
  }
  return lanes;
}

std::vector<model::JobId> JobIdsOf(const model::Dag& dag) {
  std::vector<model::JobId> ids;
  for (const model::Job& job : dag.jobs) {
    if (std::find(ids.begin(), ids.end(), job.id) == ids.end())
      ids.push_back(job.id);
  }
  return ids;
}

std::string DrawDag(const model::Dag& dag) {
  if (dag.jobs.empty())
    return "";
  const Grid grid = Place(dag);
  const size_t rows = grid.cells.size();
  size_t label_width = 0;
  for (const std::string& label : grid.labels)
    label_width = std::max(label_width, Width(label));
  std::vector<std::string> lines(rows);
  for (size_t row = 0; row < rows; ++row)
    lines[row] = label_width == 0 ? "  " : Cat("  ", PadRight(grid.labels[row], label_width), "  ");

  const int columns = static_cast<int>(grid.cells[0].size());
  for (int column = 0; column < columns; ++column) {
    std::vector<std::string> names(rows);
    size_t width = 0;
    for (size_t row = 0; row < rows; ++row) {
      if (int job = grid.cells[row][column]; job >= 0)
        names[row] = model::DisplayName(dag.jobs[job].id, dag.jobs[job].lane);
      width = std::max(width, Width(names[row]));
    }
    const auto connectors = Connect(dag, grid, column);
    for (size_t row = 0; row < rows; ++row) {
      std::string padded = PadRight(names[row], width);
      std::string link = column + 1 < columns ? connectors[row].Text() : "";
      // The line starts at the name's end, not at the column's.
      if (const size_t end = Width(names[row]); connectors[row].from && end < width) {
        std::fill(padded.begin() + static_cast<std::ptrdiff_t>(padded.size() - (width - end)) + 1,
                  padded.end(),
                  '-');
        link[0] = '-';
      }
      lines[row] += padded + link;
    }
  }
  std::string out;
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::vector<std::string> DependenciesOf(const model::Dag& dag, const model::JobId& id) {
  auto first = std::find_if(
      dag.jobs.begin(), dag.jobs.end(), [&](const model::Job& job) { return job.id == id; });
  if (first == dag.jobs.end())
    return {};
  const size_t lane_count = LanesOf(dag).size();
  std::map<model::JobId, std::vector<model::LaneId>> upstream;
  std::vector<model::JobId> order;
  for (int index : first->upstream) {
    const model::Job& job = dag.jobs[index];
    if (!upstream.contains(job.id))
      order.push_back(job.id);
    upstream[job.id].push_back(job.lane);
  }
  std::vector<std::string> out;
  for (const model::JobId& job : order) {
    const auto& lanes = upstream[job];
    if (lanes.size() == 1 && (lanes[0].empty() || lanes[0] == first->lane)) {
      out.push_back(job.str());
    } else if (lanes.size() == lane_count) {
      out.push_back(job.str() + "[*]");
    } else {
      for (const model::LaneId& lane : lanes)
        out.push_back(Cat(job.str(), "[", lane.str(), "]"));
    }
  }
  for (const model::CrossDependency& cross : first->cross) {
    std::string lane = cross.lane ? Cat("[", cross.lane->str(), "]") : "";
    out.push_back(Cat(cross.dag.str(), "/", cross.job.str(), lane));
  }
  return out;
}

}  // namespace cli
