#pragma once

// Reads the SQS queue behind an EventBridge rule: one long poll is always under way, and what it
// brought is deleted once all that followed from it is committed. A message that was not deleted
// comes again; a hint that comes twice is known.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "driver/context.h"

namespace driver {

class Queue {
 public:
  Queue(Context& context, std::function<void(std::string_view event)> on_event)
      : context_(context), on_event_(std::move(on_event)) {}

  // Memory was dropped: what was not committed is to come again.
  void OnMemoryDropped() { read_.clear(); }
  // REQUIRES: all events that were posted before are committed.
  void Plan();
  std::optional<base::Time> NextWake() const;

 private:
  void Receive();
  void OnReceived(const Reply& reply);
  void Delete();

  Context& context_;
  const std::function<void(std::string_view)> on_event_;
  bool receiving_ = false;
  base::Time not_before_{};
  std::vector<std::string> read_;  // receipt handles
};

}  // namespace driver
