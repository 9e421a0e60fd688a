#include "notify/safe_message.h"

#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;

// In characters. A form may allow less.
constexpr size_t kTitleMax = 300;
constexpr size_t kTextMax = 20'000;
constexpr size_t kErrorMax = 8'000;
constexpr size_t kFactMax = 500;
constexpr size_t kMostFacts = 40;

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
  message.text = base::Excerpt(base::Printable(mask(std::move(message.text))), kTextMax);
  message.error = LastOf(base::Printable(mask(std::move(message.error))), kErrorMax);
  if (message.facts.size() > kMostFacts)
    message.facts.resize(kMostFacts);
  for (auto& [name, value] : message.facts) {
    line(name, kFactMax);
    line(value, kFactMax);
  }
  if (!IsLink(message.link))
    message.link.clear();
  return message;
}

std::string PlainText(const Message& message) {
  std::string out = message.title;
  const auto add = [&out](std::string_view part) {
    if (!part.empty())
      out += Cat(out.empty() ? "" : "\n\n", part);
  };
  add(message.text);
  std::string facts;
  for (const auto& [name, value] : message.facts)
    facts += Cat(facts.empty() ? "" : "\n", name, ": ", value);
  add(facts);
  add(message.error);
  add(message.link);
  return out;
}

}  // namespace notify
