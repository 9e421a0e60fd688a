#include "model/record.h"

#include <algorithm>
#include <array>

namespace model {

namespace {

constexpr std::array<std::string_view, 10> kWords = {"user",
                                                     "token",
                                                     "session",
                                                     "variable",
                                                     "connection",
                                                     "favourite",
                                                     "notice",
                                                     "position",
                                                     "task_store",
                                                     "asset_store"};

}  // namespace

std::string_view ToString(RecordKind kind) {
  return kWords[static_cast<size_t>(kind)];
}

std::optional<RecordKind> ParseRecordKind(std::string_view text) {
  const auto found = std::ranges::find(kWords, text);
  if (found == kWords.end())
    return std::nullopt;
  return static_cast<RecordKind>(found - kWords.begin());
}

}  // namespace model
