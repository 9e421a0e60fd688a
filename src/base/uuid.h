#pragma once

// The text of a UUID (RFC 9562, 4). Pure.
//
// Not here: where its bits come from, and its version.

#include <string>
#include <string_view>

namespace base {

// Of the first 32 of these hexadecimal digits: "8-4-4-4-12". REQUIRES: there are as many
std::string UuidText(std::string_view hex);

}  // namespace base
