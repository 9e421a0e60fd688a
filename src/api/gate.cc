#include "api/gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "accounts/secret.h"
#include "api/router.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "oidc/flow.h"

namespace api {

namespace {

using accounts::Identity;
using accounts::Means;
using accounts::Session;
using model::RecordKind;

constexpr char kCsrfHeader[] = "X-CSRF-Token";
constexpr char kUnknown[] = "the token is not valid";

// "" where there is none of the scheme.
std::string_view BearerOf(std::string_view given) {
  constexpr std::string_view kScheme = "bearer ";
  if (base::ToLower(given.substr(0, kScheme.size())) != kScheme)
    return "";
  return base::Trim(given.substr(kScheme.size()));
}

http::Response Unauthorized(std::string_view why) {
  http::Response refusal = http::ErrorResponse(401, why);
  refusal.headers.Set("WWW-Authenticate", "Bearer");
  return refusal;
}

bool IsSafe(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// A page of ours has read the session's token; a page of others can only have the cookie sent.
std::optional<http::Response> CheckCsrf(const http::Request& request, const std::string& csrf) {
  if (csrf.empty() || IsSafe(request))
    return std::nullopt;
  if (!base::SameSecret(request.headers.Get(kCsrfHeader).value_or(""), csrf))
    return http::ErrorResponse(
        403,
        base::Cat("a change that is asked for with a cookie needs the header ",
                  kCsrfHeader,
                  ": its value is 'csrf_token' of GET /api/v2/me"));
  return std::nullopt;
}

// "" where there is none, or two: then one was put there by somebody else.
std::string CookieIn(const http::Request& request, std::string_view name) {
  const std::string begin = base::Cat(name, "=");
  std::string found;
  for (const auto& [header, value] : request.headers.all()) {
    if (base::ToLower(header) != "cookie")
      continue;
    for (const std::string& part : base::Split(value, ';')) {
      const std::string_view cookie = base::Trim(part);
      if (!cookie.starts_with(begin))
        continue;
      if (!found.empty())
        return "";
      found = cookie.substr(begin.size());
    }
  }
  return found;
}

}  // namespace

accounts::Role RoleOf(Access access) {
  switch (access) {
    case Access::kOpen:
    case Access::kWebhook:
    case Access::kRead:
    case Access::kSelf:
      return accounts::Role::kViewer;
    case Access::kOperate:
      return accounts::Role::kOperator;
    case Access::kAuthor:
      return accounts::Role::kAuthor;
    case Access::kAdmin:
      return accounts::Role::kAdmin;
  }
  return accounts::Role::kAdmin;
}

bool IsChange(const Route& route) {
  switch (route.access) {
    case Access::kOpen:
    case Access::kWebhook:
    case Access::kRead:
      return false;
    case Access::kOperate:
      return true;
    case Access::kSelf:
    case Access::kAuthor:
    case Access::kAdmin:
      return route.method != "GET";
  }
  return true;
}

Caller Gate::Ask(const http::Request& request) const {
  const std::string header = request.headers.Get("Authorization").value_or("");
  const std::string_view text = BearerOf(header);
  if (!header.empty()) {
    if (!project_token_.empty() && base::SameSecret(text, project_token_))
      return {.identity = Identity{.name = accounts::kLocalAdmin,
                                   .role = accounts::Role::kAdmin,
                                   .means = Means::kProjectToken,
                                   .address = request.peer}};
    if (text.starts_with(accounts::kSessionPrefix))
      return AskSession(text, Session::Kind::kBearer, request);
    return AskToken(text, request);
  }
  const std::string cookie = CookieIn(request, CookieName());
  if (cookie.empty())
    return {.why = "Not authenticated"};
  return AskSession(cookie, Session::Kind::kBrowser, request);
}

Caller Gate::AskToken(std::string_view text, const http::Request& request) const {
  const auto id = accounts::IdIn(text, accounts::kTokenPrefix);
  const model::RecordRow* row = id ? views_.Record({RecordKind::kToken, *id}) : nullptr;
  if (row == nullptr)
    return {.why = kUnknown};
  const auto token = accounts::ReadToken(*row);
  if (!token || !accounts::IsSecretOf(text, token->digest))
    return {.why = kUnknown};
  if (views_.Now() >= token->expires_at)
    return {.why = "the token has expired: make another with `signalbox tokens create`"};
  Caller caller = AskUser(token->owner, token->owner_since, std::nullopt);
  if (!caller.identity)
    return caller;
  Identity& identity = *caller.identity;
  identity.role = std::min(identity.role, token->role);
  if (!token->scopes.empty())
    identity.scopes.push_back(token->scopes);
  identity.means = Means::kToken;
  identity.address = request.peer;
  identity.id = token->id;
  caller.noted_at = token->last_used_at.value_or(base::Time::min());
  return caller;
}

Caller Gate::AskSession(std::string_view text,
                        Session::Kind kind,
                        const http::Request& request) const {
  const auto id = accounts::IdIn(text, accounts::kSessionPrefix);
  const model::RecordRow* row = id ? views_.Record({RecordKind::kSession, *id}) : nullptr;
  if (row == nullptr)
    return {.why = "the session is over: log in again"};
  const auto session = accounts::ReadSession(*row);
  // A cookie is no bearer token: so a page that gets hold of the one cannot use it as the other.
  if (!session || session->kind != kind || !accounts::IsSecretOf(text, session->digest) ||
      accounts::IsOver(*session, views_.Now(), views_.ByWall(accounts::kSessionIdle)))
    return {.why = "the session is over: log in again"};
  Caller caller = AskUser(session->user, session->user_since, session->user_revision);
  if (!caller.identity)
    return caller;
  caller.identity->means = Means::kSession;
  caller.identity->address = request.peer;
  caller.identity->id = session->id;
  caller.noted_at = session->last_used_at;
  if (kind == Session::Kind::kBrowser)
    caller.csrf = accounts::CsrfTokenOf(text);
  return caller;
}

Caller Gate::AskUser(const std::string& name,
                     base::Time since,
                     std::optional<int64_t> revision) const {
  const model::RecordRow* row = views_.Record({RecordKind::kUser, name});
  if (row == nullptr)
    return {.why = "the user is gone"};
  const auto user = accounts::ReadUser(*row);
  if (!user) {
    base::LogError("account_unreadable", {{"user", name}, {"message", user.error().message}});
    return {.why = "the user's record cannot be read: an admin has to make the user again"};
  }
  if (user->created_at != since)
    return {.why = "the user is gone"};
  if (revision && *revision != row->revision)
    return {.why = "the session is over: log in again"};
  if (user->is_disabled)
    return {.why = "the user is disabled: ask an admin"};
  if (user->IsFederated() && user->issuer != issuer_)
    return {.why = "the user's provider of single sign-on is no longer configured: ask an admin"};
  if (user->must_change)
    return {.why = "the password has to be changed first: `signalbox users change-password`"};
  Identity identity{.name = name, .role = user->role};
  if (!user->scopes.empty())
    identity.scopes.push_back(user->scopes);
  return {.identity = std::move(identity)};
}

std::optional<http::Response> Gate::Refusal(const http::Request& request,
                                            const Caller& caller,
                                            const Route* route) const {
  if (!caller.identity)
    return Unauthorized(caller.why);
  if (auto refusal = CheckCsrf(request, caller.csrf))
    return refusal;
  if (route == nullptr)
    return std::nullopt;
  const Identity& identity = *caller.identity;
  const accounts::Role needed = RoleOf(route->access);
  if (identity.role < needed)
    return http::ErrorResponse(403,
                               base::Cat("this needs the role ",
                                         ToString(needed),
                                         ": '",
                                         identity.name,
                                         "' has the role ",
                                         ToString(identity.role),
                                         " here"));
  const bool is_for_all = route->access == Access::kAdmin || route->reach == Reach::kEstate;
  if (is_for_all && identity.IsScoped())
    return http::ErrorResponse(
        403, base::Cat("this concerns all DAGs, and '", identity.name, "' may see only some"));
  return std::nullopt;
}

void Gate::NoteUse(const Caller& caller, runtime::Commands& commands) const {
  const base::Time now = views_.Now();
  if (!caller.noted_at || now - views_.ByWall(accounts::kNotedEvery) < *caller.noted_at)
    return;
  const Identity& identity = *caller.identity;
  const bool is_token = identity.means == Means::kToken;
  const model::RecordKey key{is_token ? RecordKind::kToken : RecordKind::kSession, identity.id};
  const model::RecordRow* row = views_.Record(key);
  if (row == nullptr)
    return;
  const auto noted = [&](auto record) -> std::string {
    if (!record)
      return "";
    record->last_used_at = std::chrono::floor<base::seconds>(now);
    return BodyOf(*record);
  };
  std::string body =
      is_token ? noted(accounts::ReadToken(*row)) : noted(accounts::ReadSession(*row));
  if (body.empty())
    return;
  // What is changed or dropped meanwhile stays so.
  commands.ChangeRecords({.records = {{key, std::move(body), row->revision}},
                          .is_quiet = true,
                          .by = identity.principal()},
                         [](const runtime::Outcome&) {});
}

std::string Gate::CookieName() const {
  // Cookies ignore ports: several deployments may be served by one host.
  return base::Cat(is_secure_ ? "__Host-" : "", "signalbox-", views_.deployment());
}

std::string Gate::CookieFor(std::string_view secret) const {
  return base::Cat(CookieName(),
                   "=",
                   secret,
                   "; Path=/; HttpOnly; SameSite=Strict; Max-Age=",
                   secret.empty() ? 0 : accounts::kSessionLife / base::seconds(1),
                   is_secure_ ? "; Secure" : "");
}

std::string Gate::FlowCookieFor(std::string_view sealed) const {
  return base::Cat(CookieName(),
                   "-login=",
                   sealed,
                   "; Path=/; HttpOnly; SameSite=Lax; Max-Age=",
                   sealed.empty() ? 0 : oidc::kFlowLife / base::seconds(1),
                   is_secure_ ? "; Secure" : "");
}

std::string Gate::FlowCookieIn(const http::Request& request) const {
  return CookieIn(request, CookieName() + "-login");
}

}  // namespace api
