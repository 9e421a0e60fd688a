#pragma once

// What the outbox hears of a message that could not be sent. Plain data.

#include <optional>
#include <string>

#include "base/time.h"

namespace notify {

struct SendFailure {
  std::string why;        // a sentence
  bool is_final = false;  // it would fail again, however often it is sent
  std::optional<base::Duration> retry_after;
};

}  // namespace notify
