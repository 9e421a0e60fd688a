#include "api/log_texts.h"

#include <algorithm>
#include <utility>

namespace api {

void LogTexts::Forget() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(kept_, [&](const Kept& kept) { return now >= kept.read_at + kKept; });
  size_t bytes = 0;
  for (const Kept& kept : kept_)
    bytes += kept.text->size();
  while (bytes > kBytesMax) {
    bytes -= kept_.front().text->size();
    kept_.pop_front();
  }
}

LogTexts::Text LogTexts::Find(const std::string& uri) {
  Forget();
  const auto found = std::ranges::find(kept_, uri, &Kept::uri);
  return found == kept_.end() ? nullptr : found->text;
}

void LogTexts::Keep(const std::string& uri, Text text) {
  std::erase_if(kept_, [&](const Kept& kept) { return kept.uri == uri; });
  if (text->size() <= kBytesMax)
    kept_.push_back({uri, std::move(text), std::chrono::steady_clock::now()});
  Forget();
}

}  // namespace api
