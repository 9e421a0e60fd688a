#pragma once

// A table of routes: method, path pattern, handler.

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/exchange.h"
#include "base/result.h"
#include "http/server.h"

namespace api {

// Answers at once.
using Query = base::Result<json::object> (*)(Context& context, const Exchange& exchange);
// Answers once the change is committed.
using Answered = std::function<void(base::Result<json::object>)>;
using Change = void (*)(Context& context, const Exchange& exchange, Answered answered);

// A text of its own format: Prometheus'.
using Page = std::string (*)(Context& context);

enum class Access {
  kToken,
  kOpen,
  kWebhook,  // a token of its own; whatever the Host
};

struct Route {
  std::string_view method;   // GET serves HEAD too
  std::string_view pattern;  // below /api/v2; from the root where it begins with a slash; "*" is
                             // any one segment
  std::variant<Query, Change, Page> handler;
  Access access = Access::kToken;
};

// In routes.cc.
const std::vector<Route>& Routes();

struct Match {
  const Route* route = nullptr;  // null where path or method is not served
  std::vector<std::string> args;
  std::vector<std::string_view> methods;  // that the path is served with
};

Match FindRoute(const std::vector<Route>& routes,
                std::string_view method,
                const std::vector<std::string>& segments);

}  // namespace api
