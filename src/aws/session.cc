#include "aws/session.h"

#include <optional>
#include <utility>

namespace aws {

base::Result<std::unique_ptr<Session>> Session::Create(http::Loop& loop, SessionOptions options) {
  ASSIGN_OR_RETURN(Config config, Config::Load(std::move(options.environment), options.profile));
  ASSIGN_OR_RETURN(std::string region, ResolveRegion(config, options.region));
  ASSIGN_OR_RETURN(http::ClientOptions http, config.ForHttp());
  return std::unique_ptr<Session>(
      new Session(loop, std::move(config), std::move(region), std::move(http)));
}

Session::Session(http::Loop& loop, Config config, std::string region, http::ClientOptions http)
    : config_(std::move(config)),
      outside_http_(loop, std::move(http)),
      direct_http_(loop),
      outside_(std::make_unique<Fetcher>(loop, outside_http_)),
      direct_(std::make_unique<Fetcher>(loop, direct_http_)),
      context_{config_, loop, *outside_, *direct_, clock_, std::move(region)},
      credentials_(std::make_unique<CredentialChain>(clock_, MakeDefaultProviders(context_))) {}

// A fetcher that is gone calls nobody back, so nothing reaches the providers any more.
Session::~Session() {
  outside_.reset();
  direct_.reset();
}

base::Status Session::AwaitCredentials() {
  std::optional<base::Status> result;
  bool running = false;  // a Stop() that nobody waits for would end the next Run()
  credentials_->Get([this, &result, &running](base::Result<wire::Credentials> keys) {
    result = keys ? base::Status() : base::Fail(keys.error());
    if (running)
      context_.loop.Stop();
  });
  running = true;
  while (!result)
    context_.loop.Run();
  return *result;
}

}  // namespace aws
