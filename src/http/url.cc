#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"
#include "http/message.h"

namespace http {
namespace {

uint16_t DefaultPort(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

}  // namespace

std::string Url::HostHeader() const {
  std::string text = host.find(':') == std::string::npos ? host : base::Cat("[", host, "]");
  if (port != DefaultPort(scheme))
    text += base::Cat(":", port);
  return text;
}

std::string Url::Target() const {
  return query.empty() ? path : base::Cat(path, "?", query);
}

base::Result<Url> ParseUrl(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return base::Fail(base::ErrorCode::kInvalidArgument,
                      base::Cat("'", text, "' is not an http or https URL: ", why));
  };
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed)
    return bad("it must look like http://host:port/path");
  const boost::urls::url_view& view = *parsed;
  Url url;
  url.scheme = base::ToLower(std::string(view.scheme()));
  if (url.scheme != "http" && url.scheme != "https")
    return bad(base::Cat("its scheme is '", url.scheme, "'"));
  if (view.has_userinfo())
    return bad("user names and passwords do not belong into a URL");
  if (view.host_type() == boost::urls::host_type::ipv6)
    url.host = base::ToLower(std::string(view.host_ipv6_address().to_string()));
  else
    url.host = base::ToLower(view.host());
  if (url.host.empty())
    return bad("the host is missing");
  url.port = DefaultPort(url.scheme);
  if (const std::string port(view.port()); !port.empty()) {
    const auto number = base::ParseInt(port);
    if (!number || *number < 1 || *number > 65535)
      return bad(base::Cat("its port is '", port, "'"));
    url.port = static_cast<uint16_t>(*number);
  }
  if (const std::string path(view.encoded_path()); !path.empty()) {
    if (!path.starts_with('/'))  // Boost.URL 1.81 ends the port "8x" before the x
      return bad("its port is not a number");
    url.path = path;
  }
  url.query = std::string(view.encoded_query());
  return url;
}

}  // namespace http
