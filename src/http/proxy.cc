#include "http/proxy.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"

namespace http {
namespace {

bool Excepts(std::string_view part, const Url& url) {
  std::string name = base::ToLower(base::Trim(part));
  if (name == "*")
    return true;
  name.erase(0, name.find_first_not_of('.'));
  if (name.empty())
    return false;
  const bool ipv6 = url.host.find(':') != std::string::npos;
  const std::string bare = ipv6 ? base::Cat("[", url.host, "]") : url.host;
  const std::string with_port = base::Cat(bare, ":", url.port);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{url.host, bare, with_port},
      [&name](std::string_view host) { return host == name || host.ends_with("." + name); });
}

}  // namespace

base::Result<Proxy> ParseProxy(std::string_view text) {
  const size_t scheme_end = text.find("://");
  const std::string scheme =
      scheme_end == std::string_view::npos ? "http" : std::string(text.substr(0, scheme_end));
  std::string_view rest = scheme_end == std::string_view::npos ? text : text.substr(scheme_end + 3);
  Proxy proxy;
  if (const size_t at = rest.substr(0, rest.find('/')).rfind('@'); at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    const size_t colon = user.find(':');
    const std::string_view password =
        colon == std::string_view::npos ? std::string_view() : user.substr(colon + 1);
    proxy.authorization =
        "Basic " + base::ToBase64(base::Cat(
                       PercentDecode(user.substr(0, colon)), ":", PercentDecode(password)));
    rest.remove_prefix(at + 1);
  }
  ASSIGN_OR_RETURN(proxy.url, ParseUrl(base::Cat(scheme, "://", rest)));
  if (proxy.url.scheme != "http") {
    return base::Fail(
        base::ErrorCode::kInvalidArgument,
        base::Cat("the proxy ", proxy.url.HostHeader(), " must be an http:// URL, not https://"));
  }
  return proxy;
}

const Proxy* ProxyRules::For(const Url& url) const {
  const std::optional<Proxy>& proxy = url.scheme == "https" ? for_https : for_http;
  const bool straight =
      std::ranges::any_of(except, [&url](const std::string& part) { return Excepts(part, url); });
  return proxy && !straight ? &*proxy : nullptr;
}

}  // namespace http
