#pragma once

// The provider of single sign-on, as we ask it: what it says of itself and its keys, both kept for
// an hour, and the ID token for a code. Nothing is asked before somebody logs in; each request has
// its time-out, each answer a bound, and no request is repeated.
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

 private:
  using Keys = std::shared_ptr<const oidc::KeySet>;
  template <typename T>
  struct Kept {
    std::shared_ptr<const T> value;
    base::Duration at{};  // when it was asked for
    std::vector<std::function<void(base::Result<std::shared_ptr<const T>>)>> waiting;
  };
  enum class Freshness { kKept, kAskAgain };

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
  bool MayAskAgain();
  void AskForToken(const Metadata& metadata,
                   const Asked& asked,
                   std::function<void(base::Result<std::string>)> done);
  void Judge(const Metadata& metadata,
             const Asked& asked,
             const std::string& token,
             Freshness freshness,
             std::function<void(base::Result<Login>)> done);
  void Send(const std::string& url,
            http::Request request,
            std::function<void(base::Result<http::Response>)> done);

  const oidc::Settings settings_;
  const std::string client_secret_;
  const std::function<base::Time()> wall_now_;
  Kept<oidc::Metadata> metadata_;
  Kept<oidc::KeySet> keys_;
  std::vector<base::Duration> asked_again_;  // when keys were asked for because of a new one
  size_t under_way_ = 0;
  http::Client client_;  // last: its calls end before the rest goes
};

}  // namespace api
