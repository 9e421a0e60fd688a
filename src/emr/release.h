#pragma once

// EMR's release labels, and which release has what. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace emr {

using Release = std::array<int64_t, 3>;

// "emr-6.15.0"; nothing for a template and for other families of labels.
std::optional<Release> ParseRelease(std::string_view label);

constexpr bool HasFleets(const Release& release) {
  return release >= Release{4, 8, 0} && (release[0] != 5 || release[1] != 0);
}
constexpr bool HasAllocationStrategy(const Release& release) {
  return release >= Release{5, 12, 1};
}
constexpr bool HasAutoTermination(const Release& release) {
  return release[0] >= 6 ? release >= Release{6, 1, 0} : release >= Release{5, 30, 0};
}
constexpr bool HasRootVolumeSpeed(const Release& release) {
  return release >= Release{6, 15, 0};
}

}  // namespace emr
