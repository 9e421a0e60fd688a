#include "oidc/logout_token.h"

#include <utility>

#include "base/text.h"
#include "oidc/claims.h"

namespace oidc {

namespace {

constexpr std::string_view kWhat = "the logout token";
constexpr std::string_view kEvent = "http://schemas.openid.net/event/backchannel-logout";

base::Status CheckEvent(const json::object& claims) {
  const json::value* events = claims.if_contains("events");
  const json::value* event =
      events != nullptr && events->is_object() ? events->get_object().if_contains(kEvent) : nullptr;
  if (event == nullptr || !event->is_object())
    return Refuse("the logout token does not say that it is one (events)");
  // So no ID token passes for a logout token, whatever its provider puts into it.
  if (claims.contains("nonce"))
    return Refuse("the logout token has a nonce, which belongs to ID tokens");
  return {};
}

}  // namespace

bool LogoutToken::Means(std::string_view its_subject, std::string_view its_session) const {
  if (!subject.empty() && subject != its_subject)
    return false;
  if (session.empty() || session == its_session)
    return true;
  return !subject.empty() && its_session.empty();
}

base::Result<LogoutToken> CheckLogoutToken(std::string_view text,
                                           const KeySet& keys,
                                           const Settings& settings,
                                           base::Time now) {
  ASSIGN_OR_RETURN(const json::object claims, ReadSigned(text, keys, kWhat));
  RETURN_IF_ERROR(CheckIssuer(claims, settings.issuer, kWhat));
  RETURN_IF_ERROR(CheckAudience(claims, settings.client_id, kWhat));
  // Some providers leave out `exp`: how old it may be is bounded all the same.
  RETURN_IF_ERROR(CheckTimes(claims, settings.clock_skew, now, kWhat));
  RETURN_IF_ERROR(CheckEvent(claims));
  LogoutToken token{
      .subject = IdIn(claims, "sub"), .session = IdIn(claims, "sid"), .id = IdIn(claims, "jti")};
  for (const auto& [name, id] :
       {std::pair("sub", &token.subject), std::pair("sid", &token.session)}) {
    if (claims.contains(name) && id->empty())
      return Refuse(base::Cat("the logout token's '", name, "' is no id"));
  }
  if (token.subject.empty() && token.session.empty())
    return Refuse("the logout token does not say who has logged out (sub, sid)");
  if (token.id.empty())
    return Refuse("the logout token has no id of its own (jti)");
  return token;
}

}  // namespace oidc
