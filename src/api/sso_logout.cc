// Back-channel logout (OpenID Connect Back-Channel Logout 1.0): the provider itself says that
// somebody has logged out there, or was logged out, and their sessions here end.
//
// Anybody may post here. Until a token is known to be the provider's, nothing but its check
// happens; refused ones count against the peer as refused logins do.

#include <map>

#include "accounts/accounts.h"
#include "api/audit_words.h"
#include "api/resources.h"
#include "api/sso_members.h"
#include "base/text.h"

namespace api {

namespace {

using model::RecordKind;
using One = model::ChangeRecords::One;

// The subjects of the provider's people, by the names that they have here.
std::map<std::string, std::string> SubjectsOf(const runtime::Views& views,
                                              const std::string& issuer) {
  std::map<std::string, std::string> subjects;
  for (const model::RecordRow* row : views.Records(RecordKind::kUser)) {
    const auto user = accounts::ReadUser(*row);
    if (user && user->issuer == issuer)
      subjects.emplace(user->name, user->subject);
  }
  return subjects;
}

struct Ends {
  std::vector<One> drops;
  std::string who;  // whose sessions they are
};

Ends EndsOf(const runtime::Views& views,
            const std::string& issuer,
            const oidc::LogoutToken& token) {
  Ends ends;
  const auto subjects = SubjectsOf(views, issuer);
  for (const model::RecordRow* row : views.Records(RecordKind::kSession)) {
    const auto session = accounts::ReadSession(*row);
    const auto of = session ? subjects.find(session->user) : subjects.end();
    if (of == subjects.end() || !token.Means(of->second, session->at_provider))
      continue;
    ends.drops.push_back(DropOf(*session));
    ends.who = session->user;
  }
  return ends;
}

http::Response Refuse(Context& context,
                      const Exchange& exchange,
                      int status,
                      const std::string& why) {
  if (status < 429)
    context.logins.CountFailure(exchange.request.peer);
  context.refusals.Note(
      {kNobody, "session", exchange.request.peer}, "a logout by single sign-on", why);
  return http::ErrorResponse(status, why);
}

http::Response Refuse(Context& context, const Exchange& exchange, const base::Error& error) {
  if (error.code == base::ErrorCode::kThrottled)
    return Refuse(context, exchange, 429, error.message);
  // 2.8 has 400 for whatever fails; but that we cannot judge it is no fault of the token.
  const bool is_theirs = error.code == base::ErrorCode::kPermission;
  return Refuse(context, exchange, is_theirs ? 400 : 503, error.message);
}

http::Response Done() {
  return SecretJson(200, json::object());
}

void End(Context& context,
         const SharedExchange& exchange,
         const oidc::LogoutToken& token,
         const Answered& answered) {
  SsoDesk& desk = context.sso;
  if (desk.logouts().Has(token.id))
    return answered(Refuse(context, *exchange, 400, "the logout token was used before (jti)"));
  desk.ForgetForTerminals(token);
  Ends ends = EndsOf(context.views, desk.provider()->settings().issuer, token);
  if (ends.drops.empty()) {
    desk.logouts().Use(token.id);
    return answered(Done());
  }
  context.commands.ChangeRecords(
      {.records = std::move(ends.drops),
       .what = base::Cat("logout of '", ends.who, "' at the provider of single sign-on"),
       .by = {ends.who, "session", exchange->request.peer}},
      [&context, exchange, id = token.id, answered](const runtime::Outcome& outcome) {
        if (!outcome)
          return answered(Refuse(context, *exchange, 503, outcome.error().message));
        context.sso.logouts().Use(id);
        answered(Done());
      });
}

}  // namespace

void EndSsoSessions(Context& context, const SharedExchange& exchange, Answered answered) {
  IdentityProvider* provider = context.sso.provider();
  if (provider == nullptr)
    return answered(http::ErrorResponse(404, kNoSso));
  if (const auto why = TooManyRefused(context, *exchange))
    return answered(http::ErrorResponse(429, *why));
  const http::Target form = http::SplitTarget(base::Cat("/?", exchange->request.body));
  const auto token = form.Param("logout_token");
  if (!token)
    return answered(Refuse(context, *exchange, 400, "the form has no 'logout_token'"));
  provider->CheckLogout(*token, [&context, exchange, answered](const auto& checked) {
    if (!checked)
      return answered(Refuse(context, *exchange, checked.error()));
    End(context, exchange, *checked, answered);
  });
}

}  // namespace api
