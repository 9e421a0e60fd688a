#include "emr/release.h"

#include <string>
#include <vector>

#include "base/text.h"

namespace emr {

std::optional<Release> ParseRelease(std::string_view label) {
  constexpr std::string_view kPrefix = "emr-";
  if (!label.starts_with(kPrefix))
    return std::nullopt;
  std::vector<std::string> parts = base::Split(label.substr(kPrefix.size()), '.');
  Release release;
  if (parts.size() != release.size())
    return std::nullopt;
  for (size_t i = 0; i < release.size(); ++i) {
    std::optional<int64_t> number = base::ParseInt(parts[i]);
    if (!number)
      return std::nullopt;
    release[i] = *number;
  }
  return release;
}

}  // namespace emr
