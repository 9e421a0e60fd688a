#pragma once

// One attempt by each kind of notifier. Internal to NoticeSender.
//
// Thread rule: the loop thread. `told` is called exactly once, never from inside a function here;
// an attempt is dropped without a word when its handle goes.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/notice_sender.h"

namespace runtime {

struct Attempt {
  const NoticeSender::Parts& parts;
  const notify::Notifier& notifier;
  const notify::Message& message;  // as it may leave the house
  std::string url;
  std::string secret;
  std::string ca_file;                           // as the process opens it
  std::vector<std::string> to;                   // of a mail
  std::shared_ptr<std::set<std::string>> taken;  // addresses that have the mail already
};

using AttemptHandle = std::shared_ptr<void>;

AttemptHandle StartHttp(const Attempt& attempt, NoticeSender::Told told);
AttemptHandle StartMail(const Attempt& attempt, NoticeSender::Told told);
AttemptHandle StartSns(const Attempt& attempt, NoticeSender::Told told);

// Later, unless the handle goes before.
AttemptHandle FailLater(http::Loop& loop, SendFailure failure, NoticeSender::Told told);

}  // namespace runtime
