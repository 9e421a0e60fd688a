#include "runtime/real_world.h"

#include <algorithm>
#include <utility>

namespace runtime {

RealWorld::RealWorld(aws::JsonClient& client,
                     const base::Clock& clock,
                     base::Duration timeout,
                     OnReply on_reply)
    : client_(client), clock_(clock), timeout_(timeout), on_reply_(std::move(on_reply)) {}

base::Time RealWorld::Now() {
  latest_ = std::max(latest_, clock_.World());
  return latest_;
}

void RealWorld::Submit(const driver::Call& call) {
  auto done = [this, id = call.id, sent_at = Now()](aws::CallOutcome outcome) {
    on_reply_(id, {std::move(outcome.reply), std::move(outcome.error), sent_at});
  };
  client_.Call(call.action, call.body, {.timeout = timeout_}, std::move(done));
}

}  // namespace runtime
