#pragma once

// Who gets messages about what: `notifications` of DAGs, jobs and deadlines. Plain data, as the
// files have it now: it is no part of a DAG's version, so a new address counts for runs that exist
// already.
//
// Not here: notifiers (whom a name stands for) and what is sent (module notify).

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace model {

enum class Occasion {
  kFailed,   // a job or a run ended so, and no try follows
  kRetry,    // an attempt failed, and another follows
  kSuccess,  // a run succeeded; of a job's own rule: the job
  kAtRisk,   // a deadline, so below
  kLate,
  kMissed,
  kOrphan,  // a cluster of ours that no attempt claims
  kHold,    // launches are held: by a person, or by the system itself
  kHealth,  // a part of the deployment is not well
};
inline constexpr std::array<Occasion, 9> kOccasions = {Occasion::kFailed,
                                                       Occasion::kRetry,
                                                       Occasion::kSuccess,
                                                       Occasion::kAtRisk,
                                                       Occasion::kLate,
                                                       Occasion::kMissed,
                                                       Occasion::kOrphan,
                                                       Occasion::kHold,
                                                       Occasion::kHealth};
std::string_view ToString(Occasion occasion);  // "at_risk"
std::optional<Occasion> ParseOccasion(std::string_view text);

struct NotificationRule {
  std::vector<Occasion> on;
  std::vector<std::string> to;      // names of notifiers
  std::vector<std::string> emails;  // addresses, by the notifier of type smtp
  std::string title, text;          // templates; "": the usual ones
  friend bool operator==(const NotificationRule&, const NotificationRule&) = default;
};

}  // namespace model
