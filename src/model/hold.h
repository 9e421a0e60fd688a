#pragma once

// Holds: while one is in force, the jobs that it names get no turn to launch. What is launched
// already goes on. A person places one, or Signalbox itself (kBreaker). Plain data; the texts of
// the enum are persisted.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace model {

enum class HoldScope { kAll, kPool, kTag, kDag, kJob };
std::string_view ToString(HoldScope scope);  // "all"
std::optional<HoldScope> ParseHoldScope(std::string_view text);

inline constexpr std::string_view kBreaker = "signalbox";  // HoldRow::placed_by

struct HoldRow {
  int64_t id = 0;  // from 1
  HoldScope scope = HoldScope::kAll;
  std::string target;  // the pool, the tag, the DAG, "DAG/JOB" in all lanes; "" for all
  std::string reason;
  base::Time since;
  std::string placed_by;
  std::optional<base::Time> released_at;  // none: it is in force
  std::string released_by;
  friend bool operator==(const HoldRow&, const HoldRow&) = default;
};

// "all launches", "pool 'clusters'": what it holds, for people.
std::string WhatIsHeld(HoldScope scope, std::string_view target);

}  // namespace model
