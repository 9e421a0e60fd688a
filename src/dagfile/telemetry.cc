#include "dagfile/telemetry.h"

#include <algorithm>

#include "base/ip.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "dagfile/project.h"

namespace dagfile {

using base::Cat;

namespace {

// "box.example:1" of "https://box.example:1/x".
std::string_view AuthorityOf(std::string_view url) {
  const std::string_view rest = url.substr(url.find("://") + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

// Without the port; "[::1]" with its brackets.
std::string HostOf(std::string_view url) {
  const std::string_view rest = AuthorityOf(url);
  const size_t end = rest.starts_with("[") ? rest.find(']') : std::string_view::npos;
  if (end != std::string_view::npos)
    return std::string(rest.substr(0, end + 1));
  return base::ToLower(rest.substr(0, rest.find(':')));
}

bool IsPrivate(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost"))
    return true;
  const auto address = base::ParseIpAddress(host);
  if (!address)
    return false;
  const static std::vector<base::IpNetwork> kLinkLocal = {*base::ParseIpNetwork("169.254.0.0/16"),
                                                          *base::ParseIpNetwork("fe80::/10")};
  return address->IsLoopback() || address->IsUnspecified() || IsWithin(*address, kLinkLocal);
}

}  // namespace

std::string SpaceOf(const Project& project) {
  const std::string& space = project.openlineage.space;
  return space.empty() ? Cat("signalbox.", project.deployment) : space;
}

std::string ReceiverMistake(std::string_view url, bool allow_private) {
  const std::string lower = base::ToLower(url);
  if (!lower.starts_with("http://") && !lower.starts_with("https://"))
    return "is no URL such as https://lineage.example.com";
  const std::string host = HostOf(url);
  if (host.empty() || AuthorityOf(url).find('@') != std::string_view::npos)
    return "names no host, or a password: put that into 'api_key' or 'headers', as env:NAME";
  if (IsPrivate(host) && !allow_private)
    return "is an address of this machine or of its link: say 'allow_private: true' if it is meant";
  return "";
}

std::string ReferenceMistake(std::string_view reference) {
  const bool is_good = (reference.starts_with("env:") && reference.size() > 4) ||
                       (reference.starts_with("file:") && reference.size() > 5);
  return is_good ? "" : "must be env:NAME or file:PATH: a secret does not stand in the file";
}

void CheckOpenLineage(const OpenLineage& settings, yaml::Mark mark, yaml::Diagnostics* errors) {
  if (settings.url.empty()) {
    if (settings != OpenLineage())
      errors->Add(mark, "'openlineage' needs the key 'url', where its events go");
    return;
  }
  if (const std::string mistake = ReceiverMistake(settings.url, settings.allow_private);
      !mistake.empty())
    errors->Add(mark, Cat("'url' of 'openlineage' ", mistake));
  if (!settings.api_key.empty()) {
    if (const std::string mistake = ReferenceMistake(settings.api_key); !mistake.empty())
      errors->Add(mark, Cat("'api_key' of 'openlineage' ", mistake));
  }
}

void CheckTraces(const Traces& settings, yaml::Mark mark, yaml::Diagnostics* errors) {
  if (settings.endpoint.empty()) {
    if (settings != Traces())
      errors->Add(mark, "'traces' needs the key 'endpoint', where its spans go");
    return;
  }
  if (const std::string mistake = ReceiverMistake(settings.endpoint, settings.allow_private);
      !mistake.empty())
    errors->Add(mark, Cat("'endpoint' of 'traces' ", mistake));
  for (const auto& [name, reference] : settings.headers) {
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!is_name)
      errors->Add(mark,
                  Cat("'headers' of 'traces': '", base::Excerpt(name), "' is no header's name"));
    if (const std::string mistake = ReferenceMistake(reference); !mistake.empty())
      errors->Add(mark, Cat("'headers' of 'traces': '", base::Excerpt(name), "' ", mistake));
  }
}

}  // namespace dagfile
