#pragma once

// Backfills: past runs of one DAG that a person asks for at once, a few at a time. Plain data.
//
// The ticks are listed when the backfill is created, in the order in which they are taken; each of
// them ends as a run or with the reason why it has none. Texts of enums are persisted.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace model {

// What becomes of a run that is there already for a tick; one that has not ended is left alone.
enum class Reprocess {
  kNone,       // it is left alone
  kFailed,     // it runs again if it failed
  kCompleted,  // it runs again
};
std::string_view ToString(Reprocess reprocess);  // "none"
std::optional<Reprocess> ParseReprocess(std::string_view text);

enum class TickOutcome {
  kPending,     // its turn has not come
  kCreated,     // a new run
  kRerun,       // the run that was there runs again
  kExists,      // left out: a run is there, and `reprocess` spares it
  kInFlight,    // left out: a run is there that has not ended
  kToSchedule,  // left out: the DAG's schedule has not come so far, and fires it itself
  kFilled,      // left out: the tick of a hole, filled by another run
  kCancelled,   // left out: the backfill was cancelled first
  kUnreadable,  // left out: the run that was there cannot be read
};
std::string_view ToString(TickOutcome outcome);  // "created"
std::optional<TickOutcome> ParseTickOutcome(std::string_view text);
// There is a run of it that counts as the backfill's.
constexpr bool HasRun(TickOutcome outcome) {
  return outcome == TickOutcome::kCreated || outcome == TickOutcome::kRerun;
}

inline constexpr int kBackfillActiveRuns = 10;       // max_active_runs by default
inline constexpr size_t kBackfillTicksMax = 10'000;  // of one backfill

struct BackfillRow {
  int64_t id = 0;  // from 1
  DagId dag;
  base::Time from, to;  // logical dates; of intervals and holes: of the first and the last tick
  bool is_reversed = false;  // the latest tick first
  bool fills_holes = false;
  Reprocess reprocess = Reprocess::kNone;
  int max_active_runs = kBackfillActiveRuns;  // beside the DAG's own, which does not count these
  std::string conf;                           // JSON object: the params of new runs
  bool is_paused = false;                     // it takes no further tick and starts no run
  bool is_cancelled = false;
  base::Time created_at, updated_at;
  // All its ticks are decided and its runs have ended; of a cancelled one: when it was cancelled.
  std::optional<base::Time> completed_at;
  std::string created_by;
  friend bool operator==(const BackfillRow&, const BackfillRow&) = default;
};

struct BackfillTickRow {
  int64_t backfill = 0;
  int number = 0;  // its place in the order in which ticks are taken, from 0
  base::Time logical_date, run_after;
  base::Interval data_interval;
  TickOutcome outcome = TickOutcome::kPending;
  RunId run;  // the new one, or the one that was there; "": none
  friend bool operator==(const BackfillTickRow&, const BackfillTickRow&) = default;
};

// Of a run that is there when the tick's turn comes. `has_ended` and `has_failed` say how it is.
constexpr TickOutcome OutcomeOfExisting(Reprocess reprocess, bool has_ended, bool has_failed) {
  if (!has_ended)
    return TickOutcome::kInFlight;
  const bool runs_again =
      reprocess == Reprocess::kCompleted || (reprocess == Reprocess::kFailed && has_failed);
  return runs_again ? TickOutcome::kRerun : TickOutcome::kExists;
}

}  // namespace model
