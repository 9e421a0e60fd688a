#pragma once

// What a map shows, as the layout reads it: lines (DAGs) with their stops (jobs), assets, and links
// between them. No states: those change each second, and no station moves for them. Plain data.

#include <string>
#include <vector>

namespace metro {

struct Stop {
  std::string id;
  std::string label;
  int tracks = 1;  // a job's lanes
};

struct Line {
  std::string id;
  std::string label;
  std::vector<Stop> stops;  // in the file's order
};

enum class LinkKind {
  kLine,      // between stops of one line
  kTransfer,  // between lines
  kAsset,     // one of its ends is an asset
};

// An end may be a line's id: the link is drawn to that line's first stop. A link with an end that
// the estate has not is not drawn.
struct Link {
  std::string id, from, to;
  LinkKind kind = LinkKind::kLine;
};

struct Estate {
  std::vector<Line> lines;
  std::vector<Stop> assets;
  std::vector<Link> links;
};

// A hash of all that the layout reads; the order of lines, assets and links does not count.
std::string VersionOf(const Estate& estate);

}  // namespace metro
