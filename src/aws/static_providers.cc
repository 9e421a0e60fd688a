#include "aws/static_providers.h"

#include <utility>

#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

class EnvironmentProvider : public Provider {
 public:
  explicit EnvironmentProvider(const Context& context)
      : environment_(context.config.environment()) {}
  std::string_view name() const override { return "env"; }
  void Load(OnFound done) override { done(Read()); }

 private:
  base::Result<Found> Read() const {
    auto access_key = environment_("AWS_ACCESS_KEY_ID");
    auto secret_key = environment_("AWS_SECRET_ACCESS_KEY");
    if (!access_key) {
      return base::Fail(ErrorCode::kNotFound,
                        secret_key ? "AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not"
                                   : "AWS_ACCESS_KEY_ID is not set");
    }
    if (!secret_key) {
      return base::Fail(ErrorCode::kPermission,
                        "half of the AWS credentials: AWS_ACCESS_KEY_ID is set, "
                        "AWS_SECRET_ACCESS_KEY is not");
    }
    Found found{.keys = {.access_key = *access_key, .secret_key = *secret_key, .session_token = {}},
                .expires = {},
                .source = std::string(name()),
                .detail = ""};
    // The first is the old name; botocore asks for it first too.
    for (const char* token : {"AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"}) {
      if (found.keys.session_token.empty())
        found.keys.session_token = environment_(token).value_or("");
    }
    if (auto expires = environment_("AWS_CREDENTIAL_EXPIRATION")) {
      auto time = base::ParseTime(*expires);
      if (!time)
        return base::Fail(ErrorCode::kPermission,
                          "AWS_CREDENTIAL_EXPIRATION: " + time.error().message);
      found.expires = *time;
    }
    return found;
  }

  const Environment environment_;
};

enum class File { kCredentials, kConfig };

class FileProvider : public Provider {
 public:
  FileProvider(const Context& context, File file, std::string profile)
      : profiles_(context.config.profiles()), file_(file), profile_(std::move(profile)) {}
  std::string_view name() const override {
    return file_ == File::kCredentials ? "shared-credentials-file" : "config-file";
  }
  void Load(OnFound done) override { done(Read()); }

 private:
  base::Result<Found> Read() const {
    const bool credentials = file_ == File::kCredentials;
    const auto& sections = credentials ? profiles_.credentials_file() : profiles_.config_file();
    const std::string where =
        base::Cat("profile ",
                  profile_,
                  " in ",
                  credentials ? profiles_.credentials_path() : profiles_.config_path());
    auto get = [&](const char* key) { return TextOf(sections, profile_, key); };
    if (!sections.contains(profile_))
      return base::Fail(ErrorCode::kNotFound, base::Cat("there is no ", where));
    auto access_key = get("aws_access_key_id");
    if (!access_key)
      return base::Fail(ErrorCode::kNotFound, base::Cat(where, " has no aws_access_key_id"));
    auto secret_key = get("aws_secret_access_key");
    if (!secret_key)
      return base::Fail(ErrorCode::kPermission, base::Cat(where, " has no aws_secret_access_key"));
    auto token = get("aws_security_token");
    return Found{.keys = {.access_key = *access_key,
                          .secret_key = *secret_key,
                          .session_token = token ? *token : get("aws_session_token").value_or("")},
                 .expires = {},
                 .source = std::string(name()),
                 .detail = where};
  }

  const Profiles& profiles_;
  const File file_;
  const std::string profile_;
};

}  // namespace

std::unique_ptr<Provider> MakeEnvironmentProvider(const Context& context) {
  return std::make_unique<EnvironmentProvider>(context);
}
std::unique_ptr<Provider> MakeCredentialsFileProvider(const Context& context, std::string profile) {
  return std::make_unique<FileProvider>(context, File::kCredentials, std::move(profile));
}
std::unique_ptr<Provider> MakeConfigFileProvider(const Context& context, std::string profile) {
  return std::make_unique<FileProvider>(context, File::kConfig, std::move(profile));
}

}  // namespace aws
