#include "cli/listening.h"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <utility>

#include "api/api.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/text.h"

namespace cli {

namespace {

constexpr base::Duration kWarnBefore = base::hours(24 * 14);
constexpr base::Duration kDay = base::hours(24);

bool IsLocal(const std::string& address) {
  const auto ip = base::ParseIpAddress(address);
  return ip ? ip->IsLoopback() : address == "localhost";
}

bool IsEveryAddress(const std::string& address) {
  const auto ip = base::ParseIpAddress(address);
  return ip && ip->IsUnspecified();
}

// "[::1]" for IPv6, as in a URL or a Host.
std::string InUrl(const std::string& address) {
  const auto ip = base::ParseIpAddress(address);
  if (!ip)
    return address;
  return ip->is_v6 ? base::Cat("[", ip->ToString(), "]") : ip->ToString();
}

// Both ways of writing an IPv6 address that a person may have chosen.
std::string AsHost(const std::string& host) {
  return base::ParseIpAddress(host) ? InUrl(host) : host;
}

void TakeList(const std::vector<std::string>& given, std::vector<std::string>* into) {
  if (!given.empty())
    *into = given;
}

Outcome<void> CheckList(const std::vector<std::string>& given,
                        std::string_view flag,
                        std::string (*mistake)(std::string_view)) {
  for (const std::string& text : given) {
    if (const std::string why = mistake(text); !why.empty())
      return Fail(Exit::kUsage, base::Cat(flag, ": '", text, "' ", why));
  }
  return {};
}

std::string InProject(const std::string& folder, const std::string& file) {
  return file.empty() ? "" : (std::filesystem::path(folder) / file).lexically_normal().string();
}

bool IsBeyondThisMachine(const dagfile::Server& settings) {
  return !std::ranges::all_of(settings.bind, IsLocal);
}

Outcome<void> RefuseInTheClear(const StandaloneOptions& options, const dagfile::Server& settings) {
  const bool is_safe = !IsBeyondThisMachine(settings) || !settings.tls_certificate.empty() ||
                       settings.insecure_http || !settings.trusted_proxies.empty();
  if (is_safe)
    return {};
  const auto address = std::ranges::find_if_not(settings.bind, IsLocal);
  return Fail(
      options.bind.empty() ? Exit::kInvalidProject : Exit::kUsage,
      base::Cat("it would listen on ",
                *address,
                " without TLS, where everyone on the way can read the token and use it: give "
                "a certificate (--tls-certificate and --tls-key), or name the proxy that has "
                "one (--trusted-proxy ADDRESS), or say --insecure-http if that network may "
                "know the token"));
}

void WarnOfOpenKey(const std::string& file) {
  struct stat status;
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    base::LogWarning("tls_key_is_open",
                     {{"path", file},
                      {"message", "others can read the server's key: make it its owner's alone"}});
}

std::string DateOf(base::Time time) {
  return base::FormatRfc3339(time);
}

}  // namespace

Outcome<dagfile::Server> ServerSettings(const StandaloneOptions& options,
                                        const dagfile::Server& project) {
  dagfile::Server settings = project;
  settings.tls_certificate = InProject(options.project, project.tls_certificate);
  settings.tls_key = InProject(options.project, project.tls_key);
  std::vector<std::string> hosts;
  for (const std::string& host : options.allowed_hosts)
    hosts.push_back(base::ToLower(host));
  if (auto good = CheckList(options.bind, "--bind", dagfile::BindMistake); !good)
    return tl::unexpected(good.error());
  if (auto good = CheckList(hosts, "--allowed-host", dagfile::HostMistake); !good)
    return tl::unexpected(good.error());
  if (auto good = CheckList(options.trusted_proxies, "--trusted-proxy", dagfile::ProxyMistake);
      !good)
    return tl::unexpected(good.error());
  TakeList(options.bind, &settings.bind);
  TakeList(hosts, &settings.allowed_hosts);
  TakeList(options.trusted_proxies, &settings.trusted_proxies);
  settings.port = options.port.value_or(settings.port);
  if (!options.tls_certificate.empty()) {
    settings.tls_certificate = options.tls_certificate;
    settings.tls_key = options.tls_key;
  }
  settings.insecure_http = settings.insecure_http || options.insecure_http;
  if (auto good = RefuseInTheClear(options, settings); !good)
    return tl::unexpected(good.error());
  return settings;
}

http::ServerOptions BoundsOf(const dagfile::Server& settings) {
  http::ServerOptions bounds = api::ServerBounds();
  bounds.max_body = static_cast<size_t>(settings.max_body_bytes);
  bounds.max_header = static_cast<size_t>(settings.max_header_bytes);
  bounds.read_timeout = settings.read_timeout;
  bounds.idle_timeout = settings.idle_timeout;
  bounds.max_connections = static_cast<size_t>(settings.max_connections);
  bounds.max_strangers = static_cast<size_t>(settings.max_strangers);
  bounds.max_strangers_per_peer = static_cast<size_t>(settings.max_strangers_per_peer);
  for (const std::string& text : settings.trusted_proxies) {
    if (const auto network = base::ParseIpNetwork(text))
      bounds.trusted_proxies.push_back(*network);
  }
  bounds.proxies_alone = settings.tls_certificate.empty() && !settings.insecure_http;
  return bounds;
}

api::EventLimits EventLimitsOf(const dagfile::Server& settings) {
  return {.streams = static_cast<size_t>(settings.max_event_streams)};
}

std::vector<std::string> HostsOf(const dagfile::Server& settings) {
  std::vector<std::string> hosts;
  for (const std::string& host : settings.allowed_hosts)
    hosts.push_back(AsHost(host));
  for (const std::string& address : settings.bind) {
    if (!IsEveryAddress(address))
      hosts.push_back(InUrl(address));
  }
  return hosts;
}

std::vector<std::string> UrlsOf(const dagfile::Server& settings, uint16_t port) {
  const std::string scheme = settings.tls_certificate.empty() ? "http://" : "https://";
  std::vector<std::string> local, others;
  for (const std::string& address : settings.bind) {
    const std::string url = base::Cat(scheme, InUrl(address), ":", port);
    if (IsEveryAddress(address)) {
      const bool is_v6 = base::ParseIpAddress(address)->is_v6;
      local.push_back(base::Cat(scheme, is_v6 ? "[::1]" : "127.0.0.1", ":", port));
    }
    (IsLocal(address) ? local : others).push_back(url);
  }
  local.insert(local.end(), others.begin(), others.end());
  return local;
}

ServerCertificate::ServerCertificate(const dagfile::Server& settings,
                                     http::Loop& loop,
                                     http::Server& server)
    : certificate_file_(settings.tls_certificate),
      key_file_(settings.tls_key),
      loop_(loop),
      server_(server) {}

Outcome<std::unique_ptr<ServerCertificate>> ServerCertificate::Load(const dagfile::Server& settings,
                                                                    http::Loop& loop,
                                                                    http::Server& server,
                                                                    std::function<void()> renewed) {
  auto identity = http::TlsIdentity::Load(settings.tls_certificate, settings.tls_key);
  if (!identity)
    return FailEnvironment(identity.error());
  WarnOfOpenKey(settings.tls_key);
  std::unique_ptr<ServerCertificate> loaded(new ServerCertificate(settings, loop, server));
  loaded->identity_ = *std::move(identity);
  loaded->renewed_ = std::move(renewed);
  server.UseTls(loaded->identity_);
  loaded->WarnOfEnd();
  loop.OnHangup([self = loaded.get(), alive = std::weak_ptr(loaded->alive_)] {
    if (alive.lock())
      self->Reload();
  });
  return loaded;
}

void ServerCertificate::Reload() {
  auto identity = http::TlsIdentity::Load(certificate_file_, key_file_);
  const base::Time now = base::Clock::Wall();
  std::string why;
  if (!identity)
    why = identity.error().message;
  else if ((*identity)->valid_until() <= now)
    why = base::Cat("the certificate has expired on ", DateOf((*identity)->valid_until()));
  else if ((*identity)->valid_from() > now)
    why = base::Cat("the certificate is not valid before ", DateOf((*identity)->valid_from()));
  if (!why.empty()) {
    base::LogError("certificate_kept",
                   {{"message", base::Cat(why, "; the one before stays in force")},
                    {"path", certificate_file_}});
    return;
  }
  identity_ = *std::move(identity);
  server_.UseTls(identity_);
  base::LogInfo("certificate_loaded",
                {{"path", certificate_file_}, {"valid_until", DateOf(identity_->valid_until())}});
  WarnOfOpenKey(key_file_);
  WarnOfEnd();
  renewed_();
}

void ServerCertificate::WarnOfEnd() {
  const base::Time end = identity_->valid_until();
  const base::Time now = base::Clock::Wall();
  if (end <= now + kWarnBefore)
    base::LogWarning("certificate_ends",
                     {{"path", certificate_file_},
                      {"valid_until", DateOf(end)},
                      {"message",
                       base::Cat("the server's certificate ",
                                 end <= now ? "has expired" : "expires soon",
                                 ": put a new one in its place, then send SIGHUP")}});
  daily_ = loop_.After(kDay, [this] { WarnOfEnd(); });
}

}  // namespace cli
