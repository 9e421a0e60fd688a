#include "aws/profiles.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <unistd.h>

#include "aws/words.h"
#include "base/text.h"

namespace aws {
namespace {

// "profile x" and `profile "x y"` → the name; nothing for another kind of section.
std::optional<std::string> NameAfter(std::string_view kind, const std::string& section) {
  if (!section.starts_with(kind))
    return std::nullopt;
  auto words = SplitWords(section);
  return words && words->size() == 2 ? std::optional((*words)[1]) : std::nullopt;
}

base::Result<std::string> ReadIfThere(const std::string& path) {
  auto text = ReadSmallFile(path);
  if (!text && text.error().code == base::ErrorCode::kNotFound)
    return std::string();
  return text;
}

}  // namespace

std::string ExpandHome(const Environment& environment, std::string_view path) {
  if (path != "~" && !path.starts_with("~/"))
    return std::string(path);
  std::string home = environment("HOME").value_or("");
  if (const passwd* user = home.empty() ? ::getpwuid(::getuid()) : nullptr; user != nullptr)
    home = user->pw_dir;
  return home + std::string(path.substr(1));
}

base::Result<std::string> ReadSmallFile(const std::string& path) {
  constexpr size_t kMost = 1 << 20;
  std::error_code error;
  if (!std::filesystem::exists(path, error) || std::filesystem::is_directory(path, error))
    return base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no file ", path));
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("cannot read ", path, ": ", std::strerror(errno)));
  std::string text(kMost + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMost)
    return base::Fail(base::ErrorCode::kInvalidArgument, base::Cat(path, " is larger than 1 MiB"));
  return text;
}

base::Result<Profiles> Profiles::Read(const Environment& environment) {
  Profiles profiles;
  profiles.config_path_ =
      ExpandHome(environment, environment("AWS_CONFIG_FILE").value_or("~/.aws/config"));
  profiles.credentials_path_ = ExpandHome(
      environment, environment("AWS_SHARED_CREDENTIALS_FILE").value_or("~/.aws/credentials"));
  ASSIGN_OR_RETURN(const std::string config, ReadIfThere(profiles.config_path_));
  ASSIGN_OR_RETURN(const std::string credentials, ReadIfThere(profiles.credentials_path_));
  RETURN_IF_ERROR(profiles.Take(config, credentials));
  return profiles;
}

base::Result<Profiles> Profiles::Parse(std::string_view config, std::string_view credentials) {
  Profiles profiles;
  RETURN_IF_ERROR(profiles.Take(config, credentials));
  return profiles;
}

base::Status Profiles::Take(std::string_view config, std::string_view credentials) {
  ASSIGN_OR_RETURN(Ini sections, ParseIni(config, config_path_));
  for (auto& [name, section] : sections) {
    if (name == "default")
      config_[name] = std::move(section);
    else if (auto profile = NameAfter("profile", name))
      config_[*profile] = std::move(section);
    else if (auto session = NameAfter("sso-session", name))
      sso_sessions_[*session] = std::move(section);
    else if (auto services = NameAfter("services", name))
      services_[*services] = std::move(section);
  }
  ASSIGN_OR_RETURN(credentials_, ParseIni(credentials, credentials_path_));
  merged_ = config_;
  for (const auto& [name, section] : credentials_) {
    for (const auto& [key, value] : section)
      merged_[name][key] = value;
  }
  return {};
}

std::optional<std::string> TextOf(const Profiles::Sections& sections,
                                  const std::string& section,
                                  const std::string& key) {
  auto found = sections.find(section);
  if (found == sections.end())
    return std::nullopt;
  auto value = found->second.find(key);
  if (value == found->second.end() || !value->second.block.empty())
    return std::nullopt;
  return value->second.text;
}

}  // namespace aws
