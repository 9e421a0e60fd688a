#include "simulation/rules/people_rules.h"

#include "base/text.h"
#include "simulation/rules/skips.h"

namespace simulation {

using model::VerdictClass;

void PeopleRules::OnAsked(const People::Granted& asked) {
  switch (asked.deed.act) {
    case Act::kTrigger:
    case Act::kTriggerDated:
    case Act::kFillHole:
    case Act::kAssetEvent:
    case Act::kNote:
      return;
    case Act::kTerminate:
      facts_.all_touched = true;
      facts_.asked_kills.insert(asked.cluster.str());
      return;
    case Act::kClear:
      NoteClear(asked.run, asked.job);
      break;
    case Act::kClearNewest:
      facts_.reruns.insert(asked.run);
      unclear_.insert(asked.run);
      break;
    case Act::kClearDownstream:
    case Act::kMarkSuccess:
    case Act::kMarkFailed:
    case Act::kMarkSkipped:
    case Act::kAbort:
      unclear_.insert(asked.run);
      break;
  }
  facts_.touched.insert(asked.run);
}

void PeopleRules::OnAnswered(const People::Granted& asked, bool accepted) {
  if (asked.deed.act == Act::kTerminate)
    facts_.asked_kills.erase(asked.cluster.str());
  if (!accepted)
    unclear_.insert(asked.run);
}

void PeopleRules::NoteClear(const model::RunKey& run, const std::string& name) {
  Job& job = facts_.jobs[base::Cat(run.dag.str(), " ", run.run.str(), " ", name)];
  job.cleared_after = job.attempts;
  job.application_failures_since = job.infrastructure_failures_since = job.unclear = 0;
}

void PeopleRules::CountSinceClear(Job& job, const model::AttemptRow& row) {
  // What was under way is ended by the clear itself, or goes on where it waited for its turn.
  if (!job.cleared_after || (row.key.n <= *job.cleared_after && row.verdict == VerdictClass::kUser))
    return;
  job.has_succeeded = row.verdict == VerdictClass::kSuccess;
  job.application_failures_since += row.verdict == VerdictClass::kApplication;
  job.infrastructure_failures_since += row.verdict == VerdictClass::kInfrastructure ||
                                       row.verdict == VerdictClass::kUser || job.is_unclear;
}

void PeopleRules::AtEnd(base::Time now) {
  for (const auto& [key, run] : facts_.runs) {
    const model::Dag* dag = facts_.DagOf(key);
    if (dag == nullptr || unclear_.contains(key))
      continue;
    for (const model::Job& def : dag->jobs) {
      const auto found = facts_.jobs.find(JobLabel(key, def));
      if (found == facts_.jobs.end() || !found->second.cleared_after)
        continue;
      const Job& job = found->second;
      const bool has_failed =
          job.application_failures_since + job.infrastructure_failures_since > 0;
      facts_.Check(
          !has_failed || job.has_succeeded || job.is_misconfigured ||
              IsUsedUp(def, job.application_failures_since, job.infrastructure_failures_since),
          now,
          [&] { return base::Cat("I4: ", found->first, " was cleared, and has tries left"); });
    }
  }
}

}  // namespace simulation
