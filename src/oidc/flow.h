#pragma once

// One login between its two halves, which the browser keeps for us: sealed, so that it can neither
// read nor change it, and for ten minutes. Pure, but for the random bits of a new one.

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/result.h"
#include "base/time.h"

namespace oidc {

inline constexpr base::Duration kFlowLife = base::minutes(10);

struct Flow {
  std::string state;         // the provider gives it back: its answer belongs to this browser
  std::string nonce;         // in the ID token: the token belongs to this login
  std::string verifier;      // of PKCE (RFC 7636): the code belongs to us
  std::string redirect_url;  // where the provider sent the browser back to
  std::string next;          // a path of ours to go to at the end; "" for none
  // Of a terminal that waits for a code of ours (PKCE again, between it and us); "": the browser
  // itself is to be logged in.
  std::string terminal;
  base::Time expires_at;
};

// Where the browser goes at the end: a path, or back to a terminal.
struct Destination {
  std::string next, terminal;
};
Flow BeginFlow(std::string redirect_url, Destination to, base::Time now);
std::string SealFlow(const base::SealKey& key, const Flow& flow);
// kInvalidArgument where it is none of ours, or too old.
base::Result<Flow> OpenFlow(const base::SealKey& key, std::string_view sealed, base::Time now);

// PKCE's S256.
std::string ChallengeOf(std::string_view verifier);
bool IsChallenge(std::string_view text);

// Whether a browser that is sent there stays with us: one slash, and then no character that any
// browser reads as another.
bool IsLocalPath(std::string_view path);

}  // namespace oidc
