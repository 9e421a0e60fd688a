#pragma once

// How wide a text is in the map's font (Inter, weight 500), and texts cut to a width. Pure.

#include <string>
#include <string_view>

namespace metro {

// In parts of the font's size: 0.6 is six tenths of it. Letters that the font has not are taken for
// as wide as the widest one that others draw in their place.
double TextWidth(std::string_view text);

// The text, or its beginning with an ellipsis; on one line, without control characters.
std::string CutToWidth(std::string_view text, double width);

}  // namespace metro
