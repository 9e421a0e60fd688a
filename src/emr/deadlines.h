#pragma once

// When a cluster or a step has taken too long: pure functions of what was seen, which say when it
// is due and what to tell people, so that the caller can wake then. What to do about it is the
// caller's.
//
// Nothing is due for a cluster that ends or has ended.

#include <optional>
#include <string>

#include "base/time.h"
#include "model/rows.h"

namespace emr {

struct Deadline {
  base::Time due;
  std::string sentence;  // true from `due` on
};

// STARTING or BOOTSTRAPPING for `limit`: EMR and EC2 may try for ever (a Spot core group does).
std::optional<Deadline> LaunchDeadline(const model::ClusterRow& cluster, base::Duration limit);

// WAITING for `limit` since its last step ended: it costs money and does nothing. Nothing while a
// step runs.
std::optional<Deadline> IdleDeadline(const model::ClusterRow& cluster, base::Duration limit);

// A running step that takes longer than `expected` times `factor`.
std::optional<Deadline> StepDeadline(const model::StepView& step,
                                     base::Duration expected,
                                     double factor);

// In service (RUNNING or WAITING) for `limit`.
std::optional<Deadline> RunDeadline(const model::ClusterRow& cluster, base::Duration limit);

// Not ended for `limit` since its launch, whatever it did since.
std::optional<Deadline> ExecutionDeadline(const model::ClusterRow& cluster,
                                          base::Time launched_at,
                                          base::Duration limit);

}  // namespace emr
