#include "dagfile/server.h"

#include <algorithm>

#include "base/ip.h"
#include "base/text.h"

namespace dagfile {

namespace {

bool IsHostLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::string BindMistake(std::string_view address) {
  if (address == "localhost" || base::ParseIpAddress(address))
    return "";
  return "is no IP address of this machine, such as 127.0.0.1, 0.0.0.0 or ::";
}

std::string HostMistake(std::string_view host) {
  if (base::ParseIpAndPort(host))
    return "";
  const size_t colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  const bool is_port = colon == std::string_view::npos || base::ParseInt(host.substr(colon + 1));
  if (is_port && !name.empty() && std::ranges::all_of(name, IsHostLetter))
    return "";
  return "is no host, such as box.example.com or 10.0.0.5, in lower case, with :PORT or without";
}

std::string ProxyMistake(std::string_view network) {
  if (base::ParseIpNetwork(network))
    return "";
  return "is no IP address and no network, such as 10.0.0.5 or 10.0.0.0/8 (bits beyond its length "
         "are 0)";
}

void CheckServer(const Server& server, yaml::Mark mark, yaml::Diagnostics* errors) {
  if (server.tls_certificate.empty() != server.tls_key.empty())
    errors->Add(mark, "'tls_certificate' and 'tls_key' go together: set both of 'server', or none");
  const bool is_url = server.url.starts_with("https://") || server.url.starts_with("http://");
  if (!server.url.empty() && (!is_url || server.url.ends_with('/')))
    errors->Add(mark,
                base::Cat("'url' of 'server' is the address under which people reach it, such as "
                          "https://signalbox.example.com, without a slash at its end; found '",
                          server.url,
                          "'"));
  if (server.bind.empty())
    errors->Add(mark, "'bind' of 'server' is empty: name an address, such as 127.0.0.1");
}

}  // namespace dagfile
