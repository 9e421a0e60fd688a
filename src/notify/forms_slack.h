#pragma once

// A message as the body of an incoming webhook of Slack, or of a server that takes what Slack does
// (Mattermost and Rocket.Chat show `text` alone). Pure.
//
// Facts: Slack's "Sending messages using incoming webhooks", "Formatting text for app surfaces" (&,
// < and > are escaped, so no text can mention people or forge a link) and "Section block" (3,000
// characters in a text, 10 fields of 2,000). All blocks together may have about 13,000 characters,
// which Slack does not document.

#include "base/json.h"
#include "notify/message.h"

namespace notify {

json::object SlackForm(const Message& message);

}  // namespace notify
