#include "api/api.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "api/exchange.h"
#include "api/guard.h"
#include "api/resources.h"
#include "api/router.h"
#include "base/log.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace api {

namespace {

std::string PathIn(const http::Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

// A part of a path that names nothing, and that others on the way may read differently: a proxy
// resolves "..", a log is cut at a NUL, a file name at "/".
bool IsSegment(const std::string& text) {
  return !text.empty() && text != "." && text != ".." && base::IsUtf8(text) &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c < 0x20 || c == 0x7f || c == '/' || c == '\\';
         });
}

std::optional<http::Response> CheckPath(const http::Target& target) {
  for (const std::string& segment : target.segments) {
    if (!IsSegment(segment))
      return http::ErrorResponse(
          400, base::Cat("'", base::Excerpt(segment), "' is no part of a path here"));
  }
  return std::nullopt;
}

http::Response NotServed(const Match& match, const std::string& target) {
  if (match.methods.empty())
    return http::ErrorResponse(
        404, base::Cat("there is nothing at ", base::Excerpt(target.substr(0, target.find('?')))));
  http::Response response = http::ErrorResponse(405, "Method Not Allowed");
  response.headers.Set("Allow", base::Join({match.methods.begin(), match.methods.end()}, ", "));
  return response;
}

// `update_mask`: of what may be written only the members that it names count. How far a write
// reaches is nothing that is written.
std::optional<http::Response> ApplyMask(const http::Target& target,
                                        const BodySchema& schema,
                                        json::object& body) {
  std::set<std::string_view> kept;
  for (const auto& [name, value] : target.query) {
    if (name != "update_mask")
      continue;
    const auto member = std::ranges::find(schema, value, &Member::name);
    if (member == schema.end())
      return http::ErrorResponse(
          400,
          base::Cat(
              "'update_mask' names '", base::Excerpt(value), "', which is no member of the body"));
    kept.insert(member->name);
  }
  if (kept.empty())
    return std::nullopt;
  for (const Member& member : schema) {
    if (!kept.contains(member.name) && !member.name.starts_with("include_"))
      body.erase(member.name);
  }
  return std::nullopt;
}

// Who asks to change what.
json::object NoteOf(const Exchange& exchange, const Route& route) {
  if (!IsChange(route) || !base::IsLogged(base::LogLevel::kInfo))
    return {};
  const http::Request& request = exchange.request;
  return {{"who", exchange.identity.name},
          {"by", ToString(exchange.identity.means)},
          {"from", request.peer},
          {"what", base::Cat(request.method, " ", PathIn(request))}};
}

void LogAction(json::object note, int status) {
  if (note.empty())
    return;
  note["status"] = status;
  base::LogInfo("action", note);
}

}  // namespace

struct Api::Impl {
  Impl(const runtime::Views& views,
       runtime::Commands& commands,
       ApiOptions from,
       const std::vector<Route>* more)
      : options(std::move(from)),
        context(views,
                commands,
                options.version,
                options.events,
                Gate(views,
                     options.token,
                     options.has_secure_cookies,
                     options.provider == nullptr ? "" : options.provider->settings().issuer),
                options.provider,
                options.map_file),
        routes(Routes()) {
    if (more != nullptr)
      routes.insert(routes.end(), more->begin(), more->end());
  }

  // Whether it is for the board, which is no route's business: anybody may see it.
  bool IsForBoard(const http::Request& request, const Match& match) const {
    return match.methods.empty() && options.board != nullptr && options.board->Serves(request);
  }
  // What can be said of a request by its header alone.
  std::optional<http::Response> Refusal(const http::Request& request,
                                        const http::Target& target,
                                        const Match& match,
                                        const Caller& caller);
  // Refused changes are kept, and refused logins.
  void Note(const http::Request& request,
            const Match& match,
            const Caller& caller,
            const http::Response& refusal);
  // Who asks, and what they see of the estate: the refusal where it is not the DAG of the path.
  std::optional<http::Response> Introduce(const Route& route,
                                          const Caller& caller,
                                          Exchange& exchange);
  // Runs the handler of `route`; `send` gets what it answers.
  void Serve(const Route& route,
             const std::shared_ptr<const Exchange>& exchange,
             std::function<void(Outgoing)> send);

  const ApiOptions options;
  Context context;
  std::vector<Route> routes;
};

