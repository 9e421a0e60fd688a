#pragma once

// What logins by single sign-on need between two requests: the key that seals their first halves,
// which of them are used up, and ID tokens for a logout at the provider. All of it is of this
// process alone, and bounded: after a restart, who was half-way begins again.
//
// Thread rule: the loop thread.

#include <deque>
#include <map>
#include <set>
#include <string>

#include "api/identity_provider.h"
#include "base/crypto.h"

namespace api {

class SsoDesk {
 public:
  // Null: there is no single sign-on. It must outlive this.
  explicit SsoDesk(IdentityProvider* provider);

  IdentityProvider* provider() const { return provider_; }
  const base::SealKey& key() const { return key_; }

  // False where it was used before.
  bool UseState(const std::string& state);

  // A provider that gets its token back asks nobody whether they mean it. "" where it is gone.
  void KeepToken(const std::string& session, std::string id_token);
  std::string TakeToken(const std::string& session);

 private:
  IdentityProvider* const provider_;
  const base::SealKey key_;
  std::set<std::string> used_;
  std::deque<std::string> used_order_;
  std::map<std::string, std::string> tokens_;
  std::deque<std::string> token_order_;  // of sessions; some of them may be gone from `tokens_`
};

}  // namespace api
