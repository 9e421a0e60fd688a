#include "aws/sso_provider.h"

#include <utility>

#include "aws/endpoint.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

struct SsoSettings {
  std::string role, account, region;
  std::string cache_name;  // what the cache file is named after
  std::string login;       // the command that renews an expired token
};

class SsoProvider : public Provider {
 public:
  SsoProvider(const Context& context, std::string profile)
      : context_(context), profile_(std::move(profile)) {}
  std::string_view name() const override { return "sso"; }
  void Load(OnFound done) override;

 private:
  base::Result<SsoSettings> Settings() const;
  base::Result<std::string> Token(const SsoSettings& settings) const;
  base::Result<Found> Read(const http::Response& response, const SsoSettings& settings) const;
  tl::unexpected<base::Error> Bad(std::string_view why) const {
    return base::Fail(ErrorCode::kPermission, base::Cat("profile ", profile_, ": ", why));
  }

  const Context context_;
  const std::string profile_;
};

base::Result<SsoSettings> SsoProvider::Settings() const {
  const Profiles& profiles = context_.config.profiles();
  auto in_profile = [&](const char* key) { return TextOf(profiles.merged(), profile_, key); };
  if (!in_profile("sso_role_name") && !in_profile("sso_account_id"))
    return base::Fail(ErrorCode::kNotFound,
                      base::Cat("profile ", profile_, " has no sso_role_name and sso_account_id"));
  const auto session = in_profile("sso_session");
  if (session && !profiles.sso_sessions().contains(*session))
    return Bad(base::Cat("there is no [sso-session ", *session, "] in ", profiles.config_path()));
  std::vector<std::string> missing;
  std::string differs;
  auto get = [&](const char* key) {
    auto value = in_profile(key);
    auto of_session = session ? TextOf(profiles.sso_sessions(), *session, key) : std::nullopt;
    if (value && of_session && *value != *of_session)
      differs = key;
    if (!value && !of_session)
      missing.emplace_back(key);
    return of_session ? *of_session : value.value_or("");
  };
  SsoSettings settings{.role = get("sso_role_name"),
                       .account = get("sso_account_id"),
                       .region = get("sso_region"),
                       .cache_name = get("sso_start_url"),
                       .login = "`aws sso login --profile " + profile_ + "`"};
  if (!missing.empty())
    return Bad("SSO also needs " + base::Join(missing, ", "));
  if (!differs.empty())
    return Bad(base::Cat(differs, " differs between it and [sso-session ", *session, "]"));
  if (session)
    settings.cache_name = *session;
  return settings;
}

base::Result<std::string> SsoProvider::Token(const SsoSettings& settings) const {
  const std::string path =
      ExpandHome(context_.config.environment(),
                 base::Cat("~/.aws/sso/cache/", base::Sha1Hex(settings.cache_name), ".json"));
  auto text = ReadSmallFile(path);
  if (!text)
    return Bad(
        base::Cat("there is no SSO token (", text.error().message, "): run ", settings.login));
  auto parsed = base::ParseJson(*text);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  const std::string token = object ? base::GetString(*object, "accessToken") : "";
  const auto expires = base::ParseTime(
      base::ReplaceAll(object ? base::GetString(*object, "expiresAt") : "", "UTC", "Z"));
  if (token.empty() || !expires)
    return Bad(base::Cat("the SSO token in ", path, " is not readable: run ", settings.login));
  if (*expires <= context_.clock.Now())
    return Bad(base::Cat(
        "the SSO token expired at ", base::FormatRfc3339(*expires), ": run ", settings.login));
  return token;
}

void SsoProvider::Load(OnFound done) {
  auto settings = Settings();
  auto token =
      settings ? Token(*settings) : base::Result<std::string>(base::Fail(settings.error()));
  if (!token) {
    done(base::Fail(token.error()));
    return;
  }
  auto url = ResolveEndpoint(context_.config, kSsoPortal, settings->region);
  if (!url) {
    done(Bad(url.error().message));
    return;
  }
  const std::string path = url->path.ends_with('/') ? url->path : url->path + "/";
  http::Request request{.method = "GET",
                        .target = base::Cat(path,
                                            "federation/credentials?role_name=",
                                            http::PercentEncode(settings->role),
                                            "&account_id=",
                                            http::PercentEncode(settings->account)),
                        .headers = {},
                        .body = {}};
  request.headers.Set("x-amz-sso_bearer_token", *token);
  context_.outside.Start(
      {.url = *url,
       .make = [request] { return request; },
       .timeout = base::seconds(10),
       .tries = 3,
       .pause = base::milliseconds(500),
       .again = IsServersTrouble,
       .again_without_reply = true},
      [this, settings = *settings, done = std::move(done)](
          tl::expected<http::Response, http::ClientError> result) {
        if (result)
          done(Read(*result, settings));
        else
          done(base::Fail(ErrorCode::kUnavailable,
                          "the SSO portal was not reached: " + result.error().error.message));
      });
}

base::Result<Found> SsoProvider::Read(const http::Response& response,
                                      const SsoSettings& settings) const {
  auto parsed = base::ParseJson(response.body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (response.status == 401)
    return Bad("the SSO portal does not accept the token: run " + settings.login);
  if (response.status != 200 || object == nullptr) {
    return Bad(base::Cat("the SSO portal refuses keys of ",
                         settings.role,
                         " in account ",
                         settings.account,
                         ": HTTP ",
                         response.status,
                         " ",
                         object ? base::GetString(*object, "message") : ""));
  }
  const json::object& keys = base::GetObject(*object, "roleCredentials");
  const int64_t milliseconds = base::GetInt(keys, "expiration");
  Found found{.keys = {.access_key = base::GetString(keys, "accessKeyId"),
                       .secret_key = base::GetString(keys, "secretAccessKey"),
                       .session_token = base::GetString(keys, "sessionToken")},
              .expires = base::FromMicros(milliseconds * 1000),
              .source = std::string(name()),
              .detail = base::Cat(
                  "profile ", profile_, ": ", settings.role, " in account ", settings.account)};
  if (found.keys.access_key.empty() || found.keys.secret_key.empty() || milliseconds <= 0)
    return Bad("the SSO portal's reply holds no keys");
  return found;
}

}  // namespace

std::unique_ptr<Provider> MakeSsoProvider(const Context& context, std::string profile) {
  return std::make_unique<SsoProvider>(context, std::move(profile));
}

}  // namespace aws