http::ServerOptions ServerBounds() {
  http::ServerOptions bounds;
  // A browser that shows an answer runs no script but this server's own files, keeps nothing of it
  // and lets no other site see or frame it.
  bounds.headers.Add("Cache-Control", "no-store");
  bounds.headers.Add("Content-Security-Policy",
                     "default-src 'self'; base-uri 'none'; form-action 'self'; "
                     "frame-ancestors 'none'; object-src 'none'");
  bounds.headers.Add("X-Content-Type-Options", "nosniff");
  // Not no-referrer: then browsers hide the Origin of a form's POST from us too.
  bounds.headers.Add("Referrer-Policy", "same-origin");
  bounds.headers.Add("Cross-Origin-Opener-Policy", "same-origin");
  bounds.headers.Add("Cross-Origin-Embedder-Policy", "require-corp");
  bounds.headers.Add("Cross-Origin-Resource-Policy", "same-origin");
  bounds.headers.Add("Permissions-Policy",
                     "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  bounds.headers_over_tls.Add("Strict-Transport-Security", "max-age=31536000");
  return bounds;
}

std::optional<http::Response> Api::Impl::Refusal(const http::Request& request,
                                                 const http::Target& target,
                                                 const Match& match,
                                                 const Caller& caller) {
  if (match.route != nullptr && match.route->access == Access::kWebhook) {
    if (auto refusal = CheckWebhook(request, context.views.webhook_token()))
      return refusal;
    return CheckContentType(request);
  }
  if (auto refusal = CheckHost(request, options.allowed_hosts))
    return refusal;
  if (IsForBoard(request, match))
    return std::nullopt;
  // Of those who are not known nobody learns which paths there are.
  if (match.route == nullptr || match.route->access != Access::kOpen) {
    if (auto refusal = context.gate.Refusal(request, caller, match.route)) {
      Note(request, match, caller, *refusal);
      return refusal;
    }
  }
  if (auto refusal = CheckPath(target))
    return refusal;
  if (match.route == nullptr)
    return NotServed(match, request.target);
  if (match.route->method != "GET" && !match.route->IsAbsent())
    return CheckContentType(request, match.route->form_field.empty() ? kJsonType : kFormType);
  return std::nullopt;
}

void Api::Impl::Note(const http::Request& request,
                     const Match& match,
                     const Caller& caller,
                     const http::Response& refusal) {
  const bool is_change = match.route != nullptr && IsChange(*match.route);
  const bool is_login = !caller.identity && request.headers.Get("Authorization");
  const bool is_for_admins = match.route != nullptr && match.route->access == Access::kAdmin;
  if (!is_change && !is_login && !is_for_admins)
    return;
  const auto body = base::ParseJson(refusal.body);
  const std::string detail =
      body && body->is_object() ? base::GetString(body->get_object(), "detail") : "";
  model::Principal by(kNobody, "", request.peer);
  if (caller.identity)
    by = caller.identity->principal();
  // Who is not known tries many paths: one row tells enough of a token that is wrong.
  const bool has_path = caller.identity || is_change;
  context.refusals.Note(by,
                        has_path ? base::Cat(request.method, " ", PathIn(request)) : "the API",
                        base::Cat(refusal.status, ": ", detail));
}

std::optional<http::Response> Api::Impl::Introduce(const Route& route,
                                                   const Caller& caller,
                                                   Exchange& exchange) {
  if (!caller.identity)
    return std::nullopt;
  exchange.has_token = true;
  exchange.identity = *caller.identity;
  exchange.csrf = caller.csrf;
  exchange.sight = context.sights->Of(exchange.identity);
  context.gate.NoteUse(caller, context.commands);
  const size_t dag = route.pattern.find("{dag_id}");
  if (dag == std::string_view::npos || !exchange.IsScoped())
    return std::nullopt;
  const auto place = std::ranges::count(route.pattern.substr(0, dag), '{');
  const model::DagId id(exchange.args.at(static_cast<size_t>(place)));
  if (id.str() == "~" || exchange.MaySee(id))
    return std::nullopt;
  return http::ErrorResponse(404, NoDag(id).message);
}

void Api::Impl::Serve(const Route& route,
                      const std::shared_ptr<const Exchange>& exchange,
                      std::function<void(Outgoing)> send) {
  using Turn = ReadDesk::Turn;
  if (const auto* absent = std::get_if<Absent>(&route.handler))
    return send(Finish(http::ErrorResponse(501, absent->why)));
  if (const auto* glance = std::get_if<Glance>(&route.handler))
    return send(Finish((*glance)(context, *exchange)));
  const auto done = [send](base::Result<Outgoing> out) {
    send(out ? *std::move(out) : Finish(base::Fail(out.error())));
  };
  if (const auto* query = std::get_if<Query>(&route.handler))
    return context.desk.Read<Outgoing>(
        Turn::kUsual,
        exchange->sight,
        [query = *query, exchange](const Reading& reading) -> base::Result<Outgoing> {
          return Finish(query(reading, *exchange));
        },
        done);
  if (const auto* query = std::get_if<JobsQuery>(&route.handler))
    return context.desk.ReadJobs<Outgoing>(
        Turn::kUsual,
        exchange->sight,
        [query = *query, exchange](const Reading& reading) { return query(reading, *exchange); },
        [](Reply reply) { return Finish(std::move(reply)); },
        done);
  std::get<Change>(route.handler)(
      context, exchange, [send](Answer answer) { send(Finish(std::move(answer))); });
}

namespace {

void Send(const http::Responder& responder, Outgoing outgoing) {
  if (auto* response = std::get_if<http::Response>(&outgoing))
    return responder.Send(std::move(*response));
  if (auto* stream = std::get_if<StreamReply>(&outgoing))
    return stream->begin(responder.SendStream(std::move(stream->head)));
  auto& file = std::get<FileReply>(outgoing);
  if (const base::Status sent = responder.SendFile(std::move(file.head), file.path); !sent)
    Send(responder, Finish(base::Fail(sent.error())));
}

}  // namespace

Api::Api(const runtime::Views& views,
         runtime::Commands& commands,
         ApiOptions options,
         const std::vector<Route>* more)
    : impl_(std::make_unique<Impl>(views, commands, std::move(options), more)) {}
Api::~Api() = default;

std::optional<http::Response> Api::Admit(const http::Request& head) const {
  const http::Target target = http::SplitTarget(head.target);
  return impl_->Refusal(head,
                        target,
                        FindRoute(impl_->routes, head.method, target.segments),
                        impl_->context.gate.Ask(head));
}

void Api::Observe(const http::Server& server) {
  impl_->context.server = &server;
}

void Api::Handle(http::Request request, http::Responder responder) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->target = http::SplitTarget(exchange->request.target);
  Match match = FindRoute(impl_->routes, exchange->request.method, exchange->target.segments);
  const Caller caller = impl_->context.gate.Ask(exchange->request);
  if (auto refusal = impl_->Refusal(exchange->request, exchange->target, match, caller)) {
    responder.Send(std::move(*refusal));
    return;
  }
  if (match.route == nullptr) {
    responder.Send(impl_->options.board->Answer(exchange->request));
    return;
  }
  const Route& route = *match.route;
  if (route.access != Access::kOpen)
    responder.Trust();
  exchange->args = std::move(match.args);
  const auto unseen = impl_->Introduce(route, caller, *exchange);
  auto send = [responder, action = NoteOf(*exchange, route)](Outgoing outgoing) {
    LogAction(action, StatusOf(outgoing));
    Send(responder, std::move(outgoing));
  };
  if (unseen)
    return send(Finish(*unseen));
  // What is not there has no parameters and no body to be wrong.
  if (route.IsAbsent())
    return impl_->Serve(route, exchange, std::move(send));
  // What AWS puts behind the path, or a provider of logins, is no business of ours.
  const bool may_be_any = route.access == Access::kWebhook || route.more == More::kAnything;
  const base::Status known =
      may_be_any ? base::Status() : CheckQuery(exchange->target, route.params);
  if (!known)
    return send(Finish(base::Fail(known.error())));
  if (route.body) {
    auto body = ReadBody(exchange->request.body, *route.body);
    if (!body)
      return send(Finish(base::Fail(body.error())));
    exchange->body = *std::move(body);
    if (const auto refusal = ApplyMask(exchange->target, *route.body, exchange->body))
      return send(Finish(*refusal));
  }
  impl_->Serve(route, exchange, std::move(send));
}

}  // namespace api
