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
constexpr bool HasManagedScaling(const Release& release) {
  return HasAutoTermination(release);  // the same releases
}
constexpr bool HasStepConcurrency(const Release& release) {
  return release >= Release{5, 28, 0};
}
constexpr bool HasThreeMasters(const Release& release) {
  return release >= Release{5, 23, 0};
}
// A fleet of three: patches of some releases, and all from 6.12.0 on.
constexpr bool HasThreeMasterFleets(const Release& release) {
  if (release >= Release{6, 12, 0})
    return true;
  const bool patched = release[0] == 5   ? release[1] == 36
                       : release[0] == 6 ? release[1] >= 8
                                         : false;
  return patched && release[2] >= 1;
}
// A root volume of 10 GiB was the least until then.
constexpr bool HasLargeRootVolume(const Release& release) {
  return release >= Release{6, 10, 0};
}
constexpr bool HasRootVolumeSpeed(const Release& release) {
  return release >= Release{6, 15, 0};
}

}  // namespace emr
