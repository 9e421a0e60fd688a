#include "notify/forms_webhook.h"

#include "base/hash.h"
#include "base/text.h"
#include "notify/safe_message.h"

namespace notify {

json::object WebhookForm(const Message& message) {
  json::array facts;
  for (const auto& [name, value] : message.facts)
    facts.push_back(json::object{{"name", name}, {"value", value}});
  json::object form{{"id", message.id},
                    {"occasion", model::ToString(message.occasion)},
                    {"is_over", message.is_over},
                    {"about", message.about},
                    {"title", message.title},
                    {"text", TextWithin(message, kPlainTextMax)},
                    {"facts", std::move(facts)},
                    {"error", message.error},
                    {"link", message.link},
                    {"deployment", message.deployment},
                    {"at", base::FormatRfc3339(message.at)},
                    {"times", message.times}};
  if (message.bundled.empty())
    return form;
  json::array messages;
  for (const Message& bundled : message.bundled)
    messages.emplace_back(WebhookForm(bundled));
  form["messages"] = std::move(messages);
  return form;
}

std::string Signature(std::string_view secret, std::string_view body, base::Time now) {
  const std::string seconds = base::Cat(base::ToMicros(now) / 1'000'000);
  const base::Digest digest = base::HmacSha256(secret, base::Cat(seconds, ".", body));
  return base::Cat("t=", seconds, ",v1=", base::Hex(base::AsText(digest)));
}

}  // namespace notify
