#include "notify/forms_webhook.h"

#include "base/hash.h"
#include "base/text.h"

namespace notify {

json::object WebhookForm(const Message& message) {
  json::array facts;
  for (const auto& [name, value] : message.facts)
    facts.push_back(json::object{{"name", name}, {"value", value}});
  return {{"id", message.id},
          {"occasion", model::ToString(message.occasion)},
          {"is_over", message.is_over},
          {"about", message.about},
          {"title", message.title},
          {"text", message.text},
          {"facts", std::move(facts)},
          {"error", message.error},
          {"link", message.link},
          {"deployment", message.deployment},
          {"at", base::FormatRfc3339(message.at)},
          {"times", message.times}};
}

std::string Signature(std::string_view secret, std::string_view body, base::Time now) {
  const std::string seconds = base::Cat(base::ToMicros(now) / 1'000'000);
  const base::Digest digest = base::HmacSha256(secret, base::Cat(seconds, ".", body));
  return base::Cat("t=", seconds, ",v1=", base::Hex(base::AsText(digest)));
}

}  // namespace notify
