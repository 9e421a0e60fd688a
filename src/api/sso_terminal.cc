// `signalbox login --sso`: a person logs in by single sign-on in any browser, and takes a code from
// there to the terminal, which gets a bearer token for it.
//
// The code alone is worth nothing: the terminal shows with it what the browser was begun with
// (PKCE, RFC 7636). So no page has to ask whether it was really you who began; nobody polls, the
// terminal listens on no port, and the browser may be on another machine.

#include "api/resources.h"
#include "api/sso_members.h"
#include "base/hash.h"
#include "base/text.h"
#include "oidc/flow.h"

namespace api {

namespace {

int StatusOf(const base::Error& error) {
  return error.code == base::ErrorCode::kPermission ? 403 : 503;
}

}  // namespace

void CreateSsoToken(Context& context, const SharedExchange& exchange, Answered answered) {
  const IdentityProvider* provider = context.sso.provider();
  if (provider == nullptr)
    return answered(http::ErrorResponse(404, kNoSso));
  if (const auto why = TooManyRefused(context, *exchange))
    return answered(http::ErrorResponse(429, *why));
  // Whatever comes with it, the code is used up.
  const auto waiting =
      context.sso.TakeForTerminal(base::GetString(exchange->body, "code"), provider->WallNow());
  const std::string shown = oidc::ChallengeOf(base::GetString(exchange->body, "code_verifier"));
  if (!waiting || !base::SameSecret(shown, waiting->challenge)) {
    constexpr std::string_view kWhy =
        "the code is not valid: it is for the terminal that began the login, for five minutes, "
        "once; begin again with `signalbox login --sso`";
    context.logins.CountFailure(exchange->request.peer);
    NoteRefusedLogin(context, *exchange, "", kWhy);
    return answered(http::ErrorResponse(401, kWhy));
  }
  BeginMemberSession(
      context,
      exchange,
      waiting->login,
      accounts::Session::Kind::kBearer,
      [&context, exchange, answered](const auto& begun) {
        if (!begun) {
          NoteRefusedLogin(context, *exchange, "", begun.error().message);
          return answered(http::ErrorResponse(StatusOf(begun.error()), begun.error().message));
        }
        answered(SecretJson(201,
                            {{"access_token", begun->secret},
                             {"user", begun->session.user},
                             {"expires_at", base::FormatRfc3339(begun->session.expires_at)}}));
      });
}

}  // namespace api
