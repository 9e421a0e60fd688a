#include "http/smtp_reply.h"

#include <utility>

#include "base/safe_text.h"
#include "base/text.h"

namespace http {
namespace {

constexpr size_t kMostLineBytes = 4096;
constexpr size_t kMostLines = 128;
constexpr size_t kShownLines = 4;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Of "250-SIZE 100"; 0 for what is no line of a reply.
int CodeOf(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !IsDigit(line[1]) || !IsDigit(line[2]))
    return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-')
    return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::string SmtpReply::Text() const {
  std::string text = base::Cat(code);
  for (size_t i = 0; i < lines.size() && i < kShownLines; ++i)
    text += base::Cat(" ", lines[i]);
  return base::Excerpt(base::PrintableLine(text));
}

SmtpReplyReader::State SmtpReplyReader::Fail(std::string why) {
  failure_ = std::move(why);
  return State::kFailed;
}

SmtpReplyReader::State SmtpReplyReader::Put(std::string& input) {
  if (!failure_.empty())
    return State::kFailed;
  for (;;) {
    const size_t end = input.find('\n');
    if (end == std::string::npos && input.size() <= kMostLineBytes)
      return State::kIncomplete;
    if (end == std::string::npos || end > kMostLineBytes)
      return Fail("a line of its reply is too long");
    std::string line = input.substr(0, end);
    input.erase(0, end + 1);
    if (line.ends_with('\r'))
      line.pop_back();
    const int code = CodeOf(line);
    if (code == 0)
      return Fail(base::Cat("it does not speak SMTP: ", base::PrintableLine(base::Excerpt(line))));
    if (!reply_.lines.empty() && code != reply_.code)
      return Fail("the lines of its reply have different codes");
    if (reply_.lines.size() >= kMostLines)
      return Fail("its reply has too many lines");
    reply_.code = code;
    reply_.lines.push_back(line.size() > 4 ? line.substr(4) : "");
    if (line.size() == 3 || line[3] == ' ')
      return State::kDone;
  }
}

SmtpReply SmtpReplyReader::Take() {
  return std::exchange(reply_, {});
}

SmtpOffers OffersOf(const SmtpReply& ehlo) {
  SmtpOffers offers;
  for (size_t i = 1; i < ehlo.lines.size(); ++i) {
    // "AUTH=LOGIN" is how old servers write it.
    const std::string line = base::ReplaceAll(base::ToUpper(ehlo.lines[i]), "=", " ");
    const std::vector<std::string> words = base::Split(line, ' ');
    if (words.front() == "STARTTLS")
      offers.start_tls = true;
    if (words.front() == "AUTH")
      offers.auth.insert(words.begin() + 1, words.end());
  }
  offers.auth.erase("");
  return offers;
}

std::string SmtpData(std::string_view mail) {
  std::string out;
  out.reserve(mail.size() + 8);
  bool is_line_start = true;
  for (const char c : mail) {
    if (is_line_start && c == '.')
      out += '.';
    out += c;
    is_line_start = c == '\n';
  }
  if (!is_line_start)
    out += "\r\n";
  out += ".\r\n";
  return out;
}

}  // namespace http
