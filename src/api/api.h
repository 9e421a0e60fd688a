#pragma once

// The HTTP face: Airflow 3's REST paths and field names under /api/v2 wherever the concept is the
// same (its official Python client reads the answers), and our own resources beside them. The
// routes are listed in routes.cc.
//
// Not here: the socket (http::Server hands requests in), and any decision about runs.
//
// Thread rule: the loop thread; what reads rows runs on threads for reads (reading.h).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/event_hub.h"
#include "board/board.h"
#include "http/message.h"
#include "http/server.h"
#include "runtime/commands.h"
#include "runtime/views.h"

namespace api {

// What the server that hands requests in needs beside the handler: bounds on strangers, the largest
// body that any route takes, and what every answer tells browsers.
http::ServerOptions ServerBounds();

class IdentityProvider;  // identity_provider.h

struct ApiOptions {
  std::string token;  // the project's own: who has it is the local admin
  // Host names, with or without a port, that are served beside 127.0.0.1, localhost and [::1].
  std::vector<std::string> allowed_hosts;
  std::string version;  // of the product
  EventLimits events = {};
  // Browsers reach us by TLS alone: sessions' cookies are Secure, and named "__Host-…".
  bool has_secure_cookies = false;
  // What browsers are shown beside the routes; null for nothing. It must outlive the API.
  const board::Board* board = nullptr;
  // Of single sign-on; null for none. It must outlive the API.
  IdentityProvider* provider = nullptr;
  // Where the map's layout is kept over restarts (map_layouts.h); "": nowhere.
  std::string map_file;
};

struct Route;  // router.h

class Api {
 public:
  // Views and commands must outlive this, and this the server that hands requests in. `more` routes
  // are served beside those of routes.cc.
  Api(const runtime::Views& views,
      runtime::Commands& commands,
      ApiOptions options,
      const std::vector<Route>* more = nullptr);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void Handle(http::Request request, http::Responder responder);
  // The refusal that Handle would give for its header alone, or nothing: no body is read for those
  // who may not send one.
  std::optional<http::Response> Admit(const http::Request& head) const;
  // For /metrics; it must outlive this.
  void Observe(const http::Server& server);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace api
