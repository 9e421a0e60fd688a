#pragma once

// Where `standalone` listens and whom it serves: the project's `server`, with the command line's
// word before it; and its TLS files.
//
// Thread rule: the loop thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/event_hub.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "dagfile/server.h"
#include "http/loop.h"
#include "http/server.h"

namespace cli {

// A mistake, and what must not be served without TLS, is a failure that says how to fix it. Paths
// are as they can be opened from the current folder.
Outcome<dagfile::Server> ServerSettings(const StandaloneOptions& options,
                                        const dagfile::Server& project);

http::ServerOptions BoundsOf(const dagfile::Server& settings);
api::EventLimits EventLimitsOf(const dagfile::Server& settings);
// As the header Host has them: what is configured, and the addresses that it listens on.
std::vector<std::string> HostsOf(const dagfile::Server& settings);
// "https://127.0.0.1:8443", for each address; first where programs on this machine reach it.
std::vector<std::string> UrlsOf(const dagfile::Server& settings, uint16_t port);

// The certificate of a server. SIGHUP reads the files again; what is wrong then is logged, and the
// certificate that is in force stays so. It says in the log when one is about to expire.
class ServerCertificate {
 public:
  // `renewed` is called after each certificate that comes into force later. Loop and server must
  // outlive this.
  static Outcome<std::unique_ptr<ServerCertificate>> Load(const dagfile::Server& settings,
                                                          http::Loop& loop,
                                                          http::Server& server,
                                                          std::function<void()> renewed);
  const std::string& fingerprint() const { return identity_->fingerprint(); }

 private:
  ServerCertificate(const dagfile::Server& settings, http::Loop& loop, http::Server& server);

  void Reload();
  void WarnOfEnd();

  const std::string certificate_file_, key_file_;
  http::Loop& loop_;
  http::Server& server_;
  std::function<void()> renewed_;
  std::shared_ptr<const http::TlsIdentity> identity_;
  http::Timer daily_;
  // The loop's hangups hold this weakly.
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace cli
