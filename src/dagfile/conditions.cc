// `when`: judged once the jobs before it are known.

#include "base/text.h"
#include "dagfile/draft.h"
#include "dagfile/sample.h"
#include "model/select.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

void CheckConditions(DagDraft& draft) {
  for (const JobDraft& job : draft.jobs) {
    if (job.settings.when.empty() || draft.InstanceCount(job) == 0)
      continue;
    const model::Job& instance = draft.dag.jobs[job.first];
    tmpl::Context known = SampleOf(draft.dag, instance);
    known.values.erase("item");  // it is asked before a mapped job has its list
    json::object states;
    for (const auto& [name, index] : model::UpstreamNames(draft.dag, instance))
      states[name] = nullptr;
    known.values["states"] = std::move(states);
    for (const tmpl::Problem& problem : tmpl::CheckExpression(job.settings.when, known))
      draft.report->errors.Add(
          job.when_mark, Cat("at ", Where(problem), " of this expression: ", problem.message));
  }
}

}  // namespace dagfile
