#include "http/smtp_reply.h"

#include "base/check.h"
#include "base/safe_text.h"
#include "targets.h"

namespace fuzz {

// A mail server's bytes are the same replies however they arrive.
void FuzzSmtpReply(std::string_view bytes) {
  using State = http::SmtpReplyReader::State;
  http::SmtpReplyReader whole, single;
  std::string input(bytes);
  const State state = whole.Put(input);
  std::string piece;
  State stepped = State::kIncomplete;
  for (size_t i = 0; i < bytes.size() && stepped == State::kIncomplete; ++i) {
    piece += bytes[i];
    stepped = single.Put(piece);
  }
  CHECK(stepped == state);
  CHECK(whole.failure() == single.failure());
  if (state != State::kDone)
    return;
  const http::SmtpReply reply = whole.Take();
  CHECK(reply.code >= 200 && reply.code < 600 && !reply.lines.empty());
  CHECK(reply.lines == single.Take().lines);
  CHECK(base::Printable(reply.Text()) == reply.Text());
  CHECK(!http::OffersOf(reply).auth.contains(""));
  // A mail of these bytes ends where it is ended, and nowhere before.
  CHECK(http::SmtpData(bytes).find("\r\n.\r\n") >= http::SmtpData(bytes).size() - 5);
}

}  // namespace fuzz
