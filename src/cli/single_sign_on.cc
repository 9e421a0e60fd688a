#include "cli/single_sign_on.h"

#include <utility>

#include "aws/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "runtime/secret_references.h"

namespace cli {

Outcome<std::unique_ptr<api::IdentityProvider>> MakeIdentityProvider(
    const oidc::Settings& settings,
    const std::string& project,
    const runtime::Environment& environment,
    http::Loop& loop) {
  if (!settings.is_on())
    return nullptr;
  runtime::SecretReferences references(project, environment, nullptr);
  auto secret = references.Read({settings.client_secret});
  if (!secret)
    return Fail(Exit::kEnvironment,
                base::Cat("server.oidc.client_secret: ", secret.error().message));
  if (!secret->empty())
    base::HideInLog("oidc_client_secret", *secret);
  auto config = aws::Config::Make(runtime::ForAws(environment), {}, "");
  auto client = config ? config->ForHttp() : base::Fail(config.error());
  if (!client)
    return FailEnvironment(client.error());
  // AWS's certificates are for AWS's endpoints.
  client->ca_file = references.PathOf(settings.ca_file);
  return std::make_unique<api::IdentityProvider>(
      loop, *client, settings, *std::move(secret), [] { return base::Clock::Wall(); });
}

}  // namespace cli
