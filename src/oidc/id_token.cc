#include "oidc/id_token.h"

#include <algorithm>

#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace oidc {

namespace {

constexpr size_t kSubjectMost = 255, kGroupsMost = 1000, kGroupMost = 500;

tl::unexpected<base::Error> Refuse(std::string message) {
  return base::Fail(base::ErrorCode::kPermission, std::move(message));
}

std::string Quoted(std::string_view text) {
  return base::Cat(
      "'", base::PrintableLine(base::Excerpt(base::ValidUtf8(std::string(text)), 100)), "'");
}

// A text, or a list of texts; other members of a list are left out.
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

// By its whole name first: names of claims may be URLs, with dots in them.
const json::value* ClaimOf(const json::object& claims, std::string_view name) {
  const json::value* whole = claims.if_contains(name);
  return whole != nullptr ? whole : base::Find(claims, name);
}

base::Status CheckAudience(const json::object& claims, const std::string& client_id) {
  const std::vector<std::string> audience = TextsIn(claims.if_contains("aud"));
  if (std::ranges::find(audience, client_id) == audience.end())
    return Refuse("the ID token is for another client than ours (aud)");
  const json::value* party = claims.if_contains("azp");
  if (audience.size() > 1 && party == nullptr)
    return Refuse("the ID token is for several clients, and does not say for which it was made");
  if (party != nullptr && (!party->is_string() || party->get_string() != client_id))
    return Refuse("the ID token was made for another client than ours (azp)");
  return {};
}

base::Status CheckTimes(const json::object& claims, base::Duration skew, base::Time now) {
  const auto expires = base::GetEpoch(claims, "exp"), made = base::GetEpoch(claims, "iat");
  if (!expires || !made)
    return Refuse("the ID token does not say when it was made and expires (iat, exp)");
  constexpr std::string_view kClocks =
      ": if it was made just now, the clocks of the provider and of this machine differ by more "
      "than server.oidc.clock_skew";
  if (now >= *expires + skew)
    return Refuse(base::Cat("the ID token has expired", kClocks));
  if (now + skew < *made)
    return Refuse(base::Cat("the ID token is from the future", kClocks));
  if (now >= *made + skew + kTokenAge)
    return Refuse(base::Cat("the ID token is too old", kClocks));
  const json::value* from = claims.if_contains("nbf");
  const auto not_before = base::GetEpoch(claims, "nbf");
  if (from != nullptr && (!not_before || now + skew < *not_before))
    return Refuse(base::Cat("the ID token is not valid yet", kClocks));
  return {};
}

base::Status CheckClaims(const json::object& claims,
                         const Settings& settings,
                         std::string_view nonce,
                         base::Time now) {
  if (const std::string issuer = base::GetString(claims, "iss"); issuer != settings.issuer)
    return Refuse(
        base::Cat("the ID token is of the issuer ", Quoted(issuer), ", which is not ours"));
  RETURN_IF_ERROR(CheckAudience(claims, settings.client_id));
  RETURN_IF_ERROR(CheckTimes(claims, settings.clock_skew, now));
  if (nonce.empty() || !base::SameSecret(base::GetString(claims, "nonce"), nonce))
    return Refuse("the ID token is of another login (nonce)");
  return {};
}

}  // namespace

base::Result<Person> CheckIdToken(std::string_view text,
                                  const KeySet& keys,
                                  const Settings& settings,
                                  std::string_view nonce,
                                  base::Time now) {
  const auto jws = ParseJws(text);
  if (!jws)
    return Refuse(jws.error().message);
  RETURN_IF_ERROR(keys.Check(*jws));
  const auto payload = base::ParseJson(jws->payload, "the ID token");
  if (!payload || !payload->is_object())
    return Refuse("the ID token holds no JSON object");
  const json::object& claims = payload->get_object();
  RETURN_IF_ERROR(CheckClaims(claims, settings, nonce, now));
  Person person{.issuer = settings.issuer, .subject = base::GetString(claims, "sub")};
  if (person.subject.empty() || person.subject.size() > kSubjectMost ||
      !base::IsUtf8(person.subject))
    return Refuse("the ID token does not say whose it is (sub)");
  const json::value* name = ClaimOf(claims, settings.username_claim);
  if (name != nullptr && name->is_string())
    person.name = name->get_string();
  for (std::string& group : TextsIn(ClaimOf(claims, settings.groups_claim))) {
    if (person.groups.size() < kGroupsMost && group.size() <= kGroupMost)
      person.groups.push_back(std::move(group));
  }
  return person;
}

}  // namespace oidc
