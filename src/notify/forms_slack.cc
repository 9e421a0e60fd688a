#include "notify/forms_slack.h"

#include <algorithm>

#include "base/safe_text.h"
#include "base/text.h"
#include "notify/safe_message.h"

namespace notify {

namespace {

using base::Cat;

// In characters; escaping makes five of one at most, in texts of which that is rarely much.
constexpr size_t kTextMax = 3'500;
constexpr size_t kSectionMax = 2'900;
constexpr size_t kFieldMax = 200;
constexpr size_t kMostFields = 10;
constexpr size_t kTitleMax = 300;
constexpr size_t kErrorMax = 2'000;
constexpr size_t kBundleMax = 9'000;  // of all messages of a bundle

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

// What `shortened` gives for a size, escaped, and still within `max` characters.
template <typename Shortened>
std::string FittedOf(Shortened shortened, size_t max) {
  for (size_t kept = max;; kept = kept * 3 / 4) {
    std::string out = Escaped(shortened(kept));
    if (out.size() <= max || base::Excerpt(out, max) == out)
      return out;
  }
}

std::string Fitted(std::string_view text, size_t max) {
  return FittedOf([&](size_t kept) { return base::Excerpt(text, kept); }, max);
}

std::string Code(std::string_view text, size_t max) {
  return Cat("```", Fitted(base::ReplaceAll(text, "```", "'''"), max), "```");
}

json::object Section(std::string text) {
  return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", std::move(text)}}}};
}

// "*title*" and, below it, what fits of the text.
std::string OfBundle(const Message& message, size_t max) {
  const std::string title = Cat("*", Fitted(message.title, max / 2), "*");
  return message.text.empty() ? title : Cat(title, "\n", Fitted(message.text, max / 2 - 3));
}

}  // namespace

json::object SlackForm(const Message& message) {
  json::array blocks;
  const std::string title = Fitted(message.title, kTitleMax);
  blocks.push_back(Section(message.link.empty()
                               ? Cat("*", title, "*")
                               : Cat("*<", Escaped(message.link), "|", title, ">*")));
  if (!message.text.empty())
    blocks.push_back(Section(Fitted(message.text, kSectionMax)));
  for (const Message& bundled : message.bundled)
    blocks.push_back(
        Section(OfBundle(bundled, std::min(kBundleMax / message.bundled.size(), kSectionMax))));
  json::array fields;
  for (size_t i = 0; i < std::min(message.facts.size(), kMostFields); ++i)
    fields.push_back(json::object{{"type", "mrkdwn"},
                                  {"text",
                                   Cat("*",
                                       Fitted(message.facts[i].first, kFieldMax),
                                       "*\n",
                                       Fitted(message.facts[i].second, kFieldMax))}});
  if (!fields.empty())
    blocks.push_back(json::object{{"type", "section"}, {"fields", std::move(fields)}});
  if (!message.error.empty())
    blocks.push_back(Section(Code(message.error, kErrorMax)));
  const auto plain = [&message](size_t kept) {
    // Beside the title, where the messages of a bundle have to find their place.
    const size_t rest = kept - std::min(kept, message.title.size() + 2);
    return base::Excerpt(PlainText(message, rest), kept);
  };
  return {{"text", FittedOf(plain, kTextMax)}, {"blocks", std::move(blocks)}};
}

}  // namespace notify
