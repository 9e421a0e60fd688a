// Logins by single sign-on: OpenID Connect's authorization code flow with PKCE, and logouts.
//
// A person is their issuer and subject. Their user is made at their first login under the name that
// the provider tells, and found again by those two, whatever the name is by then. A user who was
// there before is never taken over.

#include <chrono>
#include <utility>
#include <vector>

#include "api/audit_words.h"
#include "api/new_session.h"
#include "api/resources.h"
#include "api/sso_pages.h"
#include "api/users.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "oidc/flow.h"
#include "oidc/rights.h"

namespace api {

namespace {

using accounts::User;
using model::RecordKind;
using One = model::ChangeRecords::One;

constexpr char kCallback[] = "/auth/callback";
constexpr char kNone[] =
    "single sign-on is not set up here: log in with a user's name and a password, or set "
    "server.oidc "
    "in signalbox.yaml";

std::string WithQuery(std::string url,
                      const std::vector<std::pair<std::string_view, std::string>>& parameters) {
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    url += base::Cat(separator, name, "=", http::PercentEncode(value));
    separator = '&';
  }
  return url;
}

// The host has been checked (guard.h), and behind a proxy it is the one that browsers ask.
std::string RedirectUrl(const oidc::Settings& settings, const http::Request& request) {
  if (!settings.redirect_url.empty())
    return settings.redirect_url;
  return base::Cat(request.scheme, "://", request.headers.Get("Host").value_or(""), kCallback);
}

// A page, with the browser's half of the login taken away.
http::Response Ended(const Context& context, http::Response page) {
  page.headers.Add("Set-Cookie", context.gate.FlowCookieFor(""));
  return page;
}

struct Refusal {
  int status = 403;
  std::string why;
  std::string who;  // "" where nobody knows
};

http::Response Refuse(Context& context, const Exchange& exchange, const Refusal& refusal) {
  const std::string& address = exchange.request.peer;
  const bool is_theirs = refusal.status < 429;
  if (is_theirs)
    context.logins.CountFailure(address);
  const std::string who = refusal.who.empty() ? std::string() : base::Cat(" as ", refusal.who);
  context.refusals.Note({kNobody, "session", address},
                        base::Cat("a login by single sign-on", who),
                        base::Excerpt(base::PrintableLine(refusal.why)));
  return Ended(context, SsoRefusal(refusal.status, refusal.why));
}

Refusal RefusalOf(const base::Error& error) {
  if (error.code == base::ErrorCode::kThrottled)
    return {.status = 429, .why = error.message};
  if (error.code == base::ErrorCode::kPermission)
    return {.status = 403, .why = error.message};
  return {.status = 503,
          .why = base::Cat("the provider of single sign-on cannot be asked (",
                           error.message,
                           "): try again in a minute; users with a password can log in with it "
                           "meanwhile")};
}

std::optional<http::Response> TooOften(Context& context, const Exchange& exchange) {
  const base::Duration wait = context.logins.WaitOf(exchange.request.peer);
  if (wait <= base::Duration(0))
    return std::nullopt;
  return SsoRefusal(429,
                    base::Cat("too many logins have failed: wait ",
                              std::chrono::ceil<base::seconds>(wait).count(),
                              " s"));
}

// What the callback says, of the login that this browser has begun.
struct Callback {
  oidc::Flow flow;
  std::string code;
};

base::Result<Callback> ReadCallback(Context& context, const Exchange& exchange) {
  const IdentityProvider& provider = *context.sso.provider();
  const auto refused = [](std::string why) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::move(why));
  };
  ASSIGN_OR_RETURN(
      oidc::Flow flow,
      oidc::OpenFlow(
          context.sso.key(), context.gate.FlowCookieIn(exchange.request), provider.WallNow()));
  ASSIGN_OR_RETURN(const auto state, ReadOne(exchange, "state"));
  if (!state || !base::SameSecret(*state, flow.state))
    return refused("the provider's answer belongs to another login (state)");
  if (!context.sso.UseState(flow.state))
    return refused("this login was used already (state)");
  // Whose answer it is, where there are several providers in the browser (RFC 9207).
  ASSIGN_OR_RETURN(const auto issuer, ReadOne(exchange, "iss"));
  const bool must_say = provider.known() && provider.known()->sends_issuer;
  if (issuer ? *issuer != provider.settings().issuer : must_say)
    return refused("the answer is of another provider than ours (iss)");
  ASSIGN_OR_RETURN(const auto error, ReadOne(exchange, "error"));
  if (error)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the provider did not log you in: ", base::Excerpt(*error, 100)));
  ASSIGN_OR_RETURN(const auto code, ReadOne(exchange, "code"));
  if (!code || code->empty())
    return refused("the provider's answer has no code");
  return Callback{std::move(flow), *code};
}

