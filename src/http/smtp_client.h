#pragma once

// The SMTP client: one mail to one server, in one conversation. TLS from the start or after
// STARTTLS, its certificate verified; AUTH PLAIN or LOGIN, never without TLS. What is offered is
// looked at again after STARTTLS, and what a server said before it does not count.
//
// Not here: how a mail is written, queues, tries (each Send() is one), proxies, addresses beyond
// ASCII, lists of servers (MX): people name the server that takes their mail.
//
// Thread rule: the loop thread. `done` is called there exactly once, never from inside Send(); the
// exception is a destroyed SmtpClient, which drops its conversations without a word.

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/address_rule.h"
#include "http/loop.h"

namespace http {

struct SmtpServer {
  enum class Tls { kStartTls, kImplicit, kNone };

  std::string host;
  uint16_t port = 0;
  Tls tls = Tls::kStartTls;
  std::string user, password;  // "": no AUTH
  std::string ca_file;         // PEM certificates to trust; "": the system's
  Addresses addresses = Addresses::kAll;
};

struct SmtpMail {
  std::string from;  // addresses alone: "a@b.example"
  std::vector<std::string> to;
  std::string text;  // with its header; lines end with CR LF
};

struct SmtpRefusal {
  std::string address;
  std::string why;          // "550 5.1.1 no such user"
  bool is_lasting = false;  // another try will not help
};

// The server has answered to each address. It has the mail for those in `taken`, where there are
// any.
struct SmtpOutcome {
  std::vector<std::string> taken;
  std::vector<SmtpRefusal> refused;
  std::string answer;  // to the mail
};

struct SmtpError {
  base::Error error;        // kTimeoutUnknown where the server may have taken the mail
  bool is_lasting = false;  // the server does not want this mail
};

class SmtpClient {
 public:
  using Done = std::function<void(tl::expected<SmtpOutcome, SmtpError>)>;

  explicit SmtpClient(Loop& loop);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // `timeout`: of the whole conversation. REQUIRES: no other conversation of this client is under
  // way; at least one address; no control characters or angle brackets in addresses.
  void Send(SmtpServer server, SmtpMail mail, base::Duration timeout, Done done);

 private:
  class Conversation;

  Loop& loop_;
  std::shared_ptr<Conversation> current_;
};

}  // namespace http
