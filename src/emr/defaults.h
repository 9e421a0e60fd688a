#pragma once

// The defaults of the settings under `emr`, `sources` and `reaper` in signalbox.yaml: each stands
// here alone, for the reader of the file, for the driver and for the simulation. docs/dag-format.md
// says what they mean; `fleet_interval` is in node_looks.h.

#include "base/time.h"

namespace emr {

// How the watcher learns what clusters do.
enum class WatchPolicy {
  kAdaptive,  // events first, sweeps as the truth
  kSampled,   // one look per cluster and poke_interval, at the table or at EMR by weight
};

inline constexpr base::Duration kPollInterval = base::seconds(30);
inline constexpr base::Duration kLaunchSettle = base::minutes(15);
inline constexpr base::Duration kListLagMax = base::minutes(3);
inline constexpr base::Duration kFleetGrace = base::minutes(5);
inline constexpr base::Duration kIdleTimeout = base::minutes(10);
inline constexpr double kOverdueFactor = 2;

inline constexpr base::Duration kPokeInterval = base::minutes(1);
inline constexpr base::Duration kStaleAfter = base::minutes(5);

inline constexpr base::Duration kReaperInterval = base::minutes(2);
inline constexpr base::Duration kReaperGrace = base::minutes(15);
inline constexpr int kReaperMaxPerPass = 5;
inline constexpr double kReaperMaxRatio = 0.5;

}  // namespace emr
