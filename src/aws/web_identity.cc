#include <utility>

#include "aws/role_providers.h"
#include "aws/sts.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

class WebIdentityProvider : public Provider {
 public:
  WebIdentityProvider(const Context& context, std::string profile, WebIdentityFrom from)
      : context_(context), sts_(context), profile_(std::move(profile)), from_(from) {}
  std::string_view name() const override { return "assume-role-with-web-identity"; }
  void Load(OnFound done) override;

 private:
  std::optional<std::string> Get(const std::string& variable, const std::string& key) const {
    std::optional<std::string> value;
    if (from_ == WebIdentityFrom::kEnvironmentAndProfile)
      value = context_.config.environment()(variable);
    return value ? value : TextOf(context_.config.profiles().merged(), profile_, key);
  }
  base::Result<Sts::Parameters> Parameters() const;

  const Context context_;
  const Sts sts_;
  const std::string profile_;
  const WebIdentityFrom from_;
};

base::Result<Sts::Parameters> WebIdentityProvider::Parameters() const {
  auto path = Get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
  if (!path || path->empty())
    return base::Fail(
        ErrorCode::kNotFound,
        base::Cat(
            from_ == WebIdentityFrom::kProfile ? "" : "AWS_WEB_IDENTITY_TOKEN_FILE is not set, ",
            "profile ",
            profile_,
            " has no web_identity_token_file"));
  auto role = Get("AWS_ROLE_ARN", "role_arn");
  if (!role || role->empty())
    return base::Fail(ErrorCode::kPermission,
                      base::Cat("there is a web identity token, but no role: set AWS_ROLE_ARN or "
                                "role_arn of profile ",
                                profile_));
  auto token = ReadSmallFile(ExpandHome(context_.config.environment(), *path));
  if (!token)
    return base::Fail(ErrorCode::kPermission, "the web identity token: " + token.error().message);
  return Sts::Parameters{{"RoleArn", *role},
                         {"RoleSessionName",
                          Get("AWS_ROLE_SESSION_NAME", "role_session_name")
                              .value_or(DefaultSessionName(context_.clock.Now()))},
                         {"WebIdentityToken", std::string(base::Trim(*token))}};
}

void WebIdentityProvider::Load(OnFound done) {
  auto parameters = Parameters();
  if (!parameters) {
    done(base::Fail(parameters.error()));
    return;
  }
  const std::string role = parameters->front().second;
  sts_.Call("AssumeRoleWithWebIdentity",
            *std::move(parameters),
            std::nullopt,
            [this, role, done = std::move(done)](base::Result<FlatXml> reply) {
              auto found =
                  reply ? KeysFromReply(*reply) : base::Result<Found>(base::Fail(reply.error()));
              if (found) {
                found->source = name();
                found->detail = "role " + role;
              }
              done(std::move(found));
            });
}

}  // namespace

std::unique_ptr<Provider> MakeWebIdentityProvider(const Context& context,
                                                  std::string profile,
                                                  WebIdentityFrom from) {
  return std::make_unique<WebIdentityProvider>(context, std::move(profile), from);
}

}  // namespace aws
