#include "runtime/notice_sender.h"

#include <utility>

#include "base/log.h"
#include "base/mask.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "http/message.h"
#include "notify/safe_message.h"
#include "runtime/notice_kinds.h"
#include "secrets/redact.h"

namespace runtime {

namespace {

using base::Cat;
using notify::NotifierType;

constexpr size_t kMostMails = 1'000;
constexpr size_t kWhyMax = 500;
// Shorter ones stand in texts that have nothing to do with them.
constexpr size_t kHiddenMin = 5;
constexpr size_t kHiddenPartMin = 8;  // of a URL: shorter ones are words

// What nobody may read in an answer or a log: secrets, and the parts of a URL that may be one.
std::set<std::string> HiddenOf(const notify::Notifier& notifier,
                               const std::string& url,
                               const std::string& secret) {
  std::set<std::string> hidden;
  const auto hide = [&hidden](const std::string& text) {
    if (text.size() >= kHiddenMin)
      hidden.insert(text);
  };
  const auto hide_part = [&hide](const std::string& text) {
    if (text.size() >= kHiddenPartMin)
      hide(text);
  };
  hide(secret);
  const bool is_public =
      notifier.type == NotifierType::kPagerDuty && notifier.url_secret.text.empty();
  if (is_public || url.empty())
    return hidden;
  hide(url);
  if (const auto parsed = http::ParseUrl(url)) {
    hide(parsed->path);
    hide(parsed->query);
    // A receiver may repeat the part alone that is the secret.
    for (const std::string& part : base::Split(base::ReplaceAll(parsed->query, "=", "&"), '&'))
      hide_part(part);
    for (const std::string& part : base::Split(parsed->path, '/'))
      hide_part(part);
  }
  return hidden;
}

}  // namespace

AttemptHandle FailLater(http::Loop& loop, SendFailure failure, NoticeSender::Told told) {
  auto handle = std::make_shared<bool>(true);
  loop.Post([weak = std::weak_ptr(handle), failure = std::move(failure), told = std::move(told)] {
    if (!weak.expired())
      told(tl::unexpected(failure));
  });
  return handle;
}

void NoticeSender::Send(const notify::Notifier& notifier,
                        const notify::Message& message,
                        const std::vector<std::string>& emails,
                        Done done) {
  SendAndTell(notifier, message, emails, [done = std::move(done)](const auto& told) {
    if (told)
      done({});
    else
      done(tl::unexpected(told.error()));
  });
}

void NoticeSender::SendAndTell(const notify::Notifier& notifier,
                               const notify::Message& message,
                               const std::vector<std::string>& emails,
                               Told told) {
  auto url = parts_.secrets.Read(notifier.url_secret);
  auto secret = parts_.secrets.Read(notifier.secret);
  if (!url || !secret)
    return Fail({.why = (url ? secret : url).error().message}, std::move(told));
  if (notifier.url_secret.text.empty())
    url = notifier.url;
  const std::set<std::string> hidden = HiddenOf(notifier, *url, *secret);
  base::HideInLog(Cat("notifier ", notifier.name), *secret);
  if (hidden.contains(*url))
    base::HideInLog(Cat("notifier ", notifier.name, " url"), *url);

  const notify::Message safe = notify::SafeMessage(message, [&](std::string text) {
    return base::MaskSecrets(parts_.mask(secrets::Masked(std::move(text), hidden)));
  });
  const uint64_t number = next_attempt_++;
  Attempt attempt{.parts = parts_,
                  .notifier = notifier,
                  .message = safe,
                  .url = *url,
                  .secret = *secret,
                  .ca_file = parts_.secrets.PathOf(notifier.ca_file),
                  .to = emails.empty() ? notifier.to : emails,
                  .taken = {}};
  auto finish = [this, number, hidden, told = std::move(told)](auto result) {
    Finish(number, hidden, told, std::move(result));
  };
  switch (notifier.type) {
    case NotifierType::kSlack:
    case NotifierType::kWebhook:
    case NotifierType::kPagerDuty:
      attempts_[number] = StartHttp(attempt, std::move(finish));
      return;
    case NotifierType::kSmtp: {
      const MailKey key{notifier.name, message.id};
      attempt.taken = TakenBy(key);
      attempts_[number] = StartMail(attempt, std::move(finish));
      return;
    }
    case NotifierType::kSns:
      attempts_[number] = StartSns(attempt, std::move(finish));
      return;
  }
}

void NoticeSender::Fail(SendFailure failure, Told told) {
  const uint64_t number = next_attempt_++;
  attempts_[number] = FailLater(
      parts_.loop, std::move(failure), [this, number, told = std::move(told)](auto result) {
        Finish(number, {}, told, std::move(result));
      });
}

// The attempt is in the middle of its callback: it goes once that has returned.
void NoticeSender::Finish(uint64_t attempt,
                          const std::set<std::string>& hidden,
                          const Told& told,
                          tl::expected<std::string, SendFailure> result) {
  auto entry = attempts_.extract(attempt);
  parts_.loop.Post([kept = std::move(entry.mapped())] {});
  const auto shown = [&](std::string text) {
    text = base::MaskSecrets(parts_.mask(secrets::Masked(std::move(text), hidden)));
    return base::Excerpt(base::PrintableLine(text), kWhyMax);
  };
  if (result)
    *result = shown(std::move(*result));
  else
    result.error().why = shown(std::move(result.error().why));
  const Told done = told;  // the attempt's own copy may go
  done(std::move(result));
}

std::shared_ptr<std::set<std::string>> NoticeSender::TakenBy(const MailKey& key) {
  auto& taken = taken_[key];
  if (taken)
    return taken;
  taken = std::make_shared<std::set<std::string>>();
  taken_order_.push_back(key);
  auto kept = taken;
  if (taken_order_.size() > kMostMails) {
    taken_.erase(taken_order_.front());
    taken_order_.pop_front();
  }
  return kept;
}

}  // namespace runtime
