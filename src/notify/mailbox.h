#pragma once

// Addresses of mail as people write them: "a@b.example" or "Signalbox <a@b.example>". Pure. Not
// here: addresses beyond ASCII, quoted local parts, groups.

#include <optional>
#include <string>
#include <string_view>

namespace notify {

struct Mailbox {
  std::string name;  // "" for none
  std::string address;
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

// Nothing where the text is none.
std::optional<Mailbox> ParseMailbox(std::string_view text);

// Without a name: "a@b.example".
bool IsMailAddress(std::string_view text);

}  // namespace notify
