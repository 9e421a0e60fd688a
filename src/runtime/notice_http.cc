// A message as one POST: webhooks, Slack, PagerDuty.

#include <algorithm>
#include <utility>

#include "aws/json_client.h"
#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "http/client.h"
#include "notify/forms_pagerduty.h"
#include "notify/forms_slack.h"
#include "notify/forms_webhook.h"
#include "runtime/notice_kinds.h"

namespace runtime {

namespace {

using base::Cat;
using notify::NotifierType;

constexpr base::Duration kConnectMax = base::seconds(10);
constexpr base::Duration kMostWait = base::hours(24);
constexpr size_t kMaxAnswer = size_t{64} << 10;

json::object FormOf(const Attempt& attempt) {
  switch (attempt.notifier.type) {
    case NotifierType::kSlack:
      return notify::SlackForm(attempt.message);
    case NotifierType::kPagerDuty:
      return notify::PagerDutyForm(attempt.message, attempt.secret);
    case NotifierType::kWebhook:
    case NotifierType::kSmtp:
    case NotifierType::kSns:
      break;
  }
  return notify::WebhookForm(attempt.message);
}

http::Request RequestOf(const Attempt& attempt) {
  http::Request request{.method = "POST", .body = base::Serialize(FormOf(attempt))};
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("User-Agent", aws::kUserAgent);
  if (attempt.notifier.type != NotifierType::kWebhook)
    return request;
  request.headers.Set(notify::kIdHeader, attempt.message.id);
  if (!attempt.secret.empty())
    request.headers.Set(notify::kSignatureHeader,
                        notify::Signature(attempt.secret, request.body, base::Clock::Wall()));
  return request;
}

// Seconds, or a date, from which the receiver's own is taken: whose clock is off does not matter.
std::optional<base::Duration> RetryAfter(const http::Response& response) {
  const auto text = response.headers.Get("Retry-After");
  if (!text)
    return std::nullopt;
  base::Duration wait;
  if (const auto seconds = base::ParseInt(*text)) {
    wait = base::seconds(std::clamp<int64_t>(*seconds, 0, kMostWait / base::seconds(1)));
  } else if (const auto date = http::ParseHttpDate(*text)) {
    const auto now = http::ParseHttpDate(response.headers.Get("Date").value_or(""));
    wait = *date - now.value_or(base::Clock::Wall());
  } else {
    return std::nullopt;
  }
  return std::clamp(wait, base::Duration(0), kMostWait);
}

tl::expected<std::string, SendFailure> Judged(const http::Response& response) {
  const std::string body = base::Excerpt(base::PrintableLine(base::Trim(response.body)));
  const std::string answer = Cat("HTTP ", response.status, body.empty() ? "" : ": ", body);
  const int status = response.status;
  if (status / 100 == 2)
    return answer;
  if (status / 100 == 3) {
    const std::string to = response.headers.Get("Location").value_or("");
    const auto url = http::ParseUrl(to);
    return tl::unexpected(
        SendFailure{.why = Cat(answer,
                               "; redirects are not followed",
                               url ? Cat(", and it leads to ", url->HostHeader()) : ""),
                    .is_final = true});
  }
  const bool may_pass = status == 408 || status == 425 || status == 429 || status >= 500;
  return tl::unexpected(SendFailure{.why = answer,
                                    .is_final = !may_pass,
                                    .retry_after = may_pass ? RetryAfter(response) : std::nullopt});
}

}  // namespace

AttemptHandle StartHttp(const Attempt& attempt, NoticeSender::Told told) {
  http::Loop& loop = attempt.parts.loop;
  const std::string text = attempt.url.empty() && attempt.notifier.type == NotifierType::kPagerDuty
                               ? std::string(notify::kPagerDutyUrl)
                               : attempt.url;
  const auto url = http::ParseUrl(text);
  // Its error repeats the text, which may be a secret.
  if (!url)
    return FailLater(
        loop, {.why = "the notifier's 'url' is no http or https URL"}, std::move(told));
  auto options = attempt.parts.session.context().config.ForHttp();
  if (!options)
    return FailLater(loop, {.why = options.error().message}, std::move(told));
  options->ca_file = attempt.ca_file;
  options->addresses =
      attempt.notifier.allow_private ? http::Addresses::kAll : http::Addresses::kOfOthers;
  // A client for each attempt: the certificates are read again.
  auto client = std::make_shared<http::Client>(loop, *std::move(options));
  client->Send(
      *url,
      RequestOf(attempt),
      {.timeout = attempt.notifier.timeout,
       .connect_timeout = std::min(kConnectMax, attempt.notifier.timeout),
       .max_body = kMaxAnswer,
       .head_is_enough = true},
      [told = std::move(told)](tl::expected<http::Response, http::ClientError> result) {
        if (result)
          told(Judged(*result));
        else
          told(tl::unexpected(SendFailure{.why = std::move(result.error().error.message)}));
      });
  return client;
}

}  // namespace runtime
