#include "notify/safe_message.h"

#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;

// In characters. A form may allow less.
constexpr size_t kTitleMax = 300;
constexpr size_t kErrorMax = 8'000;
constexpr size_t kFactMax = 500;
constexpr size_t kMostFacts = 40;
constexpr size_t kBundledTextMax = 2'000;

// The end of an error says what went wrong: whole lines are left out before it.
std::string LastOf(std::string text, size_t max) {
  const std::vector<std::string> lines = base::Split(text, '\n');
  size_t size = text.size();
  size_t first = 0;
  while (size > max && first + 1 < lines.size())
    size -= lines[first++].size() + 1;
  if (first == 0)
    return base::Excerpt(text, max);
  return base::Excerpt(
      Cat("…\n", base::Join({lines.begin() + static_cast<ptrdiff_t>(first), lines.end()}, "\n")),
      max);
}

bool IsLink(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) &&
         text.find_first_of(" \t\r\n<>\"\\|") == std::string_view::npos;
}

}  // namespace

Message SafeMessage(Message message, const std::function<std::string(std::string)>& mask) {
  const auto line = [&mask](std::string& text, size_t max) {
    text = base::Excerpt(base::PrintableLine(mask(std::move(text))), max);
  };
  line(message.title, kTitleMax);
  line(message.about, kFactMax);
  line(message.deployment, kFactMax);
  message.text = base::Excerpt(base::Printable(mask(std::move(message.text))), kPlainTextMax);
  message.error = LastOf(base::Printable(mask(std::move(message.error))), kErrorMax);
  if (message.facts.size() > kMostFacts)
    message.facts.resize(kMostFacts);
  for (auto& [name, value] : message.facts) {
    line(name, kFactMax);
    line(value, kFactMax);
  }
  if (!IsLink(message.link))
    message.link.clear();
  for (Message& bundled : message.bundled) {
    bundled = SafeMessage(std::move(bundled), mask);
    bundled.text = base::Excerpt(bundled.text, kBundledTextMax);
  }
  return message;
}

std::string TextWithin(const Message& message, size_t max) {
  if (message.bundled.empty())
    return base::Excerpt(message.text, max);
  for (size_t each = max;; each = each * 3 / 4) {
    std::string out;
    for (const Message& bundled : message.bundled) {
      const std::string block =
          Cat("- ", bundled.title, bundled.text.empty() ? "" : "\n", bundled.text);
      out +=
          Cat(out.empty() ? "" : "\n", base::ReplaceAll(base::Excerpt(block, each), "\n", "\n  "));
    }
    if (base::Excerpt(out, max) == out || each < 4)
      return base::Excerpt(out, max);
  }
}

std::string PlainText(const Message& message, size_t text_max) {
  std::string out = message.title;
  const auto add = [&out](std::string_view part) {
    if (!part.empty())
      out += Cat(out.empty() ? "" : "\n\n", part);
  };
  add(TextWithin(message, text_max));
  std::string facts;
  for (const auto& [name, value] : message.facts)
    facts += Cat(facts.empty() ? "" : "\n", name, ": ", value);
  add(facts);
  add(message.error);
  add(message.link);
  return out;
}

}  // namespace notify
