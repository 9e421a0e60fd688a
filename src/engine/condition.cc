#include "engine/condition.h"

#include "engine/context.h"
#include "engine/cross_dag.h"
#include "engine/groups.h"
#include "model/select.h"
#include "template/expression.h"

namespace engine {

namespace {

// How the jobs before have ended: "success", "failed", "upstream_failed", "skipped"; "none" for one
// that is open, which a trigger rule may allow.
std::string_view EndText(JobState end) {
  return IsEnded(end) ? ToString(TaskOf(end, 0, 1, false)) : "none";
}

}  // namespace

base::Result<bool> ConditionHolds(const Turn& turn, const Run& run, const JobInstance& job) {
  if (job.def->when.empty())
    return true;
  tmpl::Context context =
      ContextOf(turn.state, run, job, job.row.try_number + 1, turn.zones, job.def->when);
  json::object states;
  for (const auto& [name, end] : EndsElsewhere(turn.state, job))
    states[name] = EndText(end);
  for (const auto& [name, index] : model::UpstreamNames(*run.plan->dag, *job.def))
    states[name] = EndText(EndSeenBy(run, index, job.index));
  context.values["states"] = std::move(states);
  ASSIGN_OR_RETURN(const tmpl::Expression expression, tmpl::Expression::Parse(job.def->when));
  ASSIGN_OR_RETURN(const json::value value, expression.Evaluate(context));
  return tmpl::IsTrue(value);
}

}  // namespace engine
