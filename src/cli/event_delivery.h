#pragma once

// `signalbox emulator --events`: takes the emulator's events where EventBridge would: to a URL that
// they are posted to (an API destination, or a function's), or to an SQS queue. Each is tried a few
// times, so it may come twice or out of order, as EventBridge's may.
//
// Thread rule: the loop's thread. Destroy it before its Loop.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "aws/json_client.h"
#include "aws/session.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/result.h"
#include "http/client.h"
#include "http/loop.h"

namespace cli {

class EventDelivery {
 public:
  struct Target {
    std::string url;     // "http://…", or "sqs:" and the queue's URL
    std::string region;  // of the queue
    std::string token;   // sent as X-Signalbox-Token
  };
  static base::Result<std::unique_ptr<EventDelivery>> Create(http::Loop& loop,
                                                             const base::Clock& clock,
                                                             const Target& target);

  void Deliver(const json::object& event) { Try(base::Serialize(event), 1); }

 private:
  EventDelivery(http::Loop& loop, const base::Clock& clock, std::string token)
      : loop_(loop), clock_(clock), token_(std::move(token)), http_(loop) {}
  base::Status UseQueue(const std::string& url, const std::string& region);
  void Try(const std::string& event, int number);
  void Post(const std::string& event, int number);
  void SendMessage(const std::string& event, int number);
  void OnFailed(const std::string& event, int number, const std::string& why);

  http::Loop& loop_;
  const base::Clock clock_;
  const std::string token_;
  http::Client http_;
  std::optional<http::Url> url_;  // of a webhook
  std::string queue_url_;
  std::unique_ptr<aws::Session> session_;
  std::unique_ptr<aws::JsonClient> sqs_;
  int64_t pauses_ = 0;
  std::map<int64_t, http::Timer> waiting_;  // between tries
};

}  // namespace cli
