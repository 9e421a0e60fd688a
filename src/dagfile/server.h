#pragma once

// `server` of signalbox.yaml: where the process listens, whom it serves and its limits.
// Read at the start of the process. Plain data.

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "oidc/settings.h"
#include "yaml/yaml.h"

namespace dagfile {

struct Server {
  std::vector<std::string> bind = {"127.0.0.1"};  // IP addresses, or "localhost"
  int port = 8080;
  // Files, as seen from the project's folder; both or none.
  std::string tls_certificate, tls_key;
  std::string url;  // under which people reach it: "https://signalbox.example.com"; "": not known
  std::vector<std::string> allowed_hosts;    // lower case, with a port or without
  std::vector<std::string> trusted_proxies;  // addresses and networks
  bool insecure_http = false;
  int max_body_bytes = 1 << 20;
  int max_header_bytes = 32 << 10;
  base::Duration read_timeout = base::seconds(15);
  base::Duration idle_timeout = base::seconds(60);
  int max_connections = 512;
  int max_strangers = 256;
  int max_strangers_per_peer = 128;
  oidc::Settings oidc;
  int max_event_streams = 256;
  friend bool operator==(const Server&, const Server&) = default;
};

// What is wrong with one of them, as the end of a sentence; "" for nothing.
std::string BindMistake(std::string_view address);
std::string HostMistake(std::string_view host);
std::string ProxyMistake(std::string_view network);

// What depends on several keys.
void CheckServer(const Server& server, yaml::Mark mark, yaml::Diagnostics* errors);

}  // namespace dagfile