struct Member {
  User user;
  int64_t revision = 0;  // of the record; 0: there is none yet
};

std::optional<Member> FindMember(const runtime::Views& views, const oidc::Person& person) {
  for (const model::RecordRow* row : views.Records(RecordKind::kUser)) {
    auto user = accounts::ReadUser(*row);
    if (user && user->issuer == person.issuer && user->subject == person.subject)
      return Member{*std::move(user), row->revision};
  }
  return std::nullopt;
}

// Of somebody who was never here.
base::Result<Member> NewMember(const runtime::Views& views, const oidc::Person& person) {
  const std::string name = base::ToLower(person.name);
  if (const base::Status good = accounts::CheckUserName(name); !good)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the provider's name for you cannot be a user's here: ",
                                good.error().message,
                                " (server.oidc.username_claim says which claim it is)"));
  if (views.Record({RecordKind::kUser, name}) != nullptr)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("there is a user '",
                                name,
                                "' here already, who is somebody else: ask an admin to delete "
                                "that user, or for another name at the provider"));
  return Member{{.name = name,
                 .issuer = person.issuer,
                 .subject = person.subject,
                 .created_at = views.Now()}};
}

std::string NoRole(const oidc::Settings& settings, const oidc::Person& person) {
  if (person.groups.empty())
    return base::Cat("the provider says of no group that you are in it (the claim '",
                     settings.groups_claim,
                     "' is missing or empty), and a role here comes from a group: ask an admin");
  return base::Cat("none of your groups at the provider has a role here (",
                   base::Excerpt(base::PrintableLine(base::Join(person.groups, ", "))),
                   "): ask an admin");
}

// Who has no role any more has nothing here that goes on.
void EndAll(Context& context, const Exchange& exchange, const std::string& user) {
  std::vector<One> drops = DropSessions(context.views, user);
  for (One& token : DropTokens(context.views, user))
    drops.push_back(std::move(token));
  if (drops.empty())
    return;
  context.commands.ChangeRecords(
      {.records = std::move(drops),
       .what = base::Cat("sessions and tokens of '", user, "': no group has a role any more"),
       .by = {user, "session", exchange.request.peer}},
      [](const runtime::Outcome&) {});
}

// The user as this login leaves them; an error where they are not let in.
base::Result<Member> Admit(Context& context, const Exchange& exchange, const oidc::Person& person) {
  const oidc::Settings& settings = context.sso.provider()->settings();
  auto member = FindMember(context.views, person);
  const auto rights = oidc::RightsOf(settings.roles, person.groups);
  if (!rights) {
    if (member)
      EndAll(context, exchange, member->user.name);
    return base::Fail(base::ErrorCode::kPermission, NoRole(settings, person));
  }
  if (!member) {
    ASSIGN_OR_RETURN(member, NewMember(context.views, person));
  }
  if (member->user.is_disabled)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the user '", member->user.name, "' is disabled: ask an admin"));
  member->user.role = rights->role;
  member->user.scopes = rights->scopes;
  return *std::move(member);
}

void LogIn(Context& context,
           const SharedExchange& exchange,
           const IdentityProvider::Login& login,
           const std::string& next,
           const Answered& answered) {
  const auto member = Admit(context, *exchange, login.person);
  if (!member) {
    Refusal refusal = RefusalOf(member.error());
    refusal.who = base::Cat("'", base::PrintableLine(base::Excerpt(login.person.name, 64)), "'");
    return answered(Refuse(context, *exchange, refusal));
  }
  const User& user = member->user;
  const model::RecordRow* row = context.views.Record({RecordKind::kUser, user.name});
  const std::string body = BodyOf(user);
  const bool is_changed = row == nullptr || row->body != body;
  const auto before = UserNamed(context.views, user.name);
  NewSession begun = MakeSession(context.views,
                                 user,
                                 member->revision + (is_changed ? 1 : 0),
                                 accounts::Session::Kind::kBrowser,
                                 context.sso.provider()->settings().session_length,
                                 exchange->request.peer);
  // A change of the user ends the sessions before it by itself (gate.h).
  if (is_changed)
    begun.records.push_back({.id = {RecordKind::kUser, user.name},
                             .body = body,
                             .expected = member->revision,
                             .before = before ? WordsFor(*before) : std::string(),
                             .after = WordsFor(user)});
  context.commands.ChangeRecords(
      {.records = std::move(begun.records),
       .what = base::Cat("login of '",
                         user.name,
                         "' by single sign-on, role ",
                         ToString(user.role),
                         member->revision == 0 ? " (a new user)"
                         : is_changed          ? " (changed)"
                                               : ""),
       .by = {user.name, "session", exchange->request.peer}},
      [&context, exchange, begun, login, next, role = user.role, answered](
          const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(
              Refuse(context, *exchange, {.status = 503, .why = outcome.error().message}));
        context.sso.KeepToken(begun.session.id, login.id_token);
        http::Response page = Ended(context, SsoDone(begun.session.user, ToString(role), next));
        page.headers.Add("Set-Cookie", context.gate.CookieFor(begun.secret.text));
        answered(std::move(page));
      });
}

}  // namespace

