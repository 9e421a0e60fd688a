#include "cli/event_delivery.h"

#include <utility>

#include "aws/endpoint.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/text.h"

namespace cli {

namespace {
constexpr std::string_view kQueuePrefix = "sqs:";
constexpr int kTries = 5;
constexpr base::Duration kPause = base::seconds(1);
}  // namespace

base::Result<std::unique_ptr<EventDelivery>> EventDelivery::Create(http::Loop& loop,
                                                                   const base::Clock& clock,
                                                                   const Target& target) {
  std::unique_ptr<EventDelivery> delivery(new EventDelivery(loop, clock, target.token));
  if (target.url.starts_with(kQueuePrefix)) {
    RETURN_IF_ERROR(delivery->UseQueue(target.url.substr(kQueuePrefix.size()), target.region));
    return delivery;
  }
  ASSIGN_OR_RETURN(delivery->url_, http::ParseUrl(target.url));
  return delivery;
}

base::Status EventDelivery::UseQueue(const std::string& url, const std::string& region) {
  ASSIGN_OR_RETURN(const http::Url checked, http::ParseUrl(url));
  queue_url_ = url;
  ASSIGN_OR_RETURN(session_, aws::Session::Create(loop_, {.region = region}));
  const aws::Context& context = session_->context();
  ASSIGN_OR_RETURN(http::Url endpoint,
                   aws::ResolveEndpoint(context.config, aws::kSqs, context.region));
  RETURN_IF_ERROR(session_->AwaitCredentials());
  sqs_ = std::make_unique<aws::JsonClient>(
      loop_,
      context.outside,
      session_->credentials(),
      context.clock,
      clock_,
      aws::JsonClient::Target{aws::kSqs, context.region, std::move(endpoint)});
  return {};
}

void EventDelivery::Try(const std::string& event, int number) {
  if (sqs_ != nullptr)
    SendMessage(event, number);
  else
    Post(event, number);
}

void EventDelivery::Post(const std::string& event, int number) {
  http::Request request{.method = "POST", .target = "", .headers = {}, .body = event};
  request.headers.Set("Content-Type", "application/json; charset=utf-8");
  if (!token_.empty())
    request.headers.Set("X-Signalbox-Token", token_);
  http_.Send(*url_, std::move(request), {}, [this, event, number](auto result) {
    if (!result)
      OnFailed(event, number, result.error().error.message);
    else if (result->status >= 300)
      OnFailed(event, number, base::Cat("HTTP ", result->status));
  });
}

void EventDelivery::SendMessage(const std::string& event, int number) {
  const json::object body{{"QueueUrl", queue_url_}, {"MessageBody", event}};
  sqs_->Call(
      "SendMessage", base::Serialize(body), {}, [this, event, number](aws::CallOutcome outcome) {
        if (outcome.error)
          OnFailed(event, number, base::Cat(outcome.error->code, " ", outcome.error->message));
      });
}

void EventDelivery::OnFailed(const std::string& event, int number, const std::string& why) {
  if (number == kTries) {
    base::LogWarning("event_not_delivered", {{"tries", number}, {"message", why}});
    return;
  }
  const int64_t pause = pauses_++;
  waiting_[pause] = loop_.After(kPause, [this, pause, event, number] {
    Try(event, number + 1);
    waiting_.erase(pause);
  });
}

}  // namespace cli
