#pragma once

// What AWS's conventions say of this process: the environment and the profile in force, read once.
// Pure apart from Load, which reads the two files.
//
// Facts: botocore's configprovider and session. AWS_REGION is read as well, as every other SDK and
// Lambda do. A profile that is named and does not exist is an error, never silently the default.

#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "aws/profiles.h"
#include "base/result.h"
#include "http/client.h"

namespace aws {

class Config {
 public:
  // `profile`: named outright ("" for AWS_DEFAULT_PROFILE, AWS_PROFILE, "default").
  static base::Result<Config> Load(Environment environment, const std::string& profile);
  static base::Result<Config> Make(Environment environment,
                                   Profiles profiles,
                                   const std::string& profile);

  const Environment& environment() const { return environment_; }
  const Profiles& profiles() const { return profiles_; }
  const std::string& profile() const { return profile_; }
  // Then the environment's keys are left aside.
  bool profile_is_explicit() const { return explicit_; }

  // A key of the profile in force; empty is the same as missing.
  std::optional<std::string> InProfile(const std::string& key) const;
  // The variable, else the profile's key.
  std::optional<std::string> Either(const std::string& variable, const std::string& key) const;
  // True for "true" in any case, as in botocore.
  bool Flag(const std::string& variable, const std::string& key) const;

  // AWS_CA_BUNDLE or ca_bundle, HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either case.
  base::Result<http::ClientOptions> ForHttp() const;

 private:
  Environment environment_;
  Profiles profiles_;
  std::string profile_ = "default";
  bool explicit_ = false;
};

}  // namespace aws