void BeginSso(Context& context, const SharedExchange& exchange, Answered answered) {
  IdentityProvider* provider = context.sso.provider();
  if (provider == nullptr)
    return answered(SsoRefusal(404, kNone));
  const auto next = ReadOne(*exchange, "next");
  if (!next || (*next && !oidc::IsLocalPath(**next)))
    return answered(SsoRefusal(400, "'next' must be a path of this server, such as /api/v2/me"));
  if (auto page = TooOften(context, *exchange))
    return answered(*std::move(page));
  provider->Describe(
      [&context, exchange, provider, next = next->value_or(""), answered](const auto& metadata) {
        if (!metadata)
          return answered(Refuse(context, *exchange, RefusalOf(metadata.error())));
        const oidc::Settings& settings = provider->settings();
        const oidc::Flow flow =
            oidc::BeginFlow(RedirectUrl(settings, exchange->request), next, provider->WallNow());
        http::Response redirect{.status = 302};
        redirect.headers.Set("Location",
                             WithQuery((*metadata)->authorization_endpoint,
                                       {{"response_type", "code"},
                                        {"client_id", settings.client_id},
                                        {"redirect_uri", flow.redirect_url},
                                        {"scope", base::Join(settings.scopes, " ")},
                                        {"state", flow.state},
                                        {"nonce", flow.nonce},
                                        {"code_challenge", oidc::ChallengeOf(flow.verifier)},
                                        {"code_challenge_method", "S256"}}));
        redirect.headers.Set("Set-Cookie",
                             context.gate.FlowCookieFor(oidc::SealFlow(context.sso.key(), flow)));
        answered(std::move(redirect));
      });
}

void FinishSso(Context& context, const SharedExchange& exchange, Answered answered) {
  IdentityProvider* provider = context.sso.provider();
  if (provider == nullptr)
    return answered(SsoRefusal(404, kNone));
  // What only looks whether there is a page must not use up the code.
  if (exchange->request.method != "GET")
    return answered(SsoRefusal(405, "a login ends with GET"));
  if (auto page = TooOften(context, *exchange))
    return answered(*std::move(page));
  const auto callback = ReadCallback(context, *exchange);
  if (!callback) {
    const bool is_said = callback.error().code == base::ErrorCode::kPermission;
    return answered(Refuse(
        context, *exchange, {.status = is_said ? 403 : 400, .why = callback.error().message}));
  }
  const oidc::Flow& flow = callback->flow;
  provider->Redeem({.code = callback->code,
                    .verifier = flow.verifier,
                    .redirect_url = flow.redirect_url,
                    .nonce = flow.nonce},
                   [&context, exchange, next = flow.next, answered](const auto& login) {
                     if (!login)
                       return answered(Refuse(context, *exchange, RefusalOf(login.error())));
                     LogIn(context, exchange, *login, next, answered);
                   });
}

void EndSso(Context& context, const SharedExchange& exchange, Answered answered) {
  const auto user = UserNamed(context.views, exchange->identity.name);
  const IdentityProvider* provider = context.sso.provider();
  json::value url = nullptr;
  if (provider != nullptr && provider->known() && user && user->IsFederated() &&
      !provider->known()->end_session_endpoint.empty()) {
    const oidc::Settings& settings = provider->settings();
    std::vector<std::pair<std::string_view, std::string>> parameters{
        {"client_id", settings.client_id}};
    if (const std::string hint = context.sso.TakeToken(exchange->identity.id); !hint.empty())
      parameters.emplace_back("id_token_hint", hint);
    if (!settings.post_logout_url.empty())
      parameters.emplace_back("post_logout_redirect_uri", settings.post_logout_url);
    url = json::string(WithQuery(provider->known()->end_session_endpoint, parameters));
  }
  EndOwnSession(
      context, exchange, SecretJson(200, {{"end_session_url", url}}), std::move(answered));
}

}  // namespace api
