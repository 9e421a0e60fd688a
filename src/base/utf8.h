#pragma once

// UTF-8, a character at a time, of texts that may be any bytes. Pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base {

struct Char {
  size_t size = 1;    // in bytes; of a malformed sequence what one replacement stands for
  uint32_t code = 0;  // the code point
  bool is_valid = true;
};
// Strict: no overlong forms, no surrogates, nothing above U+10FFFF. REQUIRES: not empty.
Char FirstChar(std::string_view text);

// Steers a terminal, or changes how the characters around it are read.
bool IsHarmful(uint32_t code);

}  // namespace base
