#include "api/sso_desk.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/hash.h"

namespace api {

namespace {

constexpr size_t kMostUsed = 10'000;
constexpr size_t kMostTokens = 500, kTokenKept = 16 << 10;
constexpr size_t kMostForTerminals = 100;
constexpr base::Duration kCodeLife = base::minutes(5);

base::SealKey DrawKey() {
  base::SealKey key;
  std::ranges::copy(base::RandomBytes(key.size()), key.begin());
  return key;
}

}  // namespace

SsoDesk::SsoDesk(IdentityProvider* provider) : provider_(provider), key_(DrawKey()) {}

bool UsedOnes::Use(const std::string& text) {
  if (!used_.insert(text).second)
    return false;
  order_.push_back(text);
  if (order_.size() > kMostUsed) {
    used_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

std::string SsoDesk::KeepForTerminal(IdentityProvider::Login login,
                                     std::string challenge,
                                     base::Time now) {
  std::erase_if(for_terminals_, [&](const auto& each) { return each.second.until <= now; });
  if (for_terminals_.size() >= kMostForTerminals)
    for_terminals_.erase(std::ranges::min_element(
        for_terminals_, {}, [](const auto& each) { return each.second.until; }));
  std::string code = base::ToBase64Url(base::RandomBytes(16));
  for_terminals_.emplace(code,
                         ForTerminal{std::move(login), std::move(challenge), now + kCodeLife});
  return code;
}

std::optional<SsoDesk::ForTerminal> SsoDesk::TakeForTerminal(const std::string& code,
                                                             base::Time now) {
  auto found = for_terminals_.extract(code);
  if (found.empty() || found.mapped().until <= now)
    return std::nullopt;
  return std::move(found.mapped());
}

void SsoDesk::ForgetForTerminals(const oidc::LogoutToken& token) {
  std::erase_if(for_terminals_, [&](const auto& each) {
    const oidc::Person& person = each.second.login.person;
    return token.Means(person.subject, person.session);
  });
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
