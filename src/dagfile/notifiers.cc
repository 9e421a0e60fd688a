#include "dagfile/notifiers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dagfile/ids.h"
#include "notify/forms_sns.h"
#include "notify/mailbox.h"
#include "yaml/reader.h"

namespace dagfile {

using base::Cat;

namespace {

using notify::Notifier;
using notify::NotifierType;

constexpr std::string_view kReferences =
    "env:NAME (a variable of the server), file:PATH or conn:ID (a connection's password)";
constexpr base::Duration kMostTimeout = base::minutes(2);
constexpr base::Duration kMostPatience = base::hours(24 * 14);

std::string_view RestOf(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : "";
}

bool IsReference(std::string_view text) {
  const std::string_view variable = RestOf(text, "env:");
  if (!variable.empty())
    return variable.find_first_of("= ") == std::string_view::npos;
  return !RestOf(text, "file:").empty() || !RestOf(text, "conn:").empty();
}

// What is wrong with it, as the end of a sentence; "": nothing that can be seen here.
std::string_view UrlMistake(std::string_view text) {
  const size_t scheme = text.find("://");
  const std::string_view name = text.substr(0, scheme == std::string_view::npos ? 0 : scheme);
  if (name != "https" && name != "http")
    return "is no URL such as https://host/path";
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.empty() || host.starts_with(':'))
    return "has no host";
  if (host.find('@') != std::string_view::npos)
    return "has a user or a password, which do not belong into a URL";
  for (const char c : text) {
    if (c <= ' ' || c > '~')
      return "has characters that a URL has to percent-encode";
  }
  return "";
}

class NotifierReader {
 public:
  NotifierReader(std::string_view name,
                 const yaml::Node& node,
                 yaml::Diagnostics* errors,
                 yaml::Diagnostics* warnings)
      : map_(node, Cat("the notifier '", name, "'"), errors), errors_(errors), warnings_(warnings) {
    out_.name = name;
  }

  std::optional<Notifier> Run() {
    if (!map_.is_map())
      return std::nullopt;
    if (!IsLaneId(out_.name))
      Fail(map_.node().mark(),
           Cat("a notifier's name has 1 to 64 letters, digits, '-' and '_', found '",
               out_.name,
               "'"));
    if (!ReadType())
      return std::nullopt;
    switch (out_.type) {
      case NotifierType::kSlack:
        ReadUrl(/*is_required=*/true);
        break;
      case NotifierType::kWebhook:
        ReadUrl(/*is_required=*/true);
        ReadSecret("secret", out_.secret);
        break;
      case NotifierType::kSmtp:
        ReadSmtp();
        break;
      case NotifierType::kSns:
        ReadSns();
        break;
      case NotifierType::kPagerDuty:
        ReadUrl(/*is_required=*/false);
        ReadSecret("routing_key", out_.secret);
        if (out_.secret.text.empty() && !map_.node().Find("routing_key"))
          Fail(map_.node().mark(), "a notifier of type pagerduty needs the key 'routing_key'");
        break;
    }
    ReadShared();
    map_.Finish();
    return is_good_ ? std::optional(std::move(out_)) : std::nullopt;
  }

 private:
  void Fail(yaml::Mark mark, std::string message) {
    is_good_ = false;
    errors_->Add(mark, std::move(message));
  }
  void FailAt(std::string_view key, std::string message) {
    Fail(map_.MarkOf(key), Cat("'", key, "' ", message));
  }

  // A value of another kind is told by the reader.
  template <typename T>
  std::optional<T> Optional(std::string_view key) {
    const bool is_there = map_.node().Find(key) != nullptr;
    auto value = map_.Optional<T>(key);
    is_good_ = is_good_ && (value || !is_there);
    return value;
  }

  std::optional<std::string> RequiredText(std::string_view key) {
    auto value = Optional<std::string>(key);
    if (map_.node().Find(key) == nullptr)
      Fail(map_.node().mark(),
           Cat("a notifier of type ", ToString(out_.type), " needs the key '", key, "'"));
    return value;
  }

  bool ReadType() {
    static const std::vector<std::string> kTypes = {"slack", "webhook", "smtp", "sns", "pagerduty"};
    const auto word = map_.Required<std::string>("type");
    if (!word)
      return false;
    const auto type = notify::ParseNotifierType(*word);
    if (type) {
      out_.type = *type;
      return true;
    }
    const auto near = base::DidYouMean(*word, kTypes);
    map_.Error("type",
               Cat("'type': expected one of ",
                   base::Join(kTypes, ", "),
                   ", found '",
                   *word,
                   "'",
                   near ? Cat("; did you mean '", *near, "'?") : ""));
    return false;
  }

  // Never repeats the value: somebody may have written the secret itself.
  void ReadSecret(std::string_view key, notify::SecretRef& into) {
    auto text = Optional<std::string>(key);
    if (!text)
      return;
    if (IsReference(*text))
      into.text = *std::move(text);
    else
      FailAt(key, Cat("says where the secret is: ", kReferences));
  }

  void ReadUrl(bool is_required) {
    auto text = is_required ? RequiredText("url") : Optional<std::string>("url");
    if (!text)
      return;
    if (IsReference(*text)) {
      out_.url_secret.text = *std::move(text);
      return;
    }
    if (const std::string_view mistake = UrlMistake(*text); !mistake.empty())
      return FailAt("url", std::string(mistake));
    if (out_.type == NotifierType::kSlack)
      warnings_->Add(map_.MarkOf("url"),
                     Cat("anyone who reads the URL of an incoming webhook can post there: give ",
                         kReferences));
    out_.url = *std::move(text);
  }

