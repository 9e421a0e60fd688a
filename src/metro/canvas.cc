#include "metro/canvas.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace metro {

namespace {

constexpr int kStepsX[] = {1, 1, 0, -1, -1, -1, 0, 1};
constexpr int kStepsY[] = {0, 1, 1, 1, 0, -1, -1, -1};

Direction Back(Direction direction) {
  return static_cast<Direction>((direction + 4) % 8);
}
uint8_t Bit(Direction direction) {
  return static_cast<uint8_t>(1U << direction);
}
bool IsSlant(Direction direction) {
  return direction % 2 == 1;
}
Cell SlantOf(Cell at, Direction direction) {
  const Cell to = Step(at, direction);
  return {std::min(at.x, to.x), std::min(at.y, to.y)};
}

}  // namespace

Direction DirectionOf(Cell from, Cell to) {
  const auto sign = [](int of) { return of > 0 ? 1 : of < 0 ? -1 : 0; };
  const int x = sign(to.x - from.x), y = sign(to.y - from.y);
  for (int direction = 0; direction < 8; ++direction) {
    if (kStepsX[direction] == x && kStepsY[direction] == y)
      return static_cast<Direction>(direction);
  }
  return kEast;
}

Cell Step(Cell from, Direction direction, int steps) {
  return {from.x + steps * kStepsX[direction], from.y + steps * kStepsY[direction]};
}

Path Straightened(const Path& path) {
  Path out;
  for (const Cell& corner : path) {
    if (!out.empty() && out.back() == corner)
      continue;
    if (out.size() >= 2 &&
        DirectionOf(out[out.size() - 2], out.back()) == DirectionOf(out.back(), corner))
      out.pop_back();
    out.push_back(corner);
  }
  return out;
}

Canvas::Canvas(int width, int height, std::vector<Ends> ends)
    : width_(width),
      height_(height),
      pages_across_(static_cast<size_t>(width / kPage) + 1),
      ends_(std::move(ends)),
      pages_(pages_across_ * (static_cast<size_t>(height / kPage) + 1)) {}

Canvas::Square& Canvas::Make(Cell at) {
  auto& page = pages_[PageOf(at)];
  if (page == nullptr)
    page = std::make_unique<Page>();
  return (*page)[InPage(at)];
}

void Canvas::AddStation(Cell at, int node) {
  Make(at).station = node;
}

void Canvas::AddLabel(Cell from, Cell to) {
  for (int y = std::max(from.y, 0); y <= std::min(to.y, height_ - 1); ++y) {
    for (int x = std::max(from.x, 0); x <= std::min(to.x, width_ - 1); ++x)
      Make({x, y}).has_label = true;
  }
}

template <typename OnCell, typename OnSlant>
void Canvas::Walk(const Path& path, OnCell on_cell, OnSlant on_slant) {
  for (size_t corner = 1; corner < path.size(); ++corner) {
    const Direction direction = DirectionOf(path[corner - 1], path[corner]);
    for (Cell at = path[corner - 1]; at != path[corner]; at = Step(at, direction)) {
      on_cell(at, Bit(direction));
      if (IsSlant(direction))
        on_slant(SlantOf(at, direction), Bit(static_cast<Direction>(direction % 4)));
      on_cell(Step(at, direction), Bit(Back(direction)));
    }
  }
}

void Canvas::Change(int edge, const Path& path, bool is_added) {
  const auto change = [&](std::vector<Use>& uses, uint8_t ways) {
    const auto use = std::ranges::find(uses, edge, &Use::edge);
    if (!is_added) {
      if (use != uses.end())
        uses.erase(use);
    } else if (use == uses.end()) {
      uses.push_back({edge, ways});
    } else {
      use->ways |= ways;
    }
  };
  Walk(
      path,
      [&](Cell at, uint8_t ways) { change(Make(at).uses, ways); },
      [&](Cell at, uint8_t ways) { change(Make(at).slants, ways); });
}

void Canvas::Add(int edge, const Path& path) {
  Change(edge, path, true);
}
void Canvas::Remove(int edge, const Path& path) {
  Change(edge, path, false);
}

int Canvas::CellCost(int edge, Cell at, Direction in, Direction out) const {
  if (!Has(at))
    return kStation;
  const Square* square = Find(at);
  if (square == nullptr)
    return 0;
  const uint8_t ways = Bit(Back(in)) | Bit(out);
  int cost = square->has_label ? kLabel : 0;
  if (const int node = square->station;
      node >= 0 && node != ends_[edge].from && node != ends_[edge].to)
    cost += kStation;
  for (const Use& use : square->uses) {
    const bool is_shared = (use.ways & ways) != 0;
    if (!is_shared)
      cost += kCross;
    else if (!AreRelated(edge, use.edge))
      cost += kOverlap;
  }
  return cost;
}

int Canvas::StepCost(int edge, Cell at, Direction out) const {
  if (!Has(at) || !Has(Step(at, out)))
    return kStation;
  if (const Square* square = Find(at)) {
    for (const Use& use : square->uses) {
      if ((use.ways & Bit(out)) != 0 && AreRelated(edge, use.edge))
        return 0;
    }
  }
  if (!IsSlant(out))
    return kStep;
  int cost = kStep * 3 / 2;
  if (const Square* square = Find(SlantOf(at, out))) {
    for (const Use& use : square->slants) {
      if (use.ways != Bit(static_cast<Direction>(out % 4)))
        cost += kCross;
    }
  }
  return cost;
}

int Canvas::StretchCost(int edge, Cell from, Cell to, int enough) const {
  if (from == to)
    return 0;
  const Direction direction = DirectionOf(from, to);
  int cost = StepCost(edge, from, direction);
  for (Cell at = Step(from, direction); at != to && cost < enough; at = Step(at, direction))
    cost += CellCost(edge, at, direction, direction) + StepCost(edge, at, direction);
  return cost;
}

int Canvas::BendCost(Direction in, Direction out) const {
  const int turn = std::abs(in - out) % 8;
  const int eighths = std::min(turn, 8 - turn);
  return eighths == 0 ? 0 : eighths <= 2 ? kBend : kSharpBend;
}

int Canvas::PathCost(int edge, const Path& path) const {
  int cost = 0;
  for (size_t corner = 1; corner < path.size(); ++corner) {
    cost += StretchCost(edge, path[corner - 1], path[corner]);
    if (corner + 1 == path.size())
      break;
    const Direction in = DirectionOf(path[corner - 1], path[corner]);
    const Direction out = DirectionOf(path[corner], path[corner + 1]);
    cost += CellCost(edge, path[corner], in, out) + BendCost(in, out);
  }
  return cost;
}

}  // namespace metro
