// Logins by single sign-on: OpenID Connect's authorization code flow with PKCE, for a browser, or
// for a terminal whose person has a browser somewhere (sso_terminal.cc); and logouts.

#include <utility>
#include <vector>

#include "api/resources.h"
#include "api/sso_members.h"
#include "api/sso_pages.h"
#include "api/users.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "oidc/flow.h"

namespace api {

namespace {

constexpr char kCallback[] = "/auth/callback";

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
  if (refusal.status < 429)
    context.logins.CountFailure(exchange.request.peer);
  NoteRefusedLogin(context, exchange, refusal.who, refusal.why);
  return Ended(context, SsoRefusal(refusal.status, refusal.why));
}

Refusal RefusalOf(const base::Error& error, std::string_view name = "") {
  if (error.code == base::ErrorCode::kThrottled)
    return {.status = 429, .why = error.message};
  if (error.code == base::ErrorCode::kPermission)
    return {.status = 403,
            .why = error.message,
            .who = name.empty()
                       ? ""
                       : base::Cat("'", base::PrintableLine(base::Excerpt(name, 64)), "'")};
  if (error.code != base::ErrorCode::kUnavailable)
    return {.status = 503, .why = error.message};
  return {.status = 503,
          .why = base::Cat("the provider of single sign-on cannot be asked (",
                           error.message,
                           "): try again in a minute; users with a password can log in with it "
                           "meanwhile")};
}

std::optional<http::Response> TooOften(Context& context, const Exchange& exchange) {
  if (const auto why = TooManyRefused(context, exchange))
    return SsoRefusal(429, *why);
  return std::nullopt;
}

base::Result<oidc::Destination> ReadDestination(const Exchange& exchange) {
  const auto refused = [](std::string why) {
    return base::Fail(base::ErrorCode::kInvalidArgument, std::move(why));
  };
  const auto next = ReadOne(exchange, "next"), terminal = ReadOne(exchange, "terminal");
  if (!next || (*next && !oidc::IsLocalPath(**next)))
    return refused("'next' must be a path of this server, such as /api/v2/me");
  if (!terminal || (*terminal && !oidc::IsChallenge(**terminal)))
    return refused(
        "'terminal' must be a challenge of PKCE (S256): `signalbox login --sso` makes it");
  if (*next && *terminal)
    return refused("'next' and 'terminal' exclude each other");
  return oidc::Destination{next->value_or(""), terminal->value_or("")};
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
  if (!context.sso.states().Use(flow.state))
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

// A browser comes back with a session.
void LogIn(Context& context,
           const SharedExchange& exchange,
           const IdentityProvider::Login& login,
           const std::string& next,
           const Answered& answered) {
  BeginMemberSession(
      context,
      exchange,
      login,
      accounts::Session::Kind::kBrowser,
      [&context, exchange, next, name = login.person.name, answered](const auto& begun) {
        if (!begun)
          return answered(Refuse(context, *exchange, RefusalOf(begun.error(), name)));
        http::Response page =
            Ended(context, SsoDone(begun->session.user, ToString(begun->role), next));
        page.headers.Add("Set-Cookie", context.gate.CookieFor(begun->secret));
        answered(std::move(page));
      });
}

// Nobody is logged in yet: the terminal is, once it shows the code.
http::Response CodeForTerminal(Context& context,
                               const Exchange& exchange,
                               const IdentityProvider::Login& login,
                               const std::string& challenge) {
  const auto member = Admit(context, exchange, login.person);
  if (!member)
    return Refuse(context, exchange, RefusalOf(member.error(), login.person.name));
  return Ended(
      context,
      SsoCode(member->user.name,
              ToString(member->user.role),
              context.sso.KeepForTerminal(login, challenge, context.sso.provider()->WallNow())));
}

}  // namespace

void BeginSso(Context& context, const SharedExchange& exchange, Answered answered) {
  IdentityProvider* provider = context.sso.provider();
  if (provider == nullptr)
    return answered(SsoRefusal(404, kNoSso));
  const auto to = ReadDestination(*exchange);
  if (!to)
    return answered(SsoRefusal(400, to.error().message));
  if (auto page = TooOften(context, *exchange))
    return answered(*std::move(page));
  provider->Describe([&context, exchange, provider, to = *to, answered](const auto& metadata) {
    if (!metadata)
      return answered(Refuse(context, *exchange, RefusalOf(metadata.error())));
    const oidc::Settings& settings = provider->settings();
    const oidc::Flow flow =
        oidc::BeginFlow(RedirectUrl(settings, exchange->request), to, provider->WallNow());
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
    return answered(SsoRefusal(404, kNoSso));
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
                   [&context, exchange, next = flow.next, terminal = flow.terminal, answered](
                       const auto& login) {
                     if (!login)
                       return answered(Refuse(context, *exchange, RefusalOf(login.error())));
                     if (!terminal.empty())
                       return answered(CodeForTerminal(context, *exchange, *login, terminal));
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