  void ReadSmtp() {
    if (auto host = RequiredText("host")) {
      if (host->empty() || host->find_first_of(" \t/@") != std::string::npos ||
          host->find("://") != std::string::npos)
        FailAt("host", "is no name of a host, such as smtp.example.com");
      out_.host = *std::move(host);
    }
    ReadTls();
    if (auto port = Optional<int64_t>("port")) {
      if (*port < 1 || *port > 65535)
        FailAt("port", Cat("must be from 1 to 65535, found ", *port));
      out_.port = static_cast<int>(*port);
    }
    if (auto user = Optional<std::string>("user"))
      out_.user = *std::move(user);
    ReadSecret("password", out_.secret);
    const bool has_user = map_.node().Find("user") != nullptr;
    const bool has_password = map_.node().Find("password") != nullptr;
    if (has_user != has_password)
      FailAt(has_user ? "user" : "password",
             Cat("needs '", has_user ? "password" : "user", "' beside it"));
    else if (has_user && out_.tls == Notifier::Tls::kNone)
      FailAt("tls", "is none, so the password would go in the clear: give starttls or implicit");
    if (auto from = RequiredText("from")) {
      if (!notify::ParseMailbox(*from))
        FailAt("from", "is no address such as signalbox@example.com or Signalbox <a@example.com>");
      out_.from = *std::move(from);
    }
    ReadTo();
  }

  void ReadTls() {
    const auto word = Optional<std::string>("tls");
    struct Way {
      std::string_view word;
      Notifier::Tls tls;
      int port;  // that is usual
    };
    static constexpr std::array kWays = {Way{"starttls", Notifier::Tls::kStartTls, 587},
                                         Way{"implicit", Notifier::Tls::kImplicit, 465},
                                         Way{"none", Notifier::Tls::kNone, 25}};
    const auto way = std::ranges::find(kWays, word.value_or("starttls"), &Way::word);
    if (way == kWays.end())
      return FailAt("tls", Cat("is '", *word, "'; expected one of starttls, implicit, none"));
    out_.tls = way->tls;
    out_.port = way->port;
  }

  void ReadTo() {
    const yaml::Node* node = map_.node().Find("to");
    std::vector<std::string> addresses;
    if (node != nullptr && !node->is_sequence()) {
      if (auto one = Optional<std::string>("to"))
        addresses.push_back(*std::move(one));
    } else if (auto all = Optional<std::vector<std::string>>("to")) {
      addresses = *std::move(all);
    }
    for (const std::string& address : addresses) {
      if (!notify::ParseMailbox(address))
        FailAt("to", Cat("has '", address, "', which is no address such as ops@example.com"));
    }
    out_.to = std::move(addresses);
  }

  void ReadSns() {
    if (auto arn = RequiredText("topic_arn")) {
      out_.region = notify::RegionOfTopic(*arn);
      if (out_.region.empty())
        FailAt("topic_arn", "is no ARN such as arn:aws:sns:eu-west-1:123456789012:alerts");
      out_.topic_arn = *std::move(arn);
    }
    if (auto region = Optional<std::string>("region")) {
      if (!out_.region.empty() && *region != out_.region)
        FailAt("region", Cat("is '", *region, "', and the topic is in ", out_.region));
      out_.region = *std::move(region);
    }
    if (auto endpoint = Optional<std::string>("endpoint")) {
      if (const std::string_view mistake = UrlMistake(*endpoint); !mistake.empty())
        FailAt("endpoint", std::string(mistake));
      out_.endpoint = *std::move(endpoint);
    }
  }

  std::optional<base::Duration> ReadSpan(std::string_view key, base::Duration most) {
    const auto span = Optional<base::Duration>(key);
    if (!span)
      return std::nullopt;
    if (*span < base::seconds(1) || *span > most)
      FailAt(key, Cat("must be from 1s to ", base::FormatDuration(most)));
    return span;
  }

  void ReadShared() {
    if (auto file = Optional<std::string>("ca_file"))
      out_.ca_file = *std::move(file);
    out_.allow_private = Optional<bool>("allow_private").value_or(false);
    out_.timeout = ReadSpan("timeout", kMostTimeout).value_or(out_.timeout);
    out_.give_up_after = ReadSpan("give_up_after", kMostPatience).value_or(out_.give_up_after);
    if (const auto count = Optional<int64_t>("max_per_minute")) {
      if (*count < 1 || *count > 600)
        FailAt("max_per_minute", Cat("must be from 1 to 600, found ", *count));
      out_.max_per_minute = static_cast<int>(*count);
    }
  }

  yaml::MapReader map_;
  yaml::Diagnostics* errors_;
  yaml::Diagnostics* warnings_;
  Notifier out_;
  bool is_good_ = true;
};

}  // namespace

std::optional<notify::Notifier> ReadNotifier(std::string_view name,
                                             const yaml::Node& node,
                                             yaml::Diagnostics* errors,
                                             yaml::Diagnostics* warnings) {
  return NotifierReader(name, node, errors, warnings).Run();
}

}  // namespace dagfile
