#pragma once

// The REST API as the commands use it: finds the server and the token, sends, reads JSON. One call
// at a time, waited for.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "cli/failure.h"
#include "http/client.h"
#include "http/message.h"

namespace cli {

// Where to look for the server, and what to show it. What is "" is taken from the environment
// (SIGNALBOX_SERVER, SIGNALBOX_CA, SIGNALBOX_TOKEN, SIGNALBOX_TOKEN_FILE), then from the state
// folder. Who names a project or a state folder, and no URL, means the server of that folder.
struct ServerChoice {
  std::string url;
  std::string project;    // "": from the current folder upwards
  std::string state_dir;  // "": PROJECT/.signalbox
  std::string ca_file;    // PEM
  std::string token_file;
};

// How the server is spoken to, once it is found.
struct ServerAccess {
  http::Url url;
  std::string token;         // "": none is sent
  std::string token_source;  // for people: "SIGNALBOX_TOKEN", a path
  http::ClientOptions client = {};
  http::CallOptions call = {};
};

// A token goes to the server that it belongs to, and to no other by itself: the environment's to
// the environment's server, where it names one; a project's to its own server, to one on this
// machine, or to the one that a person names beside the project.
Outcome<ServerAccess> FindAccess(const ServerChoice& choice);

class ServerClient {
 public:
  explicit ServerClient(ServerAccess access) : access_(std::move(access)) {}
  static Outcome<ServerClient> Find(const ServerChoice& choice);
  // Calls that last longer fail.
  void Limit(base::Duration timeout);

  // `path` from /api/v2 on, percent-encoded: "/dags/x/dagRuns?limit=10".
  Outcome<json::object> Get(std::string_view path) const { return Call("GET", path, nullptr); }
  Outcome<json::object> Post(std::string_view path, const json::object& body) const {
    return Call("POST", path, &body);
  }
  Outcome<json::object> Patch(std::string_view path, const json::object& body) const {
    return Call("PATCH", path, &body);
  }
  Outcome<json::object> Put(std::string_view path) const { return Call("PUT", path, nullptr); }
  Outcome<json::object> Delete(std::string_view path) const {
    return Call("DELETE", path, nullptr);
  }
  // `path` from the root on: "/auth/token".
  Outcome<json::object> PostAtRoot(std::string_view path, const json::object& body) const {
    return Send("POST", std::string(path), &body);
  }
  // For a browser; `path` from the root on.
  std::string UrlOf(std::string_view path) const;
  struct Items {
    json::array items;
    int64_t total = 0;              // without a limit
    bool is_total_limited = false;  // there are more
  };
  // The items of a list resource, page by page, `limit` at most (0: all); `member` holds them.
  Outcome<Items> List(std::string_view path, std::string_view member, int64_t limit) const;
  Outcome<json::array> List(std::string_view path, std::string_view member) const;

 private:
  Outcome<json::object> Send(std::string_view method,
                             const std::string& target,
                             const json::object* body) const;
  Outcome<json::object> Call(std::string_view method,
                             std::string_view path,
                             const json::object* body) const;

  ServerAccess access_;
};

// "detail" of an error's body as one line: a text, or FastAPI's list of {"loc", "msg"}.
std::string ErrorDetail(std::string_view body);

}  // namespace cli
