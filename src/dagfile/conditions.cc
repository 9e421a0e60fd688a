// `when`: judged once the jobs before it are known.

#include <algorithm>

#include "base/text.h"
#include "dagfile/draft.h"
#include "dagfile/sample.h"
#include "model/select.h"
#include "template/expression.h"

namespace dagfile {

using base::Cat;

namespace {

// Jobs and whole runs of other DAGs. A run has the name of its DAG, and a job of this one may have
// it, too.
void AddOtherDags(DagDraft& draft, const JobDraft& job, json::object& states) {
  json::object others;
  for (const model::CrossDependency& edge : draft.dag.jobs[job.first].cross)
    others[model::CrossName(edge.dag, edge.job)] = nullptr;
  for (const auto& other : others) {
    const std::string name(other.key());
    if (states.contains(name) && job.settings.when.find("states") != std::string::npos)
      draft.report->errors.Add(job.when_mark,
                               Cat("'",
                                   name,
                                   "' in 'states' would be the job and the run of the DAG '",
                                   name,
                                   "': give the job another id"));
    states[name] = nullptr;
  }
}

// A state that no job has would make the comparison false, or true, for ever.
void CheckStates(DagDraft& draft, const JobDraft& job) {
  const std::vector<std::string> states{"success", "failed", "upstream_failed", "skipped", "none"};
  for (const tmpl::ComparedText& compared : tmpl::TextsComparedWith(job.settings.when, "states")) {
    if (std::ranges::find(states, compared.text) != states.end())
      continue;
    const auto near = base::DidYouMean(compared.text, states);
    draft.report->errors.Add(job.when_mark,
                             Cat("at ",
                                 Where({compared.place, ""}),
                                 " of this expression: expected a state (",
                                 base::Join(states, ", "),
                                 "), found '",
                                 compared.text,
                                 "'",
                                 near ? Cat("; did you mean '", *near, "'?") : ""));
  }
}

}  // namespace

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
    AddOtherDags(draft, job, states);
    known.values["states"] = std::move(states);
    for (const tmpl::Problem& problem : tmpl::CheckExpression(job.settings.when, known))
      draft.report->errors.Add(
          job.when_mark, Cat("at ", Where(problem), " of this expression: ", problem.message));
    CheckStates(draft, job);
  }
}

}  // namespace dagfile
