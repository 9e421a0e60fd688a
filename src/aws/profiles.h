#pragma once

// ~/.aws/config and ~/.aws/credentials as one: profiles, sso-sessions and services sections.
//
// Facts: botocore's configloader and session. Where a profile stands in both files, the credentials
// file's keys win; in it a section's name is the profile's, in the config file it is
// [profile name], or [default]. A file that is not there is empty.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "aws/ini.h"
#include "base/result.h"

namespace aws {

class Profiles {
 public:
  // AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say where they are.
  static base::Result<Profiles> Read(const Environment& environment);
  // From texts; the paths are for messages.
  static base::Result<Profiles> Parse(std::string_view config, std::string_view credentials);

  using Sections = std::map<std::string, IniSection>;
  const Sections& merged() const { return merged_; }
  const Sections& config_file() const { return config_; }
  const Sections& credentials_file() const { return credentials_; }
  const Sections& sso_sessions() const { return sso_sessions_; }
  const Sections& services() const { return services_; }
  const std::string& config_path() const { return config_path_; }
  const std::string& credentials_path() const { return credentials_path_; }

 private:
  base::Status Take(std::string_view config, std::string_view credentials);

  std::string config_path_ = "~/.aws/config";
  std::string credentials_path_ = "~/.aws/credentials";
  Sections config_, credentials_, merged_, sso_sessions_, services_;
};

// A key's text; nothing where the section or the key is missing or is a block.
std::optional<std::string> TextOf(const Profiles::Sections& sections,
                                  const std::string& section,
                                  const std::string& key);

// "~/x" with the home folder in front.
std::string ExpandHome(const Environment& environment, std::string_view path);
// A file's text, at most 1 MiB; kNotFound where there is no such file.
base::Result<std::string> ReadSmallFile(const std::string& path);

}  // namespace aws
