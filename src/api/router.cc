#include "api/router.h"

#include <optional>
#include <utility>

#include "base/text.h"

namespace api {

namespace {

std::optional<std::vector<std::string>> MatchPath(std::string_view pattern,
                                                  const std::vector<std::string>& segments) {
  const bool is_rooted = pattern.starts_with('/');
  std::vector<std::string> wanted =
      base::Split(is_rooted ? std::string(pattern.substr(1)) : base::Cat("api/v2/", pattern), '/');
  if (wanted.size() != segments.size())
    return std::nullopt;
  std::vector<std::string> args;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "*")
      args.push_back(segments[i]);
    else if (wanted[i] != segments[i])
      return std::nullopt;
  }
  return args;
}

}  // namespace

Match FindRoute(const std::vector<Route>& routes,
                std::string_view method,
                const std::vector<std::string>& segments) {
  Match match;
  for (const Route& route : routes) {
    auto args = MatchPath(route.pattern, segments);
    if (!args)
      continue;
    const bool is_get = route.method == "GET";
    match.methods.push_back(route.method);
    if (is_get)
      match.methods.emplace_back("HEAD");
    if ((route.method == method || (is_get && method == "HEAD")) && match.route == nullptr) {
      match.route = &route;
      match.args = std::move(*args);
    }
  }
  return match;
}

}  // namespace api
