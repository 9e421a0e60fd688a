#pragma once

// The verdict on an attempt's cluster: from reason code, error codes and steps, never from the
// state alone (TERMINATED is also what a cluster becomes whose CONTINUE step failed, or that a
// person killed). The rules are a table (verdict_rules.h). Pure.
//
// Success is one thing alone: TERMINATED, every step COMPLETED, and no reason code that speaks of a
// failure. Whatever EMR says in capitals or in small letters, the class is the same.

#include <optional>
#include <string>
#include <vector>

#include "model/event.h"
#include "model/verdict.h"

namespace emr {

using model::Verdict;

struct ClusterEnd {
  model::ClusterPhase phase = model::ClusterPhase::kTerminated;
  std::string reason_code, reason_message;
  std::vector<model::StepView> steps;
  std::vector<model::ErrorDetail> errors;
  std::vector<model::FleetView> fleets;  // as last seen while the cluster lived
  // Why we asked EMR to end the cluster. It stays where EMR only says that someone did
  // (TerminateJobFlows overwrites any other reason), unless the steps were all done by then.
  std::optional<Verdict> own_kill;
};

// REQUIRES: a terminal phase.
Verdict Judge(const ClusterEnd& end);

// For a launch that RunJobFlow itself refused, by "CODE: message". It is a configuration failure
// unless the words mean capacity, quotas, addresses or throttling: EMR judges the request alone
// there, so words that no rule knows are not tried again.
Verdict JudgeRefusal(std::string_view message);

// For a cluster that lives, by its steps alone: nothing while one of them may still run.
std::optional<Verdict> JudgeWaiting(const std::vector<model::StepView>& steps,
                                    std::string_view reason_message = "");

}  // namespace emr
