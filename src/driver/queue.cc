#include "driver/queue.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace driver {

namespace {
constexpr int kMessagesMax = 10;  // of one ReceiveMessage and of one DeleteMessageBatch
constexpr int kWaitSeconds = 20;
}  // namespace

void Queue::Plan() {
  if (!read_.empty())
    Delete();
  if (!receiving_ && context_.Now() >= not_before_)
    Receive();
}

std::optional<base::Time> Queue::NextWake() const {
  if (receiving_)
    return std::nullopt;
  return not_before_;
}

void Queue::Receive() {
  receiving_ = true;
  context_.caller.Request(Service::kSqs,
                          "ReceiveMessage",
                          {{"QueueUrl", context_.options.sources.queue_url},
                           {"MaxNumberOfMessages", kMessagesMax},
                           {"WaitTimeSeconds", kWaitSeconds}},
                          [this](const Reply& reply) { OnReceived(reply); });
}

void Queue::OnReceived(const Reply& reply) {
  receiving_ = false;
  if (!reply.body || !reply.body->is_object()) {
    const bool throttled = reply.error && reply.error->error_class == wire::ErrorClass::kThrottled;
    not_before_ = context_.Now() +
                  (throttled ? context_.options.throttle_pause : context_.options.trouble_pause);
    return;
  }
  for (const json::value& value : base::GetArray(reply.body->get_object(), "Messages")) {
    if (!value.is_object())
      continue;
    on_event_(base::GetString(value.get_object(), "Body"));
    read_.push_back(base::GetString(value.get_object(), "ReceiptHandle"));
  }
}

void Queue::Delete() {
  std::vector<std::string> handles = std::exchange(read_, {});
  for (size_t i = 0; i < handles.size(); i += kMessagesMax) {
    json::array entries;
    for (size_t j = i; j < std::min(handles.size(), i + kMessagesMax); ++j)
      entries.push_back(
          json::object{{"Id", std::to_string(j - i)}, {"ReceiptHandle", std::move(handles[j])}});
    context_.caller.Request(
        Service::kSqs,
        "DeleteMessageBatch",
        {{"QueueUrl", context_.options.sources.queue_url}, {"Entries", std::move(entries)}},
        [](const Reply& reply) {
          // It comes again after its time-out, and is known then.
          const size_t failed = reply.body && reply.body->is_object()
                                    ? base::GetArray(reply.body->get_object(), "Failed").size()
                                    : 0;
          if (failed > 0)
            base::LogWarning("messages_not_deleted", {{"count", failed}});
        });
  }
}

}  // namespace driver
