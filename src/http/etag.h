#pragma once

// What a client has already need not be sent again: ETag and If-None-Match (RFC 9110, 13.1.2).
// Pure.

#include <string_view>

#include "http/message.h"

namespace http {

// Whether the request's `If-None-Match`, a list of tags or a star, has this one, with its quotes.
// Weak tags count as strong ones.
bool HasTag(const Request& request, std::string_view tag);

}  // namespace http
