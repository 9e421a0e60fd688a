#pragma once

// What logins by single sign-on need between two requests: the key that seals their first halves,
// which of them are used up, logins whose terminal has not asked for its token yet, logout tokens
// that were taken, and ID tokens for a logout at the provider. All of it is of this process alone,
// and bounded: after a restart, who was half-way begins again.
//
// Thread rule: the loop thread.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "api/identity_provider.h"
#include "base/crypto.h"
#include "base/time.h"

namespace api {

// Texts that are good once. The oldest are forgotten.
class UsedOnes {
 public:
  // False where it was used before.
  bool Use(const std::string& text);
  bool Has(const std::string& text) const { return used_.contains(text); }

 private:
  std::set<std::string> used_;
  std::deque<std::string> order_;
};

class SsoDesk {
 public:
  // Null: there is no single sign-on. It must outlive this.
  explicit SsoDesk(IdentityProvider* provider);

  IdentityProvider* provider() const { return provider_; }
  const base::SealKey& key() const { return key_; }

  // A state is worth nothing without a code, which the provider takes once: so it may be forgotten.
  UsedOnes& states() { return states_; }
  // By their `jti`. One that is forgotten, or is from before a restart, is too old ten minutes
  // later.
  UsedOnes& logouts() { return logouts_; }

  // The code that a person takes from the browser to the terminal: for five minutes, once.
  struct ForTerminal {
    IdentityProvider::Login login;
    std::string challenge;  // the terminal has its verifier
    base::Time until;
  };
  std::string KeepForTerminal(IdentityProvider::Login login, std::string challenge, base::Time now);
  // Nothing where there is no such code (any more).
  std::optional<ForTerminal> TakeForTerminal(const std::string& code, base::Time now);
  // Of those whom the token means.
  void ForgetForTerminals(const oidc::LogoutToken& token);

  // A provider that gets its token back asks nobody whether they mean it. "" where it is gone.
  void KeepToken(const std::string& session, std::string id_token);
  std::string TakeToken(const std::string& session);

 private:
  IdentityProvider* const provider_;
  const base::SealKey key_;
  UsedOnes states_, logouts_;
  std::map<std::string, ForTerminal> for_terminals_;  // by code
  std::map<std::string, std::string> tokens_;
  std::deque<std::string> token_order_;  // of sessions; some of them may be gone from `tokens_`
};

}  // namespace api
