#pragma once

// The typing of plain scalars (yaml.h says which rules). Only for this folder.

#include <cstdint>
#include <string_view>

namespace yaml {

enum class Number {
  kNone,      // not a number: a text
  kInt,       // *integer is set
  kDouble,    // *number is set
  kTooLarge,  // written as a number, but 64 bits cannot hold it
};

Number ReadNumber(std::string_view text, int64_t* integer, double* number);

}  // namespace yaml
