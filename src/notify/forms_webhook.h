#pragma once

// A message for a webhook of one's own: a JSON object, and the headers by which its receiver knows
// who sent it. Pure.
//
// A bundle has `messages`, each with an `id` and an `about` of its own.
//
//   X-Signalbox-Id: the message's id, the same each time it is sent
//   X-Signalbox-Signature: t=SECONDS,v1=HEX   HEX is HMAC-SHA-256(secret, "SECONDS.BODY")

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "notify/message.h"

namespace notify {

inline constexpr std::string_view kIdHeader = "X-Signalbox-Id";
inline constexpr std::string_view kSignatureHeader = "X-Signalbox-Signature";

json::object WebhookForm(const Message& message);

// `now`: of the wall clock; the receiver refuses what is old.
std::string Signature(std::string_view secret, std::string_view body, base::Time now);

}  // namespace notify
