// A message as a mail.

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "http/smtp_client.h"
#include "notify/forms_mail.h"
#include "runtime/notice_kinds.h"

namespace runtime {

namespace {

using base::Cat;
using notify::Mailbox;
using Taken = std::shared_ptr<std::set<std::string>>;

http::SmtpServer ServerOf(const Attempt& attempt) {
  const notify::Notifier& notifier = attempt.notifier;
  http::SmtpServer server{
      .host = notifier.host,
      .port = static_cast<uint16_t>(notifier.port),
      .user = notifier.user,
      .password = attempt.secret,
      .ca_file = attempt.ca_file,
      .addresses = notifier.allow_private ? http::Addresses::kAll : http::Addresses::kOfOthers};
  switch (notifier.tls) {
    case notify::Notifier::Tls::kStartTls:
      server.tls = http::SmtpServer::Tls::kStartTls;
      break;
    case notify::Notifier::Tls::kImplicit:
      server.tls = http::SmtpServer::Tls::kImplicit;
      break;
    case notify::Notifier::Tls::kNone:
      server.tls = http::SmtpServer::Tls::kNone;
      break;
  }
  return server;
}

// An address that will never take it does not keep the others from being tried again.
tl::expected<std::string, SendFailure> Judged(const http::SmtpOutcome& outcome,
                                              const std::vector<std::string>& wrong,
                                              const Taken& taken) {
  taken->insert(outcome.taken.begin(), outcome.taken.end());
  if (outcome.refused.empty() && wrong.empty())
    return outcome.answer;
  std::vector<std::string> refused;
  for (const std::string& address : wrong)
    refused.push_back(Cat("'", address, "' is no address"));
  for (const http::SmtpRefusal& refusal : outcome.refused)
    refused.push_back(Cat(refusal.address, ": ", refusal.why));
  const bool is_final = std::ranges::all_of(
      outcome.refused, [](const http::SmtpRefusal& refusal) { return refusal.is_lasting; });
  return tl::unexpected(SendFailure{.why = Cat(base::Join(refused, "; "),
                                               taken->empty() ? "" : "; taken by ",
                                               base::Join({taken->begin(), taken->end()}, ", ")),
                                    .is_final = is_final});
}

}  // namespace

AttemptHandle StartMail(const Attempt& attempt, NoticeSender::Told told) {
  http::Loop& loop = attempt.parts.loop;
  const auto from = notify::ParseMailbox(attempt.notifier.from);
  if (!from)
    return FailLater(loop, {.why = "the notifier's 'from' is no address"}, std::move(told));
  if (attempt.to.empty())
    return FailLater(loop,
                     {.why = "nobody is named: give the notifier the key 'to'", .is_final = true},
                     std::move(told));
  notify::Letter letter{.from = *from, .to = {}, .written_at = base::Clock::Wall()};
  http::SmtpMail mail{.from = from->address, .to = {}, .text = {}};
  std::vector<std::string> wrong;
  for (const std::string& text : attempt.to) {
    const auto mailbox = notify::ParseMailbox(text);
    if (!mailbox) {
      wrong.push_back(text);
      continue;
    }
    letter.to.push_back(*mailbox);
    if (!attempt.taken->contains(mailbox->address))
      mail.to.push_back(mailbox->address);
  }
  if (mail.to.empty()) {
    auto result = Judged({}, wrong, attempt.taken);
    if (!result)
      return FailLater(loop, std::move(result.error()), std::move(told));
    auto handle = std::make_shared<bool>(true);
    loop.Post([weak = std::weak_ptr(handle), told = std::move(told)] {
      if (!weak.expired())
        told("every address has taken it before");
    });
    return handle;
  }
  mail.text = notify::MailForm(attempt.message, letter);
  auto client = std::make_shared<http::SmtpClient>(loop);
  client->Send(ServerOf(attempt),
               std::move(mail),
               attempt.notifier.timeout,
               [wrong, taken = attempt.taken, told = std::move(told)](
                   tl::expected<http::SmtpOutcome, http::SmtpError> result) {
                 if (result)
                   return told(Judged(*result, wrong, taken));
                 told(tl::unexpected(SendFailure{.why = std::move(result.error().error.message),
                                                 .is_final = result.error().is_lasting}));
               });
  return client;
}

}  // namespace runtime
