#pragma once

// Percent-encoding (RFC 3986, 2.1), as one path segment or query value needs it. Pure.

#include <string>
#include <string_view>

namespace base {

// Everything but the unreserved characters is escaped.
std::string PercentEncode(std::string_view text);
// "%2F" becomes "/"; an escape that is not two hexadecimal digits stays as it is.
std::string PercentDecode(std::string_view text);

}  // namespace base
