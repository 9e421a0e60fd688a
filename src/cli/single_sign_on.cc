#include "cli/single_sign_on.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "aws/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

namespace cli {

namespace {

std::string InProject(const std::string& project, std::string_view file) {
  return (std::filesystem::path(project) / file).lexically_normal().string();
}

Outcome<std::string> ReadSecret(const std::string& reference,
                                const std::string& project,
                                const runtime::Environment& environment) {
  if (reference.empty())
    return "";
  const std::string name = reference.substr(reference.find(':') + 1);
  std::string secret;
  if (reference.starts_with("env:")) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty())
      return Fail(Exit::kEnvironment,
                  base::Cat("server.oidc.client_secret is in the environment variable ",
                            name,
                            ", which is not set"));
    secret = found->second;
  } else {
    const std::string path = InProject(project, name);
    std::ifstream in(path, std::ios::binary);
    secret.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    secret = base::Trim(secret);
    if (!in.is_open() || secret.empty())
      return Fail(Exit::kEnvironment,
                  base::Cat("server.oidc.client_secret is in the file ",
                            path,
                            ", which cannot be read or is empty"));
  }
  base::HideInLog("oidc_client_secret", secret);
  return secret;
}

}  // namespace

Outcome<std::unique_ptr<api::IdentityProvider>> MakeIdentityProvider(
    const oidc::Settings& settings,
    const std::string& project,
    const runtime::Environment& environment,
    http::Loop& loop) {
  if (!settings.is_on())
    return nullptr;
  auto secret = ReadSecret(settings.client_secret, project, environment);
  if (!secret)
    return tl::unexpected(secret.error());
  auto config = aws::Config::Make(runtime::ForAws(environment), {}, "");
  auto client = config ? config->ForHttp() : base::Fail(config.error());
  if (!client)
    return FailEnvironment(client.error());
  // AWS's certificates are for AWS's endpoints.
  client->ca_file = settings.ca_file.empty() ? "" : InProject(project, settings.ca_file);
  return std::make_unique<api::IdentityProvider>(
      loop, *client, settings, *std::move(secret), [] { return base::Clock::Wall(); });
}

}  // namespace cli
