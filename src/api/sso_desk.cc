#include "api/sso_desk.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace api {

namespace {

// A state is worth nothing without a code, which the provider takes once: so the oldest may go.
constexpr size_t kMostUsed = 10'000;
constexpr size_t kMostTokens = 500, kTokenKept = 16 << 10;

base::SealKey DrawKey() {
  base::SealKey key;
  std::ranges::copy(base::RandomBytes(key.size()), key.begin());
  return key;
}

}  // namespace

SsoDesk::SsoDesk(IdentityProvider* provider) : provider_(provider), key_(DrawKey()) {}

bool SsoDesk::UseState(const std::string& state) {
  if (!used_.insert(state).second)
    return false;
  used_order_.push_back(state);
  if (used_order_.size() > kMostUsed) {
    used_.erase(used_order_.front());
    used_order_.pop_front();
  }
  return true;
}

void SsoDesk::KeepToken(const std::string& session, std::string id_token) {
  if (id_token.size() > kTokenKept)
    return;
  tokens_[session] = std::move(id_token);
  token_order_.push_back(session);
  if (token_order_.size() > kMostTokens) {
    tokens_.erase(token_order_.front());
    token_order_.pop_front();
  }
}

std::string SsoDesk::TakeToken(const std::string& session) {
  auto found = tokens_.extract(session);
  return found.empty() ? "" : std::move(found.mapped());
}

}  // namespace api
