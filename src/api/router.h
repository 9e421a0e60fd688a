#pragma once

// The table of routes: method, path, who may ask, handler, the members of the body, the parameters
// of the query. openapi.cc describes it to programs.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/body.h"
#include "api/exchange.h"
#include "api/params.h"
#include "api/reply.h"

namespace api {

// Of what the process's memory knows, on the loop thread.
using Glance = Answer (*)(Context& context, const Exchange& exchange);
// Of rows, on a thread for reads.
using Query = Answer (*)(const Reading& reading, const Exchange& exchange);
// Of rows, and of what the process's memory knows of the jobs in them (reading.h).
using JobsQuery = base::Result<JobsRead> (*)(const Reading& reading, const Exchange& exchange);
// On the loop thread; answers later: once a change is committed, or others have told what is asked.
// The exchange lives as long as somebody holds it.
using Answered = std::function<void(Answer)>;
using Change = void (*)(Context& context,
                        const std::shared_ptr<const Exchange>& exchange,
                        Answered answered);

enum class Access {
  kRead,     // a viewer
  kOperate,  // an operator; it is logged who did what: so what the next three change
  kAuthor,   // an author: what DAGs are made of: variables, connections
  kAdmin,    // an admin who sees all DAGs: who may do what
  kOpen,
  kWebhook,  // a token of its own; whatever the Host
  kSelf,     // anybody who is known, of what is their own
};

// Whether those may ask who see only some of the DAGs.
enum class Reach {
  kDags,    // yes: a "{dag_id}" that they do not see is not there, and handlers see to the rest
  kEstate,  // no: it concerns all DAGs
};

// What Airflow has and we do not: answered with 501 and this sentence, never with a made-up value.
struct Absent {
  std::string_view why;
};

// What the query may hold beside the listed parameters.
enum class More { kNothing, kAnything };

struct Route {
  std::string_view method;   // GET serves HEAD too
  std::string_view pattern;  // below /api/v2; from the root where it begins with a slash; "{name}"
                             // is any one segment
  Access access = Access::kRead;
  std::variant<Glance, Query, JobsQuery, Change, Absent> handler;
  // None: no body is read, or the handler reads it as it came.
  std::optional<BodySchema> body = std::nullopt;
  ParamList params = {};
  // How it answers if all is well.
  int success = 200;
  std::string_view content = "application/json";
  Reach reach = Reach::kDags;
  More more = More::kNothing;
  bool has_tag = false;  // its answers have an ETag: 304 to `If-None-Match`
  // The one field that it reads of a form, which others post here by their standard; "": bodies are
  // JSON.
  std::string_view form_field = "";

  bool IsAbsent() const { return std::holds_alternative<Absent>(handler); }
};

// In routes.cc.
const std::vector<Route>& Routes();
// In absent.cc: what is in Airflow's API and not in ours, a part of the above.
std::vector<Route> AbsentRoutes();
// In account_routes.cc: users, tokens, sessions, logins; a part too.
std::vector<Route> AccountRoutes();

// "/api/v2/dags/{dag_id}".
std::string PathOf(const Route& route);

struct Match {
  const Route* route = nullptr;  // null where path or method is not served
  std::vector<std::string> args;
  std::vector<std::string_view> methods;  // that the path is served with
};

Match FindRoute(const std::vector<Route>& routes,
                std::string_view method,
                const std::vector<std::string>& segments);

}  // namespace api
