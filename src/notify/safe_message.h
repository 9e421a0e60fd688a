#pragma once

// A message as it may leave the house: without secrets, without characters that steer a terminal
// or break a line, and of a bounded length. Pure.

#include <functional>
#include <string>

#include "notify/message.h"

namespace notify {

// `mask` takes secrets out of a text that people wrote or that came from outside.
Message SafeMessage(Message message, const std::function<std::string(std::string)>& mask);

// The text in at most so many characters. Of a bundle it names each of its messages, with less of
// their texts where there are many.
std::string TextWithin(const Message& message, size_t max);

// Title, text, facts, error and link, one below the other, for forms that are plain text. The text
// has so many characters at the most.
inline constexpr size_t kPlainTextMax = 20'000;
std::string PlainText(const Message& message, size_t text_max = kPlainTextMax);

}  // namespace notify
