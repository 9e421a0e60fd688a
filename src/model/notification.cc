#include "model/notification.h"

#include <algorithm>

namespace model {

namespace {

constexpr std::array<std::string_view, 9> kWords = {
    "failed", "retry", "success", "at_risk", "late", "missed", "orphan", "hold", "health"};
static_assert(kWords.size() == kOccasions.size());

}  // namespace

std::string_view ToString(Occasion occasion) {
  return kWords[static_cast<size_t>(occasion)];
}

std::optional<Occasion> ParseOccasion(std::string_view text) {
  const auto found = std::ranges::find(kWords, text);
  if (found == kWords.end())
    return std::nullopt;
  return static_cast<Occasion>(found - kWords.begin());
}

}  // namespace model
