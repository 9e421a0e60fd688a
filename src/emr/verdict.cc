#include "emr/verdict.h"

#include <algorithm>

#include "base/text.h"

namespace emr {

namespace {

using model::StepState;
using model::VerdictClass;

// Launch failures that pass by themselves although their code says otherwise.
bool IsTransientText(std::string_view message) {
  for (std::string_view text : {"out of capacity",
                                "exceeds the EC2 service quota",
                                "throttling",
                                "EBS volume limit",
                                "subnet is not large enough",
                                "internal error"}) {
    if (message.find(text) != std::string_view::npos)
      return true;
  }
  return false;
}

const model::StepView* FirstIn(const std::vector<model::StepView>& steps, StepState state) {
  auto hit = std::find_if(
      steps.begin(), steps.end(), [&](const model::StepView& step) { return step.state == state; });
  return hit == steps.end() ? nullptr : &*hit;
}

bool AllCompleted(const std::vector<model::StepView>& steps) {
  return !steps.empty() && std::all_of(steps.begin(), steps.end(), [](const auto& step) {
    return step.state == StepState::kCompleted;
  });
}

std::string WithMessage(std::string_view what, const ClusterEnd& end) {
  return end.reason_message.empty() ? std::string(what) : base::Cat(what, ": ", end.reason_message);
}

Verdict StepFailed(const model::StepView& step) {
  std::string reason = base::Cat("step '", step.name, "' failed");
  if (!step.failure.empty())
    reason += base::Cat(": ", step.failure);
  return {VerdictClass::kApplication, std::move(reason)};
}

// Steps that neither completed nor failed: the cluster went away under them.
Verdict StepsUnfinished(const std::vector<model::StepView>& steps) {
  for (const model::StepView& step : steps) {
    if (step.state != StepState::kCompleted)
      return {VerdictClass::kInfrastructure,
              base::Cat("the cluster ended with step '", step.name, "' ", ToString(step.state))};
  }
  return {VerdictClass::kInfrastructure, "the cluster ended without a step"};
}

}  // namespace

Verdict Judge(const ClusterEnd& end) {
  const std::string& code = end.reason_code;
  if (end.phase == model::ClusterPhase::kLost)
    return {VerdictClass::kInfrastructure, "EMR does not know the cluster any more"};
  if (code == "VALIDATION_ERROR") {
    VerdictClass verdict = IsTransientText(end.reason_message) ? VerdictClass::kInfrastructure
                                                               : VerdictClass::kConfiguration;
    return {verdict, WithMessage("EMR refused the cluster's configuration", end)};
  }
  if (code == "INTERNAL_ERROR")
    return {VerdictClass::kInfrastructure, WithMessage("EMR could not start the cluster", end)};
  if (code == "BOOTSTRAP_FAILURE")
    return {VerdictClass::kInfrastructure, WithMessage("a bootstrap action failed", end)};
  if (code == "INSTANCE_FAILURE")
    return {VerdictClass::kInfrastructure, WithMessage("instances were lost", end)};
  if (code == "INSTANCE_FLEET_TIMEOUT")
    return {VerdictClass::kInfrastructure, WithMessage("the fleets could not be provisioned", end)};
  if (const model::StepView* failed = FirstIn(end.steps, StepState::kFailed))
    return StepFailed(*failed);
  if (AllCompleted(end.steps) && end.phase == model::ClusterPhase::kTerminated &&
      code != "STEP_FAILURE")
    return {VerdictClass::kSuccess, "all steps completed"};
  if (code == "USER_REQUEST")
    return {VerdictClass::kUser, WithMessage("someone terminated the cluster", end)};
  if (code == "STEP_FAILURE")
    return {VerdictClass::kApplication, WithMessage("a step failed", end)};
  return StepsUnfinished(end.steps);
}

std::optional<Verdict> JudgeWaiting(const std::vector<model::StepView>& steps) {
  if (steps.empty() || !std::all_of(steps.begin(), steps.end(), [](const auto& step) {
        return IsTerminal(step.state);
      }))
    return std::nullopt;
  if (const model::StepView* failed = FirstIn(steps, StepState::kFailed))
    return StepFailed(*failed);
  if (AllCompleted(steps))
    return Verdict{VerdictClass::kSuccess, "all steps completed"};
  return StepsUnfinished(steps);
}

}  // namespace emr
