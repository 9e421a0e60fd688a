#include "api/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace api {

namespace {

// What the segments of the path are where the pattern has "{name}"; nothing where it is another
// path. Every request passes the whole table: the names are copied for the one that fits.
std::optional<std::vector<std::string>> MatchPath(std::string_view pattern,
                                                  const std::vector<std::string>& segments) {
  size_t at = 0;
  if (pattern.starts_with('/')) {
    pattern.remove_prefix(1);
  } else {
    if (segments.size() < 2 || segments[0] != "api" || segments[1] != "v2")
      return std::nullopt;
    at = 2;
  }
  const auto parts = static_cast<size_t>(std::ranges::count(pattern, '/')) + 1;
  if (segments.size() != at + parts)
    return std::nullopt;
  std::vector<size_t> args;
  for (; at < segments.size(); ++at) {
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    if (part.starts_with('{'))
      args.push_back(at);
    else if (part != segments[at])
      return std::nullopt;
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
  }
  std::vector<std::string> values;
  for (const size_t place : args)
    values.push_back(segments[place]);
  return values;
}

}  // namespace

std::string PathOf(const Route& route) {
  return route.pattern.starts_with('/') ? std::string(route.pattern)
                                        : base::Cat("/api/v2/", route.pattern);
}

Match FindRoute(const std::vector<Route>& routes,
                std::string_view method,
                const std::vector<std::string>& segments) {
  Match match;
  for (const Route& route : routes) {
    auto args = MatchPath(route.pattern, segments);
    if (!args)
      continue;
    const bool is_get = route.method == "GET";
    if (!route.IsAbsent()) {
      match.methods.push_back(route.method);
      if (is_get)
        match.methods.emplace_back("HEAD");
    }
    if ((route.method == method || (is_get && method == "HEAD")) && match.route == nullptr) {
      match.route = &route;
      match.args = std::move(*args);
    }
  }
  return match;
}

}  // namespace api
