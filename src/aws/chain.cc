#include "aws/chain.h"

#include <utility>

#include "aws/metadata_providers.h"
#include "aws/process_provider.h"
#include "aws/role_providers.h"
#include "aws/sso_provider.h"
#include "aws/static_providers.h"
#include "base/log.h"
#include "base/text.h"

namespace aws {
namespace {

using base::ErrorCode;
using Providers = std::vector<std::unique_ptr<Provider>>;

class FirstOf : public Provider {
 public:
  explicit FirstOf(Providers providers) : providers_(std::move(providers)) {}
  std::string_view name() const override { return winner_ ? winner_->name() : "search"; }
  void Load(OnFound done) override {
    if (winner_ != nullptr)
      winner_->Load(std::move(done));
    else
      Ask(0, "", std::move(done));
  }

 private:
  void Ask(size_t index, std::string said, OnFound done) {
    if (index == providers_.size()) {
      done(base::Fail(ErrorCode::kNotFound, std::move(said)));
      return;
    }
    Provider& provider = *providers_[index];
    provider.Load([this, index, &provider, said = std::move(said), done = std::move(done)](
                      base::Result<Found> result) mutable {
      if (result)
        winner_ = &provider;
      if (result || result.error().code != ErrorCode::kNotFound) {
        done(std::move(result));
        return;
      }
      said += base::Cat(said.empty() ? "" : "; ", provider.name(), ": ", result.error().message);
      Ask(index + 1, std::move(said), std::move(done));
    });
  }

  const Providers providers_;
  Provider* winner_ = nullptr;
};

// A console login (`aws login`) is renewed with a key of its own by AWS's tools alone.
class LoginProvider : public Provider {
 public:
  LoginProvider(const Context& context, std::string profile)
      : context_(context), profile_(std::move(profile)) {}
  std::string_view name() const override { return "login"; }
  void Load(OnFound done) override {
    const bool used =
        TextOf(context_.config.profiles().merged(), profile_, "login_session").has_value();
    done(used ? base::Fail(ErrorCode::kPermission,
                           base::Cat("profile ",
                                     profile_,
                                     ": login_session (`aws login`) is not supported: name a role, "
                                     "SSO or credential_process"))
              : base::Fail(ErrorCode::kNotFound,
                           base::Cat("profile ", profile_, " has no login_session")));
  }

 private:
  const Context context_;
  const std::string profile_;
};

void AddProfileProviders(const Context& context,
                         const std::string& profile,
                         WebIdentityFrom web_identity,
                         Providers& out) {
  out.push_back(MakeWebIdentityProvider(context, profile, web_identity));
  out.push_back(MakeSsoProvider(context, profile));
  out.push_back(MakeCredentialsFileProvider(context, profile));
  out.push_back(std::make_unique<LoginProvider>(context, profile));
  out.push_back(MakeProcessProvider(context, profile));
  out.push_back(MakeConfigFileProvider(context, profile));
}

}  // namespace

std::unique_ptr<Provider> MakeFirstOf(Providers providers) {
  return std::make_unique<FirstOf>(std::move(providers));
}

std::unique_ptr<Provider> MakeProfileProviders(const Context& context, const std::string& profile) {
  Providers providers;
  AddProfileProviders(context, profile, WebIdentityFrom::kProfile, providers);
  return MakeFirstOf(std::move(providers));
}

std::unique_ptr<Provider> MakeDefaultProviders(const Context& context) {
  const std::string& profile = context.config.profile();
  const bool explicit_profile = context.config.profile_is_explicit();
  Providers providers;
  if (!explicit_profile)
    providers.push_back(MakeEnvironmentProvider(context));
  providers.push_back(MakeAssumeRoleProvider(context, profile));
  AddProfileProviders(
      context,
      profile,
      explicit_profile ? WebIdentityFrom::kProfile : WebIdentityFrom::kEnvironmentAndProfile,
      providers);
  providers.push_back(MakeContainerProvider(context));
  providers.push_back(MakeInstanceProvider(context));
  return MakeFirstOf(std::move(providers));
}

void CredentialChain::Get(OnKeys done) {
  constexpr base::Duration kAdvisory = base::minutes(15);
  constexpr base::Duration kMandatory = base::minutes(10);
  if (found_ && !found_->expires) {
    done(found_->keys);
    return;
  }
  const base::Time now = clock_.Now();
  const base::Duration left = found_ ? *found_->expires - now : base::Duration(0);
  if (left > kAdvisory) {
    done(found_->keys);
    return;
  }
  const bool held_off = now < not_before_;
  if (left > kMandatory || (left > base::Duration(0) && held_off)) {
    const wire::Credentials keys = found_->keys;
    if (!held_off)
      Renew();
    done(keys);
    return;
  }
  waiting_.push_back(std::move(done));
  Renew();
}

void CredentialChain::Renew() {
  if (std::exchange(renewing_, true))
    return;
  provider_->Load([this](base::Result<Found> result) { OnRenewed(std::move(result)); });
}

void CredentialChain::OnRenewed(base::Result<Found> result) {
  // A renewal that fails, or gives keys that are about to expire again, is not repeated for each
  // call.
  constexpr base::Duration kPause = base::minutes(1);
  renewing_ = false;
  const base::Time now = clock_.Now();
  not_before_ = now + kPause;
  if (result && result->expires && *result->expires <= now) {
    result = base::Fail(ErrorCode::kPermission,
                        base::Cat("the keys from ",
                                  result->source,
                                  " expired at ",
                                  base::FormatRfc3339(*result->expires)));
  }
  if (!result && result.error().code == ErrorCode::kNotFound) {
    result = base::Fail(ErrorCode::kPermission,
                        base::Cat("no AWS credentials: set AWS_ACCESS_KEY_ID and "
                                  "AWS_SECRET_ACCESS_KEY, or name a profile with keys, a role or "
                                  "SSO; tried ",
                                  result.error().message));
  } else if (!result) {
    result =
        base::Fail(result.error().code, base::Cat("no AWS credentials: ", result.error().message));
  }
  if (result) {
    found_ = *std::move(result);
    base::HideInLog("AWS secret key", found_->keys.secret_key);
    base::HideInLog("AWS session token", found_->keys.session_token);
  } else if (found_ && *found_->expires > now) {
    base::LogWarning(
        "aws_credentials_not_renewed",
        {{"message", result.error().message}, {"expires", base::FormatRfc3339(*found_->expires)}});
    result = *found_;
  }
  const base::Result<wire::Credentials> answer =
      result ? base::Result<wire::Credentials>(found_->keys) : base::Fail(result.error());
  for (const OnKeys& done : std::exchange(waiting_, {}))
    done(answer);
}

}  // namespace aws
