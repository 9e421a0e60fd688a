#include "runtime/environment.h"

#include <string_view>
#include <unistd.h>

#include "base/text.h"

namespace runtime {

namespace {

constexpr char kTimeoutName[] = "SIGNALBOX_HTTP_TIMEOUT";

// Unset and empty are the same.
std::optional<std::string> Get(const Environment& environment, const std::string& name) {
  auto found = environment.find(name);
  if (found == environment.end() || found->second.empty())
    return std::nullopt;
  return found->second;
}

}  // namespace

Environment ReadEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

aws::Environment ForAws(const Environment& environment) {
  return [environment](const std::string& name) { return Get(environment, name); };
}

dagfile::Environment Overrides(const Environment& environment) {
  dagfile::Environment overrides;
  for (const auto& [name, value] : environment) {
    if (name.starts_with("SIGNALBOX__"))
      overrides.emplace(name, value);
  }
  return overrides;
}

std::string ZoneDirectory(const Environment& environment) {
  return Get(environment, "TZDIR").value_or("/usr/share/zoneinfo");
}

base::Result<base::Duration> HttpTimeout(const Environment& environment) {
  std::optional<std::string> text = Get(environment, kTimeoutName);
  if (!text)
    return base::seconds(10);
  auto timeout = base::ParseDuration(*text);
  if (!timeout || *timeout <= base::Duration(0))
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat(kTimeoutName, "='", *text, "' is not a positive time such as 5s"));
  return *timeout;
}

base::Result<std::string> WebhookToken(const Environment& environment,
                                       const dagfile::Sources& sources) {
  constexpr size_t kLeast = 16;
  const std::string& name = sources.webhook_token_env;
  if (name.empty())
    return std::string();
  std::string token = Get(environment, name).value_or("");
  if (token.size() < kLeast)
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("sources.webhook.token_env names ",
                                name,
                                token.empty() ? ", which is not set" : ", which is too short",
                                ": set it to the token that EventBridge is to send, at least ",
                                kLeast,
                                " characters"));
  return token;
}

}  // namespace runtime
