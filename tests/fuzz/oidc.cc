#include "base/base64.h"
#include "base/check.h"
#include "base/text.h"
#include "oidc/id_token.h"
#include "oidc/logout_token.h"
#include "oidc/metadata.h"
#include "targets.h"

namespace fuzz {
namespace {

// RFC 8037, A.2; an RSA key would make each input cost a hundred times as much.
constexpr char kKeys[] =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

}  // namespace

// As a token: what is taken apart goes together again, and nobody is let in or out by what has no
// signature of the provider's. As keys, and as a provider's word of itself: an answer.
void FuzzIdToken(std::string_view bytes) {
  static const oidc::KeySet kSet = *oidc::KeySet::Read(kKeys);
  if (const auto jws = oidc::ParseJws(bytes)) {
    CHECK(bytes == base::Cat(jws->signed_text, ".", base::ToBase64Url(jws->signature)));
    CHECK(jws->signed_text.ends_with("." + base::ToBase64Url(jws->payload)));
    (void)kSet.Check(*jws);
  } else {
    CHECK(!jws.error().message.empty());
  }
  const auto person = oidc::CheckIdToken(
      bytes, kSet, {.issuer = "https://login.example", .client_id = "a"}, "n", base::Time());
  CHECK(!person && !person.error().message.empty());
  const auto logout = oidc::CheckLogoutToken(
      bytes, kSet, {.issuer = "https://login.example", .client_id = "a"}, base::Time());
  CHECK(!logout && !logout.error().message.empty());
  oidc::Person of_userinfo{.subject = "42"};
  (void)oidc::AddUserinfo(bytes, {.groups_claim = "groups"}, of_userinfo);
  if (const auto keys = oidc::KeySet::Read(bytes))
    CHECK(keys->size() <= 100);
  if (const auto metadata = oidc::ReadMetadata(bytes, "https://login.example", false)) {
    for (const std::string* url : {&metadata->authorization_endpoint, &metadata->jwks_uri})
      CHECK(url->starts_with("https://"));
  }
}

}  // namespace fuzz
