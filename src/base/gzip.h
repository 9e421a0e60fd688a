#pragma once

// gzip (RFC 1952) of texts that fit into memory, by zlib. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

std::string Gzip(std::string_view text);
// kCorrupt where `packed` is no gzip file or holds more than `bytes_max`.
Result<std::string> Gunzip(std::string_view packed, size_t bytes_max);

}  // namespace base
