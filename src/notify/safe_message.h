#pragma once

// A message as it may leave the house: without secrets, without characters that steer a terminal
// or break a line, and of a bounded length. Pure.

#include <functional>
#include <string>

#include "notify/message.h"

namespace notify {

// `mask` takes secrets out of a text that people wrote or that came from outside.
Message SafeMessage(Message message, const std::function<std::string(std::string)>& mask);

// Title, text, facts, error and link, one below the other, for forms that are plain text.
std::string PlainText(const Message& message);

}  // namespace notify
