#pragma once

// What a provider says of itself at /.well-known/openid-configuration (OpenID Connect
// Discovery 1.0, section 3), as far as we need it. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace oidc {

struct Metadata {
  std::string authorization_endpoint, token_endpoint, jwks_uri;
  std::string userinfo_endpoint;     // "": it says all in the ID token
  std::string end_session_endpoint;  // "": it knows no logout
  bool takes_basic = true;           // a client's secret in the header Authorization
  bool sends_issuer = false;         // with the answer to a login (RFC 9207)
};

// kInvalidArgument: it is of another issuer, or a URL is missing or not safe.
base::Result<Metadata> ReadMetadata(std::string_view text,
                                    std::string_view issuer,
                                    bool allow_http);

std::string MetadataUrl(std::string_view issuer);

// What is wrong with a URL of the provider's, as the end of a sentence; "": nothing. `allow_http`:
// also without TLS, on this machine.
std::string UrlMistake(std::string_view url, bool allow_http);

}  // namespace oidc
