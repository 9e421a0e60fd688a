#pragma once

// An ID token (OpenID Connect Core, section 2): whether it is the provider's, for us, for this
// login and of now (3.1.3.7), and what it says of the person. Pure.
//
// Not here: how it is had (api/identity_provider.h), what the person may do (rights.h).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "oidc/jws.h"
#include "oidc/settings.h"

namespace oidc {

struct Person {
  std::string issuer, subject;  // both together are the person; no other text is
  std::string name;             // of a user here; it may have any form
  std::vector<std::string> groups;
};

// How old a token may be, beside the skew of clocks: we get it right after it was made.
inline constexpr base::Duration kTokenAge = base::minutes(10);

// kPermission, with the check that failed; kNotFound where the key is not known (KeySet::Check).
base::Result<Person> CheckIdToken(std::string_view text,
                                  const KeySet& keys,
                                  const Settings& settings,
                                  std::string_view nonce,
                                  base::Time now);

}  // namespace oidc
