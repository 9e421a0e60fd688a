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

// Escaped, and still within `max` characters.
std::string Fitted(std::string_view text, size_t max) {
  for (size_t kept = max;; kept = kept * 3 / 4) {
    std::string out = Escaped(base::Excerpt(text, kept));
    if (out.size() <= max || base::Excerpt(out, max) == out)
      return out;
  }
}

std::string Code(std::string_view text, size_t max) {
  return Cat("```", Fitted(base::ReplaceAll(text, "```", "'''"), max), "```");
}

json::object Section(std::string text) {
  return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", std::move(text)}}}};
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
  return {{"text", Fitted(PlainText(message), kTextMax)}, {"blocks", std::move(blocks)}};
}

}  // namespace notify
