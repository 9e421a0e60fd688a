#pragma once

// One service of the AWS JSON protocols (1.0 and 1.1): POST / with the operation in X-Amz-Target,
// signed with SigV4; or another protocol of one signed request and one reply (s3.h). Each Call() is
// exactly one HTTP attempt, since only the caller knows what may be done twice. The one exception
// is a call that the service refused because of its signature while our clock was off by minutes:
// it is signed once more with the corrected time. A service looks at the signature before anything
// else, so nothing was executed; that is safe for RunJobFlow too.
//
// Every way a call can end has a wire::ErrorClass. In particular kUnavailable means that not a byte
// was sent, and kMayHaveHappened that the request may have been obeyed although no usable answer
// came.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Call(); the
// exception is a destroyed JsonClient or Fetcher, which drops its calls without a word.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/fetch.h"
#include "aws/signing_clock.h"
#include "base/clock.h"
#include "base/json.h"
#include "http/loop.h"
#include "wire/aws_error.h"

namespace aws {

// Exactly one of `reply` and `error` is set.
struct CallOutcome {
  std::optional<json::value> reply;  // always an object
  std::optional<wire::AwsError> error;
  base::Time
      sent_at_world;       // when it was signed: what the reply says was true no earlier than this
  std::string request_id;  // empty without a reply
};

struct CallOptions {
  base::Duration timeout = base::seconds(30);  // wall time; of the wait for keys, then of the call
};

inline constexpr char kUserAgent[] = "signalbox/" SIGNALBOX_VERSION;

struct Protocol;
const Protocol& JsonProtocol();

class JsonClient {
 public:
  using Done = std::function<void(CallOutcome)>;

  struct Target {
    Service service;
    std::string region;
    http::Url endpoint;
    const Protocol& protocol = JsonProtocol();
  };

  // The references are borrowed and must outlive this.
  JsonClient(http::Loop& loop,
             Fetcher& fetcher,
             CredentialSource& credentials,
             SigningClock& signing_clock,
             const base::Clock& clock,
             Target target);
  JsonClient(const JsonClient&) = delete;
  JsonClient& operator=(const JsonClient&) = delete;

  // `action` is the bare operation ("ListClusters"), `body` the JSON text, sent as it is.
  void Call(std::string_view action, std::string body, const CallOptions& options, Done done);

 private:
  struct Pending;
  void Send(const std::shared_ptr<Pending>& call, const wire::Credentials& keys);
  void GiveUp(const std::shared_ptr<Pending>& call, std::string why);

  http::Loop& loop_;
  Fetcher& fetcher_;
  CredentialSource& credentials_;
  SigningClock& signing_clock_;
  const base::Clock& clock_;
  const std::shared_ptr<const Target> target_;  // calls under way may outlive us
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // held by calls, weakly
};

// How a call becomes a request, and its reply an outcome.
struct Protocol {
  http::Request (*make)(const JsonClient::Target& target,
                        std::string_view action,
                        const std::string& body,
                        const wire::Credentials& keys,
                        base::Time wall_now);
  void (*read)(const http::Response& response, const base::Clock& clock, CallOutcome& outcome);
  // REQUIRES: a reply that is no success.
  wire::AwsError (*error_of)(const http::Response& response);
};

}  // namespace aws
