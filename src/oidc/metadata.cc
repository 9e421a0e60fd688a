#include "oidc/metadata.h"

#include <algorithm>

#include "base/json.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace oidc {

namespace {

constexpr std::string_view kHttps = "https://", kHttp = "http://";

tl::unexpected<base::Error> Invalid(std::string message) {
  return base::Fail(base::ErrorCode::kInvalidArgument, std::move(message));
}

bool IsHere(std::string_view authority) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"127.0.0.1", "localhost", "[::1]"},
      [&](std::string_view host) {
        return authority == host || (authority.starts_with(host) && authority[host.size()] == ':');
      });
}

base::Result<std::string> UrlIn(const json::object& members,
                                std::string_view name,
                                bool allow_http) {
  std::string url = base::GetString(members, name);
  if (url.empty())
    return Invalid(base::Cat("the provider's description of itself has no '", name, "'"));
  if (const std::string mistake = UrlMistake(url, allow_http); !mistake.empty())
    return Invalid(base::Cat("the provider's '", name, "' ", mistake));
  return url;
}

}  // namespace

std::string UrlMistake(std::string_view url, bool allow_http) {
  const bool is_https = url.starts_with(kHttps);
  if (!is_https && !url.starts_with(kHttp))
    return "is no URL that begins with https://";
  if (url.size() > 2000 || std::ranges::any_of(url, [](unsigned char c) {
        return c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '#';
      }))
    return "is no URL: it is too long, or has a character that a URL cannot have here";
  url.remove_prefix(is_https ? kHttps.size() : kHttp.size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?"));
  if (authority.empty() || authority.find('@') != std::string_view::npos)
    return "is no URL of a host";
  if (is_https || (allow_http && IsHere(authority)))
    return "";
  return allow_http ? "begins with http://, and is not of this machine: others need https://"
                    : "must begin with https:// (allow_http lets a provider on this machine do "
                      "without, for tests)";
}

std::string MetadataUrl(std::string_view issuer) {
  if (issuer.ends_with('/'))
    issuer.remove_suffix(1);
  return base::Cat(issuer, "/.well-known/openid-configuration");
}

base::Result<Metadata> ReadMetadata(std::string_view text,
                                    std::string_view issuer,
                                    bool allow_http) {
  ASSIGN_OR_RETURN(const json::value value,
                   base::ParseJson(text, "the provider's description of itself"));
  if (!value.is_object())
    return Invalid("the provider's description of itself is no JSON object");
  const json::object& members = value.get_object();
  const std::string told = base::GetString(members, "issuer");
  if (told != issuer)
    return Invalid(base::Cat("the provider calls itself '",
                             base::PrintableLine(base::Excerpt(base::ValidUtf8(told))),
                             "', and server.oidc.issuer says '",
                             issuer,
                             "': they must be the same, to the last character"));
  Metadata found;
  ASSIGN_OR_RETURN(found.authorization_endpoint,
                   UrlIn(members, "authorization_endpoint", allow_http));
  ASSIGN_OR_RETURN(found.token_endpoint, UrlIn(members, "token_endpoint", allow_http));
  ASSIGN_OR_RETURN(found.jwks_uri, UrlIn(members, "jwks_uri", allow_http));
  if (members.contains("userinfo_endpoint")) {
    ASSIGN_OR_RETURN(found.userinfo_endpoint, UrlIn(members, "userinfo_endpoint", allow_http));
  }
  if (members.contains("end_session_endpoint")) {
    ASSIGN_OR_RETURN(found.end_session_endpoint,
                     UrlIn(members, "end_session_endpoint", allow_http));
  }
  // Absent, it means client_secret_basic.
  const json::array& methods = base::GetArray(members, "token_endpoint_auth_methods_supported");
  found.takes_basic =
      methods.empty() || std::ranges::find(methods, "client_secret_basic") != methods.end();
  found.sends_issuer =
      base::GetBool(members, "authorization_response_iss_parameter_supported", false);
  return found;
}

}  // namespace oidc
