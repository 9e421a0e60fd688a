#include "notify/forms_mail.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/hash.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "notify/safe_message.h"

namespace notify {

namespace {

using base::Cat;

constexpr size_t kLineMax = 76;
constexpr size_t kSubjectMax = 200;  // characters
constexpr size_t kWordBytes = 42;    // of an encoded word, before base64: then the word has 68

bool IsPrintable(char c) {
  return c >= ' ' && c <= '~';
}

bool GoesOn(char c) {  // of a character in UTF-8
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// RFC 2047: whole characters in each word, a word on each line.
std::string EncodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t size = std::min(kWordBytes, text.size());
    while (size < text.size() && size > 1 && GoesOn(text[size]))
      --size;
    out +=
        Cat(out.empty() ? "" : "\r\n ", "=?utf-8?B?", base::ToBase64(text.substr(0, size)), "?=");
    text.remove_prefix(size);
  }
  return out;
}

// Broken at spaces, which stay.
std::string Folded(std::string_view text, size_t name_size) {
  std::string out;
  size_t column = name_size + 2;
  for (const std::string& word : base::Split(text, ' ')) {
    const bool is_first = out.empty();
    if (!is_first && !word.empty() && column + 1 + word.size() > kLineMax) {
      out += "\r\n";
      column = 0;
    }
    out += Cat(is_first ? "" : " ", word);
    column += word.size() + 1;
  }
  return out;
}

// RFC 5322's date: "Fri, 21 Nov 1997 09:55:06 +0000".
std::string MailDate(base::Time time) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::string clock = base::FormatRfc3339(time).substr(11, 8);  // "09:55:06"
  return Cat(kDays[std::chrono::weekday(day).c_encoding()],
             ", ",
             static_cast<unsigned>(date.day()),
             " ",
             kMonths[static_cast<unsigned>(date.month()) - 1],
             " ",
             static_cast<int>(date.year()),
             " ",
             clock,
             " +0000");
}

std::string MailboxText(const Mailbox& mailbox) {
  if (mailbox.name.empty())
    return mailbox.address;
  const bool is_plain = std::ranges::all_of(mailbox.name, &IsPrintable);
  return Cat(is_plain ? Cat("\"", mailbox.name, "\"") : EncodedWords(mailbox.name),
             " <",
             mailbox.address,
             ">");
}

std::string DomainOf(const Mailbox& mailbox) {
  return mailbox.address.substr(mailbox.address.find('@') + 1);
}

// An id of ours, whatever stands in the text.
std::string MessageId(std::string_view kind, std::string_view text, const std::string& domain) {
  return Cat("<", kind, ".", base::Sha256Hex(text).substr(0, 32), "@", domain, ">");
}

}  // namespace

std::string HeaderText(std::string_view text, size_t name_size) {
  // "=?" in plain text would be read as the beginning of an encoded word; an empty line would end
  // the header.
  const bool is_plain = std::ranges::all_of(text, &IsPrintable) &&
                        text.find("=?") == std::string_view::npos &&
                        base::Trim(text).size() == text.size();
  return is_plain ? Folded(text, name_size) : EncodedWords(text);
}

std::string QuotedPrintable(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue;
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool is_literal =
        (IsPrintable(c) && c != '=' && (c != ' ' || !ends_line)) || (c == '\t' && !ends_line);
    const size_t size = is_literal ? 1 : 3;
    if (column + size > kLineMax - 1) {
      out += "=\r\n";
      column = 0;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (is_literal)
      out += c;
    else
      out += Cat('=', kHex[byte >> 4], kHex[byte & 15]);
    column += size;
  }
  return out;
}

std::string MailForm(const Message& message, const Letter& letter) {
  const std::string domain = DomainOf(letter.from);
  const std::string thread =
      MessageId("about", Cat(message.deployment, "/", message.about), domain);
  std::string to;
  for (const Mailbox& mailbox : letter.to)
    to += Cat(to.empty() ? "" : ",\r\n ", MailboxText(mailbox));
  std::string body = PlainText(message);
  if (!message.deployment.empty())
    body += Cat("\n\n-- \nSignalbox, deployment ", message.deployment);
  std::string out;
  const auto header = [&out](std::string_view name, std::string_view value) {
    out += Cat(name, ": ", value, "\r\n");
  };
  header("Date", MailDate(letter.written_at));
  header("From", MailboxText(letter.from));
  header("To", to);
  header("Message-ID", MessageId("notice", Cat(message.deployment, "/", message.id), domain));
  header("In-Reply-To", thread);
  header("References", thread);
  constexpr std::string_view kSubject = "Subject";
  header(kSubject,
         HeaderText(base::Trim(base::Excerpt(base::PrintableLine(message.title), kSubjectMax)),
                    kSubject.size()));
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "quoted-printable");
  header("Auto-Submitted", "auto-generated");
  header("X-Signalbox-Occasion", model::ToString(message.occasion));
  return Cat(out, "\r\n", QuotedPrintable(body), "\r\n");
}

}  // namespace notify
