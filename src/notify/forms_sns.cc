#include "notify/forms_sns.h"

#include "base/hash.h"
#include "base/json_text.h"
#include "base/text.h"
#include "notify/safe_message.h"

namespace notify {

namespace {

using base::Cat;

constexpr size_t kSubjectMax = 100;
constexpr size_t kMessageMax = size_t{160} << 10;  // bytes; attributes count, too

bool IsAscii(char c) {
  return c >= ' ' && c <= '~';
}

// One "?" for each character that ASCII has not.
std::string SubjectOf(std::string_view title) {
  std::string out;
  for (const char c : title) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // of UTF-8
    if (!goes_on)
      out += IsAscii(c) ? c : '?';
  }
  out = base::Trim(out);
  if (out.size() > kSubjectMax)
    out = std::string(base::Trim(out.substr(0, kSubjectMax - 3))) + "...";
  return out;
}

std::string Cut(std::string text, size_t bytes) {
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
    --bytes;
  return text.substr(0, bytes) + "…";
}

// A filter of a subscription takes a list for each of its items.
std::string AboutsOf(const Message& bundle) {
  json::array abouts;
  for (const Message& bundled : bundle.bundled)
    abouts.emplace_back(bundled.about);
  return base::Serialize(abouts);
}

}  // namespace

Parameters SnsForm(const Message& message, const std::string& topic_arn) {
  Parameters out{{"TopicArn", topic_arn}, {"Message", Cut(PlainText(message), kMessageMax)}};
  if (std::string subject = SubjectOf(message.title); !subject.empty())
    out.emplace_back("Subject", std::move(subject));
  int number = 0;
  const auto attribute =
      [&](std::string_view name, std::string_view value, std::string_view type = "String") {
        if (value.empty())
          return;  // SNS refuses empty ones
        const std::string entry = Cat("MessageAttributes.entry.", ++number, ".");
        out.emplace_back(entry + "Name", name);
        out.emplace_back(entry + "Value.DataType", type);
        out.emplace_back(entry + "Value.StringValue", value);
      };
  attribute("id", message.id);
  attribute("occasion", model::ToString(message.occasion));
  attribute("is_over", message.is_over ? "true" : "false");
  if (message.bundled.empty())
    attribute("about", message.about);
  else
    attribute("about", AboutsOf(message), "String.Array");
  attribute("deployment", message.deployment);
  attribute("link", message.link);
  if (topic_arn.ends_with(".fifo")) {
    // Both have at most 128 characters of a small alphabet.
    out.emplace_back("MessageGroupId", base::Sha256Hex(message.about));
    out.emplace_back("MessageDeduplicationId", base::Sha256Hex(message.id));
  }
  return out;
}

std::string RegionOfTopic(std::string_view arn) {
  const std::vector<std::string> parts = base::Split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[4].empty() ||
      parts[5].empty())
    return "";
  return parts[3];
}

}  // namespace notify
