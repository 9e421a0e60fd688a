#include "aws/config.h"

#include <utility>
#include <vector>

#include "base/text.h"

namespace aws {
namespace {

// Lower case goes first, as everywhere.
std::optional<std::string> InEitherCase(const Environment& environment, const std::string& name) {
  auto lower = environment(name);
  return lower ? lower : environment(base::ToUpper(name));
}

base::Result<std::optional<http::Proxy>> ReadProxy(const Environment& environment,
                                                   const std::string& name) {
  auto text = InEitherCase(environment, name);
  if (!text)
    return std::optional<http::Proxy>();
  auto proxy = http::ParseProxy(*text);
  if (!proxy)
    return base::Fail(proxy.error().code, base::Cat(name, ": ", proxy.error().message));
  return std::optional(*std::move(proxy));
}

}  // namespace

base::Result<Config> Config::Load(Environment environment, const std::string& profile) {
  ASSIGN_OR_RETURN(Profiles profiles, Profiles::Read(environment));
  return Make(std::move(environment), std::move(profiles), profile);
}

base::Result<Config> Config::Make(Environment environment,
                                  Profiles profiles,
                                  const std::string& profile) {
  Config config;
  config.explicit_ = !profile.empty();
  std::optional<std::string> named = profile.empty() ? std::nullopt : std::optional(profile);
  if (!named)
    named = environment("AWS_DEFAULT_PROFILE");
  if (!named)
    named = environment("AWS_PROFILE");
  if (named && !profiles.merged().contains(*named)) {
    std::vector<std::string> known;
    for (const auto& [name, section] : profiles.merged())
      known.push_back(name);
    return base::Fail(
        base::ErrorCode::kPermission,
        base::Cat("there is no profile '",
                  *named,
                  "' in ",
                  profiles.config_path(),
                  " or ",
                  profiles.credentials_path(),
                  known.empty() ? std::string(", where there are none")
                                : base::Cat("; there are: ", base::Join(known, ", "))));
  }
  config.profile_ = named.value_or("default");
  config.environment_ = std::move(environment);
  config.profiles_ = std::move(profiles);
  return config;
}

std::optional<std::string> Config::InProfile(const std::string& key) const {
  auto text = TextOf(profiles_.merged(), profile_, key);
  return text && text->empty() ? std::nullopt : text;
}

std::optional<std::string> Config::Either(const std::string& variable,
                                          const std::string& key) const {
  auto value = environment_(variable);
  return value ? value : InProfile(key);
}

bool Config::Flag(const std::string& variable, const std::string& key) const {
  return base::ToLower(Either(variable, key).value_or("")) == "true";
}

base::Result<http::ClientOptions> Config::ForHttp() const {
  http::ClientOptions options;
  options.ca_file = Either("AWS_CA_BUNDLE", "ca_bundle").value_or("");
  ASSIGN_OR_RETURN(options.proxies.for_http, ReadProxy(environment_, "http_proxy"));
  ASSIGN_OR_RETURN(options.proxies.for_https, ReadProxy(environment_, "https_proxy"));
  options.proxies.except = base::Split(InEitherCase(environment_, "no_proxy").value_or(""), ',');
  return options;
}

}  // namespace aws
