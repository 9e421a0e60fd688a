#pragma once

// An ID token (OpenID Connect Core, section 2): whether it is the provider's, for us, for this
// login and of now (3.1.3.7), and what it says of the person. Pure.
//
// What the token does not say, the userinfo endpoint may (5.3).
//
// Not here: how they are had (api/identity_provider.h), what the person may do (rights.h).

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
  bool has_groups = false;  // it was said in which groups they are, if only that they are in none
  std::string session;      // at the provider (sid), for a logout there; "": it does not tell

  bool IsComplete() const { return has_groups && !name.empty(); }
};

// kPermission, with the check that failed; kNotFound where the key is not known (KeySet::Check).
base::Result<Person> CheckIdToken(std::string_view text,
                                  const KeySet& keys,
                                  const Settings& settings,
                                  std::string_view nonce,
                                  base::Time now);

// Completes what the ID token left out. kPermission: it is about somebody else, or no answer.
base::Status AddUserinfo(std::string_view text, const Settings& settings, Person& person);

}  // namespace oidc
