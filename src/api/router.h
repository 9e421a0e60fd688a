#pragma once

// The table of routes: method, path, who may ask, handler, the members of the body.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/body.h"
#include "api/exchange.h"
#include "api/reply.h"

namespace api {

// Of what the process's memory knows, on the loop thread.
using Glance = Answer (*)(Context& context, const Exchange& exchange);
// Of rows, on a thread for reads.
using Query = Answer (*)(const Reading& reading, const Exchange& exchange);
// Of rows, and of what the process's memory knows of the jobs in them (reading.h).
using JobsQuery = base::Result<JobsRead> (*)(const Reading& reading, const Exchange& exchange);
// On the loop thread; answers once the change is committed. The exchange lives as long as somebody
// holds it.
using Answered = std::function<void(Answer)>;
using Change = void (*)(Context& context,
                        const std::shared_ptr<const Exchange>& exchange,
                        Answered answered);

enum class Access {
  kRead,     // who has the token
  kOperate,  // who has the token; it is logged who did what
  kOpen,
  kWebhook,  // a token of its own; whatever the Host
};

struct Route {
  std::string_view method;   // GET serves HEAD too
  std::string_view pattern;  // below /api/v2; from the root where it begins with a slash; "*" is
                             // any one segment
  Access access = Access::kRead;
  std::variant<Glance, Query, JobsQuery, Change> handler;
  // None: no body is read, or the handler reads it as it came.
  std::optional<BodySchema> body = std::nullopt;
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
