#include "oidc/claims.h"

#include <algorithm>

#include "base/safe_text.h"
#include "base/text.h"

namespace oidc {

namespace {

using base::Cat;

std::string Quoted(std::string_view text) {
  return Cat("'", base::PrintableLine(base::Excerpt(base::ValidUtf8(std::string(text)), 100)), "'");
}

}  // namespace

tl::unexpected<base::Error> Refuse(std::string message) {
  return base::Fail(base::ErrorCode::kPermission, std::move(message));
}

base::Result<json::object> ReadSigned(std::string_view text,
                                      const KeySet& keys,
                                      std::string_view what) {
  const auto jws = ParseJws(text);
  if (!jws)
    return Refuse(jws.error().message);
  RETURN_IF_ERROR(keys.Check(*jws));
  auto payload = base::ParseJson(jws->payload, what);
  if (!payload || !payload->is_object())
    return Refuse(Cat(what, " holds no JSON object"));
  return std::move(payload->get_object());
}

base::Status CheckIssuer(const json::object& claims,
                         const std::string& issuer,
                         std::string_view what) {
  if (const std::string told = base::GetString(claims, "iss"); told != issuer)
    return Refuse(Cat(what, " is of the issuer ", Quoted(told), ", which is not ours"));
  return {};
}

base::Status CheckAudience(const json::object& claims,
                           const std::string& client_id,
                           std::string_view what) {
  const std::vector<std::string> audience = TextsIn(claims.if_contains("aud"));
  if (std::ranges::find(audience, client_id) == audience.end())
    return Refuse(Cat(what, " is for another client than ours (aud)"));
  return {};
}

base::Status CheckTimes(const json::object& claims,
                        base::Duration skew,
                        base::Time now,
                        std::string_view what) {
  const auto expires = base::GetEpoch(claims, "exp"), made = base::GetEpoch(claims, "iat");
  if (!made || (claims.contains("exp") && !expires))
    return Refuse(Cat(what, " does not say when it was made and expires (iat, exp)"));
  constexpr std::string_view kClocks =
      ": if it was made just now, the clocks of the provider and of this machine differ by more "
      "than server.oidc.clock_skew";
  if (expires && now >= *expires + skew)
    return Refuse(Cat(what, " has expired", kClocks));
  if (now + skew < *made)
    return Refuse(Cat(what, " is from the future", kClocks));
  if (now >= *made + skew + kTokenAge)
    return Refuse(Cat(what, " is too old", kClocks));
  const json::value* from = claims.if_contains("nbf");
  const auto not_before = base::GetEpoch(claims, "nbf");
  if (from != nullptr && (!not_before || now + skew < *not_before))
    return Refuse(Cat(what, " is not valid yet", kClocks));
  return {};
}

std::vector<std::string> TextsIn(const json::value* value) {
  std::vector<std::string> texts;
  if (value != nullptr && value->is_string())
    texts.emplace_back(value->get_string());
  if (value == nullptr || !value->is_array())
    return texts;
  for (const json::value& each : value->get_array()) {
    if (each.is_string())
      texts.emplace_back(each.get_string());
  }
  return texts;
}

const json::value* ClaimOf(const json::object& claims, std::string_view name) {
  const json::value* whole = claims.if_contains(name);
  return whole != nullptr ? whole : base::Find(claims, name);
}

std::string IdIn(const json::object& claims, std::string_view name) {
  constexpr size_t kMost = 255;  // of a subject (OpenID Connect Core, section 2)
  std::string id = base::GetString(claims, name);
  return id.size() <= kMost && base::IsUtf8(id) ? id : "";
}

}  // namespace oidc
