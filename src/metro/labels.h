#pragma once

// Where labels stand: of stations and the names of lines. Each takes the place beside its station
// that has the fewest edges on it, and no other label and no station, if there is such a place.
// Pure.

#include "metro/layout.h"

namespace metro {

// Half of what a station's rings take upwards and downwards.
double HalfHeight(int tracks);
// What a label takes above its station, and a line's name below.
constexpr double kAboveStation = 0.95, kBelowStation = 0.95;

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool Meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};
Box BoxOf(const Label& label);
Box BoxOf(const Station& station);

void PlaceLabels(Layout& layout);

}  // namespace metro
