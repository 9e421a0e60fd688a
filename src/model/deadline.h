#pragma once

// By when a run, or one of its jobs, is to have succeeded. Plain data. It is a promise to people:
// nothing is stopped or started because of it. Module forecast judges what becomes of it; each
// change of that is a row (DeadlineRow in rows.h). The texts of the enums are persisted.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/notification.h"

namespace model {

enum class DeadlineFrom {
  kDataIntervalEnd,
  kLogicalDate,  // of a run without one: its data interval's end
  kQueuedAt,     // of a run that is yet to come: when it is due
};

// Either `within` a span from some moment, or at the first moment by the clock after the run was
// due.
struct Deadline {
  DeadlineFrom from = DeadlineFrom::kDataIntervalEnd;
  base::Duration within{};
  std::string by;  // a cron expression in the DAG's zone; "": `within` counts
  friend bool operator==(const Deadline&, const Deadline&) = default;
};

// A deadline that several DAGs share: `deadlines:` of signalbox.yaml.
struct SharedDeadline {
  std::string name;
  std::vector<std::string> tags;  // DAGs with one of these tags,
  std::vector<std::string> dags;  // and these; * stands for any text
  std::string by;                 // a cron expression
  std::string timezone = "UTC";
  std::vector<NotificationRule> notifications = {};
  friend bool operator==(const SharedDeadline&, const SharedDeadline&) = default;
};

enum class DeadlineStatus {
  kOnTrack,    // nine passes of the forecast in ten make it
  kAtRisk,     // more than one in ten does not
  kLate,       // most do not, or the run has failed
  kMissed,     // the time is over
  kMet,        // it has succeeded in time
  kWithdrawn,  // the files do not have it any more
};
// Nothing follows.
inline bool IsFinal(DeadlineStatus status) {
  return status >= DeadlineStatus::kMissed;
}
std::string_view ToString(DeadlineStatus status);  // "on_track"
std::optional<DeadlineStatus> ParseDeadlineStatus(std::string_view text);

std::string_view ToString(DeadlineFrom from);  // "data_interval_end"
std::optional<DeadlineFrom> ParseDeadlineFrom(std::string_view text);

}  // namespace model
