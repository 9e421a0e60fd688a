#include "oidc/id_token.h"

#include <algorithm>

#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "oidc/claims.h"

namespace oidc {

namespace {

constexpr std::string_view kWhat = "the ID token";

base::Status CheckParty(const json::object& claims, const std::string& client_id) {
  RETURN_IF_ERROR(CheckAudience(claims, client_id, kWhat));
  const json::value* party = claims.if_contains("azp");
  if (TextsIn(claims.if_contains("aud")).size() > 1 && party == nullptr)
    return Refuse("the ID token is for several clients, and does not say for which it was made");
  if (party != nullptr && (!party->is_string() || party->get_string() != client_id))
    return Refuse("the ID token was made for another client than ours (azp)");
  return {};
}

base::Status CheckClaims(const json::object& claims,
                         const Settings& settings,
                         std::string_view nonce,
                         base::Time now) {
  RETURN_IF_ERROR(CheckIssuer(claims, settings.issuer, kWhat));
  RETURN_IF_ERROR(CheckParty(claims, settings.client_id));
  if (!claims.contains("exp"))
    return Refuse("the ID token does not say when it was made and expires (iat, exp)");
  RETURN_IF_ERROR(CheckTimes(claims, settings.clock_skew, now, kWhat));
  if (nonce.empty() || !base::SameSecret(base::GetString(claims, "nonce"), nonce))
    return Refuse("the ID token is of another login (nonce)");
  return {};
}

// What the claims say of the person, where `person` does not say it yet.
void Complete(Person& person, const json::object& claims, const Settings& settings) {
  constexpr size_t kGroupsMost = 1000, kGroupMost = 500;
  const json::value* name = ClaimOf(claims, settings.username_claim);
  if (person.name.empty() && name != nullptr && name->is_string())
    person.name = name->get_string();
  const json::value* groups = ClaimOf(claims, settings.groups_claim);
  if (person.has_groups || groups == nullptr)
    return;
  person.has_groups = true;
  for (std::string& group : TextsIn(groups)) {
    if (person.groups.size() < kGroupsMost && group.size() <= kGroupMost)
      person.groups.push_back(std::move(group));
  }
}

}  // namespace

base::Result<Person> CheckIdToken(std::string_view text,
                                  const KeySet& keys,
                                  const Settings& settings,
                                  std::string_view nonce,
                                  base::Time now) {
  ASSIGN_OR_RETURN(const json::object claims, ReadSigned(text, keys, kWhat));
  RETURN_IF_ERROR(CheckClaims(claims, settings, nonce, now));
  Person person{.issuer = settings.issuer, .subject = IdIn(claims, "sub")};
  if (person.subject.empty())
    return Refuse("the ID token does not say whose it is (sub)");
  person.session = IdIn(claims, "sid");
  Complete(person, claims, settings);
  return person;
}

base::Status AddUserinfo(std::string_view text, const Settings& settings, Person& person) {
  const auto value = base::ParseJson(text, "the provider's answer about you (userinfo)");
  if (!value || !value->is_object())
    return Refuse("the provider's answer about you (userinfo) is no JSON object");
  const json::object& claims = value->get_object();
  // Else the answer is about somebody else (OpenID Connect Core, 5.3.2).
  if (IdIn(claims, "sub") != person.subject)
    return Refuse("the provider's answer about you (userinfo) is about somebody else (sub)");
  Complete(person, claims, settings);
  return {};
}

}  // namespace oidc
