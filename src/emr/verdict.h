#pragma once

// The verdict on an attempt's cluster: from reason code and steps, never from the state alone
// (TERMINATED is also what a cluster becomes whose CONTINUE step failed, or that a person killed).
// Pure. Sources: the table of cluster reason codes in EMR's API reference, and field reports of
// TERMINATED with STEP_FAILURE, with no code, and with cancelled steps.

#include <optional>
#include <string>
#include <vector>

#include "model/rows.h"

namespace emr {

struct Verdict {
  model::VerdictClass verdict = model::VerdictClass::kSuccess;
  std::string reason;  // a sentence that a person understands
};

struct ClusterEnd {
  model::ClusterPhase phase = model::ClusterPhase::kTerminated;
  std::string reason_code, reason_message;
  std::vector<model::StepView> steps;
};

// REQUIRES: a terminal phase.
Verdict Judge(const ClusterEnd& end);

// For a cluster that sits in WAITING: nothing while a step may still run.
std::optional<Verdict> JudgeWaiting(const std::vector<model::StepView>& steps);

}  // namespace emr
