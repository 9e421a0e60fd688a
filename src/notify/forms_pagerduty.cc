#include "notify/forms_pagerduty.h"

#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

using base::Cat;
using model::Occasion;

constexpr size_t kKeyMax = 255;
constexpr size_t kSummaryMax = 1'024;

std::string_view SeverityOf(Occasion occasion) {
  switch (occasion) {
    case Occasion::kMissed:
    case Occasion::kHealth:
      return "critical";
    case Occasion::kFailed:
    case Occasion::kLate:
      return "error";
    case Occasion::kRetry:
    case Occasion::kAtRisk:
    case Occasion::kOrphan:
    case Occasion::kHold:
      return "warning";
    case Occasion::kSuccess:
      return "info";
  }
  return "error";
}

// Two deployments may have DAGs of one name.
std::string KeyOf(const Message& message) {
  std::string key = Cat(message.deployment, "/", message.about);
  if (key.size() <= kKeyMax)
    return key;
  return Cat("signalbox/", base::Sha256Hex(key));
}

}  // namespace

json::object PagerDutyForm(const Message& message, const std::string& routing_key) {
  json::object event{{"routing_key", routing_key},
                     {"event_action", message.is_over ? "resolve" : "trigger"},
                     {"dedup_key", KeyOf(message)}};
  if (message.is_over)
    return event;
  json::object details;
  for (const auto& [name, value] : message.facts)
    details[name] = value;
  if (!message.text.empty())
    details["text"] = message.text;
  if (!message.error.empty())
    details["error"] = message.error;
  event["payload"] = json::object{
      {"summary",
       base::Excerpt(message.title.empty() ? message.about : message.title, kSummaryMax - 1)},
      {"source", Cat("signalbox ", message.deployment)},
      {"severity", SeverityOf(message.occasion)},
      {"timestamp", base::FormatRfc3339(message.at)},
      {"component", "signalbox"},
      {"group", message.deployment},
      {"class", model::ToString(message.occasion)},
      {"custom_details", std::move(details)}};
  event["client"] = "Signalbox";
  if (!message.link.empty()) {
    event["client_url"] = message.link;
    event["links"] = json::array{json::object{{"href", message.link}, {"text", "Signalbox"}}};
  }
  return event;
}

}  // namespace notify
