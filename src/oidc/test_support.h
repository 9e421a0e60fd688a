#pragma once

// For tests only: signs ID tokens with the private key of RFC 8037, A.1.

#include <openssl/evp.h>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "oidc/jws.h"

namespace oidc::testing {

inline constexpr char kEdJwk[] =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

inline std::string SignEd(std::string_view header, std::string_view payload) {
  const std::string seed = *base::FromBase64Url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const std::string text = base::Cat(base::ToBase64Url(header), ".", base::ToBase64Url(payload));
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string signature(64, '\0');
  size_t size = signature.size();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(context,
                 reinterpret_cast<unsigned char*>(signature.data()),
                 &size,
                 reinterpret_cast<const unsigned char*>(text.data()),
                 text.size());
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return base::Cat(text, ".", base::ToBase64Url(signature));
}

inline std::string SignEd(const json::object& claims) {
  return SignEd(R"({"alg":"EdDSA"})", json::serialize(claims));
}

inline json::object ParseJson(std::string_view text) {
  return base::ParseJson(text)->get_object();
}

// "{"keys": [{…, "kid": kid}]}".
inline std::string KeysOf(std::string_view jwk, std::string_view kid = "") {
  json::object key = ParseJson(jwk);
  if (!kid.empty())
    key["kid"] = kid;
  return json::serialize(json::object{{"keys", json::array{key}}});
}

}  // namespace oidc::testing
