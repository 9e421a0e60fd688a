// A message as a call of SNS, by the server's keys.

#include <utility>

#include "aws/session.h"
#include "aws/sns.h"
#include "base/text.h"
#include "http/client.h"
#include "notify/forms_sns.h"
#include "runtime/notice_kinds.h"

namespace runtime {

namespace {

using base::Cat;

// What one call needs, and goes with it.
struct Call {
  Call(const Attempt& attempt, http::ClientOptions options, http::Url endpoint)
      : http(attempt.parts.loop, std::move(options)),
        fetcher(attempt.parts.loop, http),
        client(attempt.parts.loop,
               fetcher,
               attempt.parts.session.credentials(),
               attempt.parts.session.context().clock,
               attempt.parts.clock,
               aws::JsonClient::Target{
                   aws::kSns, attempt.notifier.region, std::move(endpoint), aws::SnsProtocol()}) {}

  http::Client http;
  aws::Fetcher fetcher;
  aws::JsonClient client;
};

tl::expected<std::string, SendFailure> Judged(const aws::CallOutcome& outcome) {
  if (!outcome.error)
    return Cat("SNS has it as ", base::GetString(outcome.reply->get_object(), "MessageId"));
  using wire::ErrorClass;
  const wire::AwsError& error = *outcome.error;
  // A topic or a permission that is missing may be there soon.
  const bool is_final = error.error_class == ErrorClass::kClean;
  return tl::unexpected(
      SendFailure{.why = Cat("SNS: ", error.code, error.message.empty() ? "" : ": ", error.message),
                  .is_final = is_final});
}

}  // namespace

AttemptHandle StartSns(const Attempt& attempt, NoticeSender::Told told) {
  http::Loop& loop = attempt.parts.loop;
  const aws::Context& context = attempt.parts.session.context();
  const std::string& configured = attempt.notifier.endpoint;
  // What the notifier names outright wins, as its region does.
  auto endpoint = configured.empty()
                      ? aws::ResolveEndpoint(context.config, aws::kSns, attempt.notifier.region)
                      : http::ParseUrl(configured);
  auto options = context.config.ForHttp();
  if (!endpoint || !options)
    return FailLater(loop,
                     {.why = endpoint ? options.error().message : endpoint.error().message},
                     std::move(told));
  if (!attempt.ca_file.empty())
    options->ca_file = attempt.ca_file;
  if (!configured.empty() && !attempt.notifier.allow_private)
    options->addresses = http::Addresses::kOfOthers;
  auto call = std::make_shared<Call>(attempt, *std::move(options), *std::move(endpoint));
  call->client.Call(
      "Publish",
      aws::SnsBody("Publish", notify::SnsForm(attempt.message, attempt.notifier.topic_arn)),
      {.timeout = attempt.notifier.timeout},
      [told = std::move(told)](const aws::CallOutcome& outcome) { told(Judged(outcome)); });
  return call;
}

}  // namespace runtime
