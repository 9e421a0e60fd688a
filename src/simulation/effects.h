#pragma once

// What our process does to the world goes through two doors, Store::Commit and World::Submit; each
// passage is an effect, numbered from 1 within a life of the process. It can be killed right before
// and right after any of them.

#include <cstdint>
#include <vector>

namespace simulation {

// Thrown through the driver where the process dies; only Machine catches it.
struct Crash {};
// Thrown where it does one thing after the other and time does not get on.
struct Endless {};

enum class When { kBefore, kAfter };

// The process dies around its `effect`-th effect in this life; 0: at none.
struct CrashPoint {
  int effect = 0;
  When when = When::kBefore;
  friend bool operator==(const CrashPoint&, const CrashPoint&) = default;
};

class Effects {
 public:
  // The first life ends at the first point, the second at the second…; the one after the last goes
  // on for ever.
  explicit Effects(std::vector<CrashPoint> points = {}) : points_(std::move(points)) {}

  template <typename Effect>
  void Around(Effect effect) {
    ++count_;
    if (++this_turn_ > kMostInATurn)
      throw Endless{};
    const bool here = life_ < points_.size() && count_ == points_[life_].effect;
    if (here && points_[life_].when == When::kBefore)
      throw Crash{};
    effect();
    if (here)
      throw Crash{};
  }
  void OnTurn() { this_turn_ = 0; }
  void OnDeath() {
    ++life_;
    count_ = 0;
  }

  int count() const { return count_; }  // of this life
  size_t life() const { return life_; }

 private:
  static constexpr int kMostInATurn = 20'000;

  std::vector<CrashPoint> points_;
  size_t life_ = 0;
  int count_ = 0;
  int this_turn_ = 0;
};

}  // namespace simulation
