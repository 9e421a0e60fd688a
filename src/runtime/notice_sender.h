#pragma once

// Sends messages to notifiers: one attempt each, by HTTP, mail or SNS. What is sent holds no
// secrets but those that the notifier needs; the answer of an attempt holds none at all.
//
// A message may arrive twice (a reply that was lost), with the same id. A mail to several
// addresses that some of them did not take goes only to those in the next attempt of this process.
//
// Not here: whom a message goes to, when, and when it is tried again (the outbox); how it is worded
// (notify).
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Send(); when
// this goes, attempts are dropped without a word.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "aws/session.h"
#include "base/clock.h"
#include "base/time.h"
#include "http/loop.h"
#include "notify/message.h"
#include "notify/notifier.h"
#include "notify/sender.h"
#include "runtime/secret_references.h"

namespace runtime {

using notify::SendFailure;

class NoticeSender {
 public:
  using Done = std::function<void(tl::expected<void, SendFailure>)>;
  // What came back: "HTTP 200: ok".
  using Told = std::function<void(tl::expected<std::string, SendFailure>)>;

  struct Parts {
    http::Loop& loop;
    const base::Clock& clock;
    aws::Session& session;  // its proxies, and the keys for SNS
    SecretReferences& secrets;
    // Takes the secrets that are known to the process out of a text.
    std::function<std::string(std::string)> mask;
  };

  explicit NoticeSender(Parts parts) : parts_(std::move(parts)) {}
  NoticeSender(const NoticeSender&) = delete;
  NoticeSender& operator=(const NoticeSender&) = delete;

  // One attempt; emails: addresses of this message instead of the notifier's own `to` (smtp).
  void Send(const notify::Notifier& notifier,
            const notify::Message& message,
            const std::vector<std::string>& emails,
            Done done);
  void SendAndTell(const notify::Notifier& notifier,
                   const notify::Message& message,
                   const std::vector<std::string>& emails,
                   Told told);

 private:
  using MailKey = std::pair<std::string, std::string>;  // the notifier's name, the message's id

  void Fail(SendFailure failure, Told told);
  void Finish(uint64_t attempt,
              const std::set<std::string>& hidden,
              const Told& told,
              tl::expected<std::string, SendFailure> result);
  std::shared_ptr<std::set<std::string>> TakenBy(const MailKey& key);

  const Parts parts_;
  uint64_t next_attempt_ = 1;
  std::map<uint64_t, std::shared_ptr<void>> attempts_;
  // Of mails that some addresses have taken; the oldest are forgotten.
  std::map<MailKey, std::shared_ptr<std::set<std::string>>> taken_;
  std::deque<MailKey> taken_order_;
};

}  // namespace runtime
