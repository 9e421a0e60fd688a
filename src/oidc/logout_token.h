#pragma once

// A logout token (OpenID Connect Back-Channel Logout 1.0, 2.4): the provider's word that somebody
// has logged out there. Whether it is the provider's, for us and of now, and whom it means (2.6).
// Pure.
//
// Not here: whether it was used before, and the sessions that end (api/sso_logout.cc).

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "oidc/jws.h"
#include "oidc/settings.h"

namespace oidc {

// One of the first two may be "", not both.
struct LogoutToken {
  std::string subject, session;
  std::string id;  // jti

  // Whether this session of this person ends. One whose id at the provider is not known ("") ends
  // with any session of its person.
  bool Means(std::string_view its_subject, std::string_view its_session) const;
};

// As CheckIdToken.
base::Result<LogoutToken> CheckLogoutToken(std::string_view text,
                                           const KeySet& keys,
                                           const Settings& settings,
                                           base::Time now);

}  // namespace oidc
