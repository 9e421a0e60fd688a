#include <algorithm>
#include <utility>

#include "aws/chain.h"
#include "aws/metadata_providers.h"
#include "aws/role_providers.h"
#include "aws/static_providers.h"
#include "aws/sts.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;

class AssumeRoleProvider : public Provider {
 public:
  AssumeRoleProvider(const Context& context, std::string profile, std::vector<std::string> visited)
      : context_(context),
        sts_(context),
        profile_(std::move(profile)),
        visited_(std::move(visited)) {
    visited_.push_back(profile_);
  }
  std::string_view name() const override { return "assume-role"; }
  void Load(OnFound done) override;

 private:
  std::optional<std::string> Get(const std::string& key) const {
    return TextOf(context_.config.profiles().merged(), profile_, key);
  }
  bool Has(const std::string& profile, const std::string& key) const {
    return TextOf(context_.config.profiles().merged(), profile, key).has_value();
  }
  bool HasKeys(const std::string& profile) const {
    return Has(profile, "aws_access_key_id") || Has(profile, "aws_secret_access_key");
  }
  // A mistake in the profile, never to be passed over.
  tl::unexpected<base::Error> Bad(std::string_view why) const {
    return base::Fail(ErrorCode::kPermission, base::Cat("profile ", profile_, ": ", why));
  }

  base::Status Prepare();
  base::Status PrepareSourceProfile(const std::string& source);
  base::Status PrepareCredentialSource(const std::string& source);
  base::Result<Sts::Parameters> Parameters() const;

  const Context context_;
  const Sts sts_;
  const std::string profile_;
  std::vector<std::string> visited_;
  std::unique_ptr<Provider> source_;
  std::string source_name_;  // "source_profile base"
};

base::Status AssumeRoleProvider::Prepare() {
  // A role with a web identity is the next provider's.
  if (!Get("role_arn") || Get("web_identity_token_file"))
    return base::Fail(ErrorCode::kNotFound, base::Cat("profile ", profile_, " has no role_arn"));
  if (Get("mfa_serial"))
    return Bad(
        "mfa_serial needs a person to type a code, which a scheduler does not have: use a "
        "role without it, or credential_process");
  if (source_)
    return {};
  const auto source_profile = Get("source_profile");
  const auto credential_source = Get("credential_source");
  if (source_profile && credential_source)
    return Bad("it has both source_profile and credential_source: keep one");
  if (source_profile)
    return PrepareSourceProfile(*source_profile);
  if (credential_source)
    return PrepareCredentialSource(*credential_source);
  return Bad("role_arn needs source_profile or credential_source beside it");
}

base::Status AssumeRoleProvider::PrepareSourceProfile(const std::string& source) {
  if (!context_.config.profiles().merged().contains(source))
    return Bad(base::Cat("its source_profile '", source, "' does not exist"));
  // A profile may name itself where its own keys take on its role.
  const bool itself = source == profile_ && HasKeys(source);
  if (std::ranges::find(visited_, source) != visited_.end() && !itself)
    return Bad(
        base::Cat("source_profile goes in a circle: ", base::Join(visited_, " → "), " → ", source));
  const bool is_role = Has(source, "role_arn") && !Has(source, "web_identity_token_file");
  source_ = HasKeys(source) || !is_role ? MakeProfileProviders(context_, source)
                                        : MakeAssumeRoleProvider(context_, source, visited_);
  source_name_ = "source_profile " + source;
  return {};
}

base::Status AssumeRoleProvider::PrepareCredentialSource(const std::string& source) {
  const std::string lower = base::ToLower(source);
  if (lower == "environment")
    source_ = MakeEnvironmentProvider(context_);
  else if (lower == "ecscontainer")
    source_ = MakeContainerProvider(context_);
  else if (lower == "ec2instancemetadata")
    source_ = MakeInstanceProvider(context_);
  else
    return Bad(base::Cat("credential_source '",
                         source,
                         "' is not Environment, EcsContainer or Ec2InstanceMetadata"));
  source_name_ = "credential_source " + source;
  return {};
}

base::Result<Sts::Parameters> AssumeRoleProvider::Parameters() const {
  Sts::Parameters parameters = {
      {"RoleArn", *Get("role_arn")},
      {"RoleSessionName",
       Get("role_session_name").value_or(DefaultSessionName(context_.clock.Now()))}};
  if (auto external_id = Get("external_id"))
    parameters.emplace_back("ExternalId", *external_id);
  if (auto duration = Get("duration_seconds")) {
    if (!base::ParseInt(*duration))
      return Bad("duration_seconds is not a whole number");
    parameters.emplace_back("DurationSeconds", *duration);
  }
  return parameters;
}

void AssumeRoleProvider::Load(OnFound done) {
  base::Status ready = Prepare();
  base::Result<Sts::Parameters> parameters =
      ready ? Parameters() : base::Result<Sts::Parameters>(base::Fail(ready.error()));
  if (!parameters) {
    done(base::Fail(parameters.error()));
    return;
  }
  source_->Load([this, parameters = *std::move(parameters), done = std::move(done)](
                    base::Result<Found> source) {
    if (!source) {
      done(Bad(base::Cat("its ", source_name_, " gave no keys: ", source.error().message)));
      return;
    }
    const std::string under = source->source == name() ? source->detail : source->source;
    sts_.Call(
        "AssumeRole", parameters, source->keys, [this, under, done](base::Result<FlatXml> reply) {
          auto found =
              reply ? KeysFromReply(*reply) : base::Result<Found>(base::Fail(reply.error()));
          if (!found) {
            done(base::Fail(found.error().code,
                            base::Cat("profile ", profile_, ": ", found.error().message)));
            return;
          }
          found->source = name();
          found->detail = base::Cat("profile ", profile_, " → ", source_name_, " (", under, ")");
          done(std::move(found));
        });
  });
}

}  // namespace

std::unique_ptr<Provider> MakeAssumeRoleProvider(const Context& context,
                                                 std::string profile,
                                                 std::vector<std::string> visited) {
  return std::make_unique<AssumeRoleProvider>(context, std::move(profile), std::move(visited));
}

}  // namespace aws
