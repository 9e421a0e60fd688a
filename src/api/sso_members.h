#pragma once

// Users of single sign-on. A person is their issuer and subject. Their user is made at their first
// login under the name that the provider tells, and found again by those two, whatever the name is
// by then. A user who was there before is never taken over.
//
// Not here: how a person is known (sso.cc), and how their sessions end at the provider's word
// (sso_logout.cc).
//
// Thread rule: the loop thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/exchange.h"
#include "api/identity_provider.h"
#include "api/new_session.h"
#include "api/resources.h"

namespace api {

inline constexpr char kNoSso[] =
    "single sign-on is not set up here: log in with a user's name and a password, or set "
    "server.oidc in signalbox.yaml";

struct Admitted {
  accounts::User user;
  int64_t revision = 0;  // of the record; 0: there is none yet
};

// The user as this login leaves them; kPermission where they are not let in.
base::Result<Admitted> Admit(Context& context,
                             const Exchange& exchange,
                             const oidc::Person& person);

struct MemberSession {
  accounts::Session session;
  std::string secret;
  accounts::Role role = accounts::Role::kViewer;
};
// Admits them, and begins a session. Errors are those of Admit, or kInternal: it is not stored.
void BeginMemberSession(Context& context,
                        const SharedExchange& exchange,
                        const IdentityProvider::Login& login,
                        accounts::Session::Kind kind,
                        std::function<void(base::Result<MemberSession>)> done);

// For the audit.
void NoteRefusedLogin(Context& context,
                      const Exchange& exchange,
                      std::string_view who,  // "" where nobody knows
                      std::string_view why);
// Why the peer has to wait before the next one; nothing where it need not.
std::optional<std::string> TooManyRefused(Context& context, const Exchange& exchange);

}  // namespace api
