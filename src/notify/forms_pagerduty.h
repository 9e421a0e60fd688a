#pragma once

// A message as an event of PagerDuty's Events API v2: it opens an alert, or resolves the one that
// an earlier message with this `about` opened. Pure.
//
// Facts: PagerDuty's "Send an alert event": summary at most 1,024 characters, dedup_key 255, an
// event 512 KB.

#include <string>

#include "base/json.h"
#include "notify/message.h"

namespace notify {

inline constexpr std::string_view kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

json::object PagerDutyForm(const Message& message, const std::string& routing_key);

}  // namespace notify
