#include "notify/notifier.h"

#include <algorithm>
#include <array>

namespace notify {

namespace {

constexpr std::array<std::string_view, 5> kWords = {"slack", "webhook", "smtp", "sns", "pagerduty"};

}  // namespace

std::string_view ToString(NotifierType type) {
  return kWords[static_cast<size_t>(type)];
}

std::optional<NotifierType> ParseNotifierType(std::string_view text) {
  const auto found = std::ranges::find(kWords, text);
  if (found == kWords.end())
    return std::nullopt;
  return static_cast<NotifierType>(found - kWords.begin());
}

}  // namespace notify
