#pragma once

// Base64 (RFC 4648, 4), with padding and without line breaks. Pure.

#include <string>
#include <string_view>

namespace base {

std::string ToBase64(std::string_view bytes);

}  // namespace base
