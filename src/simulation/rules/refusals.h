#pragma once

// What EMR says where it refuses a cluster in the simulated world, and what each of these texts
// means. The rules know it from here, not from the product's tables.

#include <string_view>

#include "emulator/cluster.h"

namespace simulation {

enum class Refusal {
  kNone,
  kWant,     // capacity, quota, addresses, throttling: it passes by itself
  kMistake,  // in the request: it would be refused again
  kUnknown,  // words that nobody has seen before
};

struct RefusalText {
  std::string_view text;
  Refusal meaning;
};

inline constexpr std::string_view kRefusalCode = "VALIDATION_ERROR";
inline constexpr RefusalText kRefusalTexts[] = {
    {"There are not enough free addresses in subnet 'subnet-0a' to satisfy the requested number of "
     "instances.",
     Refusal::kWant},
    {"You have requested more vCPU capacity than your current vCPU limit of 64 allows.",
     Refusal::kWant},
    {"The key pair 'nightly' does not exist", Refusal::kMistake},
    {"Placement is paused in partition 7.", Refusal::kUnknown},
    {"The scheduler of this region is draining", Refusal::kUnknown},
};

inline Refusal RefusalOf(const emulator::Cluster& cluster) {
  if (cluster.reason.code != kRefusalCode)
    return Refusal::kNone;
  for (const RefusalText& each : kRefusalTexts) {
    if (each.text == cluster.reason.message)
      return each.meaning;
  }
  return Refusal::kNone;
}

}  // namespace simulation
