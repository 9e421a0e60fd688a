#pragma once

// Draws in a row from one seed: the n-th throw of (seed, what) is always the same. Pure; the same
// with every compiler (no floating point, no std distribution).

#include <cstdint>
#include <string>
#include <utility>

#include "base/draw.h"
#include "base/time.h"

namespace simulation {

class Dice {
 public:
  Dice(uint64_t seed, std::string what) : seed_(seed), what_(std::move(what)) {}

  uint64_t Throw() { return base::Draw(seed_, what_, count_++); }
  // From low to high, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Throw() % static_cast<uint64_t>(high - low + 1));
  }
  base::Duration Between(base::Duration low, base::Duration high) {
    return base::Duration(Between(low.count(), high.count()));
  }
  bool Percent(int64_t percent) { return Between(0, 99) < percent; }
  template <typename T, size_t N>
  const T& Of(const T (&choices)[N]) {
    return choices[Throw() % N];
  }

 private:
  uint64_t seed_;
  std::string what_;
  uint64_t count_ = 0;
};

}  // namespace simulation
