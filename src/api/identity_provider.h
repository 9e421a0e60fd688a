#pragma once

// The provider of single sign-on, as we ask it: what it says of itself and its keys, both kept for
// an hour, the ID token for a code, and what that token does not say of the person. Nothing is
// asked before somebody logs in, or the provider says that somebody has logged out; each request
// has its time-out, each answer a bound, and no request is repeated.
//
// Not here: what browsers are told (sso.h), whether a token is right (oidc/id_token.h).
//
// Thread rule: the loop thread. Answers come there, or from inside the call; destroyed, it drops
// them without a word.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/client.h"
#include "http/loop.h"
#include "oidc/id_token.h"
#include "oidc/logout_token.h"
#include "oidc/metadata.h"

namespace api {

class IdentityProvider {
 public:
  // `wall_now`: the time that tokens are judged by.
  IdentityProvider(http::Loop& loop,
                   const http::ClientOptions& client,
                   oidc::Settings settings,
                   std::string client_secret,
                   std::function<base::Time()> wall_now);

  const oidc::Settings& settings() const { return settings_; }
  base::Time WallNow() const { return wall_now_(); }

  // kUnavailable: it cannot be reached, or answers what cannot be used.
  using Metadata = std::shared_ptr<const oidc::Metadata>;
  void Describe(std::function<void(base::Result<Metadata>)> done);
  // What it said of itself last; null where it was never asked.
  Metadata known() const { return metadata_.value; }

  struct Asked {
    std::string code, verifier, redirect_url, nonce;
  };
  struct Login {
    oidc::Person person;
    std::string id_token;
  };
  // As above; kPermission: the provider refuses the code, or its token is not right. kThrottled:
  // too many are asked for.
  void Redeem(Asked asked, std::function<void(base::Result<Login>)> done);
  // Of a token that anybody may have sent us. Errors as above.
  void CheckLogout(std::string token, std::function<void(base::Result<oidc::LogoutToken>)> done);

 private:
  using Keys = std::shared_ptr<const oidc::KeySet>;
  template <typename T>
  struct Kept {
    std::shared_ptr<const T> value;
    base::Duration at{};  // when it was asked for
    std::vector<std::function<void(base::Result<std::shared_ptr<const T>>)>> waiting;
  };
  enum class Freshness { kKept, kAskAgain };
  // Anybody may send logout tokens: they have a budget of their own, so that logins keep theirs.
  struct Budget {
    size_t under_way = 0;
    std::vector<base::Duration> asked_again;  // when keys were asked for because of a new one
  };
  struct Tokens {
    std::string id, access;
  };

  template <typename T>
  void Get(Kept<T>& kept,
           Freshness freshness,
           const std::string& url,
           std::function<base::Result<T>(const std::string&)> read,
           std::function<void(base::Result<std::shared_ptr<const T>>)> done);
  void GetKeys(Freshness freshness,
               const std::string& url,
               std::function<void(base::Result<Keys>)> done);
  // Only so often, whatever tokens say.
  static bool MayAskAgain(Budget& budget);
  void AskForTokens(const Metadata& metadata,
                    const Asked& asked,
                    std::function<void(base::Result<Tokens>)> done);
  // `check` by the keys that are kept, and once more by new ones if it misses a key.
  template <typename T>
  void Judge(const std::string& keys_url,
             Budget& budget,
             Freshness freshness,
             std::function<base::Result<T>(const oidc::KeySet&)> check,
             std::function<void(base::Result<T>)> done);
  // What the ID token did not say, if the provider tells it elsewhere.
  void Complete(const Metadata& metadata,
                const std::string& access_token,
                oidc::Person person,
                std::function<void(base::Result<oidc::Person>)> done);
  void Send(const std::string& url,
            http::Request request,
            std::function<void(base::Result<http::Response>)> done);

  const oidc::Settings settings_;
  const std::string client_secret_;
  const std::function<base::Time()> wall_now_;
  Kept<oidc::Metadata> metadata_;
  Kept<oidc::KeySet> keys_;
  Budget logins_, logouts_;
  http::Client client_;  // last: its calls end before the rest goes
};

}  // namespace api
