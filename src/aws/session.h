#pragma once

// All that a signed call needs, found once by AWS's conventions: region, endpoint, credentials,
// HTTP with the proxies and certificates that are configured, and the clock that signatures follow.
//
// Thread rule: the loop thread. An owner of calls that are under way is destroyed first, or drops
// them.

#include <memory>
#include <string>

#include "aws/chain.h"
#include "aws/context.h"
#include "aws/endpoint.h"
#include "http/client.h"
#include "http/loop.h"

namespace aws {

struct SessionOptions {
  Environment environment = ProcessEnvironment();
  std::string profile;  // "": AWS_PROFILE's, else "default"
  std::string region;   // "": the environment's, else the profile's
};

class Session {
 public:
  static base::Result<std::unique_ptr<Session>> Create(http::Loop& loop, SessionOptions options);
  // Calls under way are dropped.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Context& context() const { return context_; }
  CredentialChain& credentials() { return *credentials_; }
  // Runs the loop until there are keys: for programs that have not begun yet.
  base::Status AwaitCredentials();

 private:
  Session(http::Loop& loop, Config config, std::string region, http::ClientOptions http);

  const Config config_;
  http::Client outside_http_;
  http::Client direct_http_;
  SigningClock clock_;
  std::unique_ptr<Fetcher> outside_;
  std::unique_ptr<Fetcher> direct_;
  const Context context_;
  const std::unique_ptr<CredentialChain> credentials_;
};

}  // namespace aws
