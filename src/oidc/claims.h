#pragma once

// What the checks of ID tokens (id_token.h) and of logout tokens (logout_token.h) have in common.
// `what` is how a refusal names the token. Each refusal is kPermission. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "oidc/jws.h"

namespace oidc {

// How old a token may be, beside the skew of clocks: we get it right after it was made.
inline constexpr base::Duration kTokenAge = base::minutes(10);

tl::unexpected<base::Error> Refuse(std::string message);

// The claims, once the signature is right; kNotFound where the key is not known (KeySet::Check).
base::Result<json::object> ReadSigned(std::string_view text,
                                      const KeySet& keys,
                                      std::string_view what);

base::Status CheckIssuer(const json::object& claims,
                         const std::string& issuer,
                         std::string_view what);
// We are one of those that it is for.
base::Status CheckAudience(const json::object& claims,
                           const std::string& client_id,
                           std::string_view what);
// `iat`, and `exp` and `nbf` where there are any.
base::Status CheckTimes(const json::object& claims,
                        base::Duration skew,
                        base::Time now,
                        std::string_view what);

// A text, or a list of texts; other members of a list are left out.
std::vector<std::string> TextsIn(const json::value* value);
// By its whole name first: names of claims may be URLs, with dots in them. Null: it is not there.
const json::value* ClaimOf(const json::object& claims, std::string_view name);
// Of a subject, a session or a token; "" where it is none, or too long to be kept.
std::string IdIn(const json::object& claims, std::string_view name);

}  // namespace oidc
