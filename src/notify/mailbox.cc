#include "notify/mailbox.h"

#include <algorithm>

#include "base/safe_text.h"
#include "base/text.h"

namespace notify {

namespace {

constexpr size_t kAddressMax = 254;  // RFC 5321, 4.5.3.1.3
constexpr size_t kLocalMax = 64;
constexpr size_t kLabelMax = 63;
constexpr size_t kNameMax = 100;  // characters

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322's atext.
bool IsAtomCharacter(char c) {
  return IsLetterOrDigit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool AreDotted(std::string_view text, size_t max, bool (*is_fine)(char)) {
  for (const std::string& part : base::Split(text, '.')) {
    if (part.empty() || part.size() > max || !std::ranges::all_of(part, is_fine))
      return false;
  }
  return true;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > kAddressMax || at > kLocalMax)
    return false;
  return AreDotted(text.substr(0, at), kLocalMax, &IsAtomCharacter) &&
         AreDotted(
             text.substr(at + 1), kLabelMax, [](char c) { return IsLetterOrDigit(c) || c == '-'; });
}

std::optional<Mailbox> ParseMailbox(std::string_view text) {
  text = base::Trim(text);
  Mailbox mailbox;
  if (!text.ends_with('>')) {
    mailbox.address = text;
  } else {
    const size_t open = text.find('<');
    if (open == std::string_view::npos)
      return std::nullopt;
    mailbox.address = text.substr(open + 1, text.size() - open - 2);
    std::string_view name = base::Trim(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"'))
      name = name.substr(1, name.size() - 2);
    mailbox.name = name;
  }
  if (!IsMailAddress(mailbox.address) || base::PrintableLine(mailbox.name) != mailbox.name ||
      base::Excerpt(mailbox.name, kNameMax) != mailbox.name ||
      mailbox.name.find_first_of("\"\\<>") != std::string::npos)
    return std::nullopt;
  return mailbox;
}

}  // namespace notify
