#include "base/uuid.h"

#include "base/text.h"

namespace base {

std::string UuidText(std::string_view hex) {
  return Cat(hex.substr(0, 8),
             "-",
             hex.substr(8, 4),
             "-",
             hex.substr(12, 4),
             "-",
             hex.substr(16, 4),
             "-",
             hex.substr(20, 12));
}

}  // namespace base
