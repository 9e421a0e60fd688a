#pragma once

// One service of the AWS JSON protocols (1.0 and 1.1): POST / with the operation in X-Amz-Target,
// signed with SigV4. Each Call() is exactly one HTTP attempt: nothing is ever repeated here, since
// only the caller knows what may be done twice.
//
// Every way a call can end has a wire::ErrorClass. In particular kUnavailable means that not a byte
// was sent, and kMayHaveHappened that the request may have been obeyed although no usable answer
// came.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Call(); the
// exception is a destroyed JsonClient or http::Client, which drops its calls without a word.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/json.h"
#include "http/client.h"
#include "http/loop.h"
#include "wire/aws_error.h"

namespace aws {

// Exactly one of `reply` and `error` is set.
struct CallOutcome {
  std::optional<json::value> reply;  // always an object
  std::optional<wire::AwsError> error;
  base::Time sent_at_world;  // what the reply says was true no earlier than this
  std::string request_id;    // empty without a reply
};

struct CallOptions {
  base::Duration timeout = base::seconds(30);  // wall time, of the whole call
};

class JsonClient {
 public:
  using Done = std::function<void(CallOutcome)>;

  struct Target {
    Service service;
    std::string region;
    http::Url endpoint;
  };

  // The references are borrowed and must outlive this.
  JsonClient(http::Loop& loop,
             http::Client& http,
             const CredentialSource& credentials,
             const base::Clock& clock,
             Target target);
  JsonClient(const JsonClient&) = delete;
  JsonClient& operator=(const JsonClient&) = delete;

  // `action` is the bare operation ("ListClusters"), `body` the JSON text, sent as it is.
  void Call(std::string_view action, std::string body, const CallOptions& options, Done done);

 private:
  http::Request SignedRequest(std::string_view action,
                              std::string body,
                              const wire::Credentials& credentials) const;

  http::Loop& loop_;
  http::Client& http_;
  const CredentialSource& credentials_;
  const base::Clock& clock_;
  const Target target_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // held by calls, weakly
};

}  // namespace aws
