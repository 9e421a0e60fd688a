#pragma once

// Which proxy a call goes through, by the conventions of HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
// Pure: who reads the environment passes the texts in. ALL_PROXY, proxies that are themselves
// reached over TLS, and networks (10.0.0.0/8) in NO_PROXY are not understood, as in Python's
// urllib.
//
// An https call is tunnelled with CONNECT, so the proxy sees the host alone; an http call is handed
// to the proxy whole.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace http {

struct Proxy {
  Url url;                    // http
  std::string authorization;  // the value of Proxy-Authorization; "" without user and password
};

// "http://user:password@host:3128", the scheme may be left out. No error repeats the password.
base::Result<Proxy> ParseProxy(std::string_view text);

struct ProxyRules {
  std::optional<Proxy> for_http;
  std::optional<Proxy> for_https;
  std::vector<std::string> except;  // NO_PROXY's parts: "*", "host", ".domain", "host:port"

  // Null where the call goes straight to its host.
  const Proxy* For(const Url& url) const;
};

}  // namespace http
