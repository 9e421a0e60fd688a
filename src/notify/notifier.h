#pragma once

// `notifiers` of signalbox.yaml: to whom messages go, and by which way. Plain data; secrets are
// references here and are read when a message is sent.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace notify {

enum class NotifierType { kSlack, kWebhook, kSmtp, kSns, kPagerDuty };
std::string_view ToString(NotifierType type);  // "slack": as in the file
std::optional<NotifierType> ParseNotifierType(std::string_view text);

// Where a secret stands: "env:NAME", "file:PATH" (as seen from the project's folder) or
// "conn:ID" with an optional member ("conn:slack.password"). "": there is none.
struct SecretRef {
  std::string text;
  friend bool operator==(const SecretRef&, const SecretRef&) = default;
};

struct Notifier {
  std::string name;
  NotifierType type = NotifierType::kWebhook;
  // Of kSlack, kWebhook, kPagerDuty (none: PagerDuty's own). It may be a secret itself: then
  // `url_secret` has it.
  std::string url;
  SecretRef url_secret;
  SecretRef secret;  // kWebhook: the HMAC key; kPagerDuty: the routing key; kSmtp: the password
  std::string host;  // of kSmtp
  int port = 0;
  enum class Tls { kStartTls, kImplicit, kNone } tls = Tls::kStartTls;  // of kSmtp
  std::string user, from;                                               // of kSmtp
  std::vector<std::string> to;                                          // of kSmtp: addresses
  std::string topic_arn, region, endpoint;                              // of kSns; "" is usual
  std::string ca_file;         // PEM certificates to trust; "": the system's
  bool allow_private = false;  // loopback and link-local addresses, too
  base::Duration timeout = base::seconds(15);
  int max_per_minute = 20;  // what is more goes out together, later
  base::Duration give_up_after = base::hours(24);
  friend bool operator==(const Notifier&, const Notifier&) = default;
};

}  // namespace notify
