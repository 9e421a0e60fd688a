#pragma once

// A message as a mail: its whole text, header and body, as SMTP sends it. Pure.
//
// Mails about one thing form a thread: each answers to an id that is made of `about`. A text of a
// message can never make a header: what is no printable ASCII is an encoded word.
//
// Facts: RFC 5322 (form, lengths), 2045 (quoted-printable), 2047 (encoded words), 3834
// (Auto-Submitted, so that nobody's absence answers).

#include <string>
#include <vector>

#include "base/time.h"
#include "notify/mailbox.h"
#include "notify/message.h"

namespace notify {

struct Letter {
  Mailbox from;
  std::vector<Mailbox> to;
  base::Time written_at;  // of the wall clock
};

// Lines end with CR LF; seven bits.
std::string MailForm(const Message& message, const Letter& letter);

// The value of a header of this name, folded; as it stands behind "Subject: ".
std::string HeaderText(std::string_view text, size_t name_size);
std::string QuotedPrintable(std::string_view text);

}  // namespace notify
