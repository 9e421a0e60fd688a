#include "http/etag.h"

#include <string>

#include "base/text.h"

namespace http {

bool HasTag(const Request& request, std::string_view tag) {
  for (const std::string& one :
       base::Split(request.headers.Get("If-None-Match").value_or(""), ',')) {
    std::string_view text = base::Trim(one);
    if (text.starts_with("W/"))
      text.remove_prefix(2);
    if (text == tag || text == "*")
      return true;
  }
  return false;
}

}  // namespace http
