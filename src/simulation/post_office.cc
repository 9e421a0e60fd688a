#include "simulation/post_office.h"

#include <algorithm>

namespace simulation {

namespace {

constexpr base::Duration kUsual = base::milliseconds(200);
constexpr base::Duration kTimeOut = base::seconds(15);

}  // namespace

const MailTrouble* PostOffice::TroubleAt(base::Time now) const {
  const auto found = std::ranges::find_if(troubles_, [&](const MailTrouble& trouble) {
    return trouble.from <= now && now < trouble.until;
  });
  return found == troubles_.end() ? nullptr : &*found;
}

PostOffice::Reply PostOffice::Take(const Arrival& message) {
  attempted_(message.at, message.notifier);
  const MailTrouble* trouble = TroubleAt(message.at);
  if (trouble == nullptr) {
    listener_(message);
    return {kUsual, std::nullopt};
  }
  switch (trouble->kind) {
    case MailTrouble::Kind::kLosesReplies:
      listener_(message);
      return {kTimeOut, notify::SendFailure{"no answer within 15s", false, {}}};
    case MailTrouble::Kind::kRefuses:
      return {kUsual, notify::SendFailure{"429: too many", false, base::seconds(30)}};
    case MailTrouble::Kind::kSlow:
      listener_(message);
      return {kTimeOut - base::seconds(1), std::nullopt};
    case MailTrouble::Kind::kDown:
      break;
  }
  return {kTimeOut, notify::SendFailure{"cannot connect", false, {}}};
}

}  // namespace simulation
