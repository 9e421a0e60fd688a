#include "base/draw.h"

namespace base {

namespace {
// SplitMix64's finaliser (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
uint64_t Mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
}  // namespace

uint64_t Draw(uint64_t seed, std::string_view entity, uint64_t counter) {
  uint64_t state = Mix(seed);
  for (unsigned char c : entity)
    state = Mix(state ^ c);
  return Mix(state ^ Mix(counter));
}

double DrawUnit(uint64_t seed, std::string_view entity, uint64_t counter) {
  return static_cast<double>(Draw(seed, entity, counter) >> 11) * 0x1.0p-53;
}

}  // namespace base
