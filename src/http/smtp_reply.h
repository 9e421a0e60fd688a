#pragma once

// What an SMTP server answers: from bytes to replies, and what a reply to EHLO offers. Pure.
//
// Facts: RFC 5321, 4.2 (replies), 4.5.3.1 (lengths; ours are more generous), RFC 3207 (STARTTLS),
// RFC 4954 (AUTH).

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace http {

struct SmtpReply {
  int code = 0;                    // 200 to 599
  std::vector<std::string> lines;  // without the code

  bool IsGood() const { return code / 100 == 2; }
  bool IsLasting() const { return code / 100 == 5; }
  // "550 5.1.1 no such user", on one line, printable, and cut.
  std::string Text() const;
};

// Gathers the lines of one reply.
class SmtpReplyReader {
 public:
  enum class State { kIncomplete, kDone, kFailed };

  // Takes whole lines from the front of `input`, as far as the reply's end. After kFailed the
  // conversation cannot go on.
  State Put(std::string& input);
  // After kDone; the next reply begins.
  SmtpReply Take();
  const std::string& failure() const { return failure_; }

 private:
  State Fail(std::string why);

  SmtpReply reply_;
  std::string failure_;
};

struct SmtpOffers {
  bool start_tls = false;
  std::set<std::string> auth;  // "PLAIN", in capital letters
};
SmtpOffers OffersOf(const SmtpReply& ehlo);

// The mail as DATA sends it: lines that begin with a dot have two, and a dot alone ends it.
// REQUIRES: lines end with CR LF.
std::string SmtpData(std::string_view mail);

}  // namespace http
