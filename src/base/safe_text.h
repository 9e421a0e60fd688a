#pragma once

// Texts from outside (EMR's messages, step logs, file names, what a client sent) as they may be
// passed on: valid UTF-8, without control characters, of a bounded length. Pure.

#include <string>
#include <string_view>

namespace base {

// How much of a text from outside an error repeats, in characters.
inline constexpr size_t kEchoMax = 200;

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// U+FFFD stands for each sequence that is no UTF-8, as browsers and Python replace them.
std::string ValidUtf8(std::string text);

// Valid UTF-8 with every character that can steer a terminal or reorder a line written as
// "\u001b": C0 but for new lines and tabs, DEL, C1, line and paragraph separators, and the marks of
// direction. A new line may be CR LF. A JSON text stays the same JSON.
std::string Printable(std::string_view text);

// As above on one line: new lines and tabs become spaces.
std::string PrintableLine(std::string_view text);

// The text, or its first characters and "…" where there are more than `max`.
std::string Excerpt(std::string_view text, size_t max = kEchoMax);

}  // namespace base
