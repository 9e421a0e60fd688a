#pragma once

// A layout as a picture in SVG: lines with their tracks, stations, labels. Pure.

#include <string>

#include "metro/layout.h"

namespace metro {

std::string ToSvg(const Layout& layout);

}  // namespace metro
