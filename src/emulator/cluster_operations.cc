#include "emulator/cluster_operations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "emulator/call.h"
#include "emulator/run_job_flow.h"

namespace emulator {

namespace {

constexpr std::string_view kMayNotBeModified =
    "A job flow that is shutting down, terminated, or finished may not be modified.";

// --- Steps
// ------------------------------------------------------------------------------------------

Reply AddJobFlowSteps(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  if (cluster.Ending())
    return Invalid(kMayNotBeModified);
  const json::array& steps = base::GetArray(request, "Steps");
  if (steps.empty())
    return Invalid("Steps must not be empty.");
  if (std::optional<std::string> refusal = CheckSteps(steps))
    return Invalid(*refusal);
  auto active = static_cast<size_t>(std::count_if(
      cluster.steps.begin(), cluster.steps.end(), [](const Step& s) { return s.Active(); }));
  if (active + steps.size() > kActiveStepsMax)
    return Invalid(kTooManySteps);
  bool all_continue = std::all_of(steps.begin(), steps.end(), [](const json::value& step) {
    return base::GetString(step.get_object(), "ActionOnFailure") == "CONTINUE";
  });
  if (cluster.step_concurrency > 1 && !all_continue)
    return Invalid(
        "ActionOnFailure must be CONTINUE on a cluster whose StepConcurrencyLevel is greater than "
        "1.");

  size_t first = cluster.steps.size();
  lifecycle.AddSteps(cluster, steps);
  json::array ids;
  for (size_t i = first; i < cluster.steps.size(); ++i)
    ids.emplace_back(cluster.steps[i].id);
  return Success({{"StepIds", std::move(ids)}});
}

// A step that has ended is told so in its own line; an unknown id refuses the call.
Reply CancelSteps(Lifecycle& lifecycle, Cluster& cluster, const json::object& request) {
  const json::array& ids = base::GetArray(request, "StepIds");
  if (ids.empty() || ids.size() > kActiveStepsMax)
    return InvalidRequest(base::Cat("StepIds must have 1 to ", kActiveStepsMax, " elements."));
  std::vector<Step*> steps;
  for (const json::value& id : ids) {
    auto step = std::find_if(cluster.steps.begin(), cluster.steps.end(), [&](const Step& known) {
      return known.id == std::string_view(id.get_string());
    });
    if (step == cluster.steps.end())
      return InvalidRequest(
          base::Cat("Step id '", std::string_view(id.get_string()), "' is not valid."));
    steps.push_back(&*step);
  }
  json::array lines;
  for (Step* step : steps) {
    json::object line = {{"StepId", step->id}, {"Status", "SUBMITTED"}};
    if (!lifecycle.CancelStep(cluster, *step)) {
      line["Status"] = "FAILED";
      line["Reason"] = base::Cat("The step is ", Text(step->state), " already.");
    }
    lines.push_back(std::move(line));
  }
  return Success({{"CancelStepsInfoList", std::move(lines)}});
}

struct NamedOperation {
  std::string_view action;
  ClusterOperation operation;
};

constexpr NamedOperation kNamedOperations[] = {{"AddJobFlowSteps", AddJobFlowSteps},
                                               {"CancelSteps", CancelSteps}};

}  // namespace

ClusterOperation FindClusterOperation(std::string_view action) {
  for (const NamedOperation& named : kNamedOperations)
    if (named.action == action)
      return named.operation;
  return nullptr;
}

}  // namespace emulator
