#pragma once

// The trace of a run as one number: everything that our process did to the world and everything
// that it was told, in order and with its time. Equal traces are equal runs; a seed has the same
// one in every build.

#include <cstdint>
#include <string_view>

#include "simulation/witness.h"

namespace simulation {

class Trace : public Witness {
 public:
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnCall(const SeenCall& call) override;
  void OnDeath(base::Time now) override;

  uint64_t hash() const { return hash_; }

 private:
  void Mix(uint64_t value);
  void Mix(std::string_view text);
  void Mix(base::Time time) { Mix(static_cast<uint64_t>(base::ToMicros(time))); }
  void MixRow(const model::HistoryRow& row);
  void MixRow(const model::LaunchRow& row);
  void MixRow(const model::CommandRow& row);
  template <typename Row>
  void MixRow(const Row&) {}

  uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a
};

}  // namespace simulation
