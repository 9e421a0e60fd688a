// Checks: what people may change, and what they are owed for it.

#include "base/text.h"
#include "simulation/rules/checks.h"

namespace simulation {

using model::VerdictClass;

void Checks::OnAsked(const People::Granted& asked) {
  switch (asked.deed.act) {
    case Act::kTrigger:
    case Act::kTriggerDated:
    case Act::kFillHole:
      return;
    case Act::kTerminate:
      all_touched_ = true;
      asked_kills_.insert(asked.cluster.str());
      return;
    case Act::kClear:
      NoteClear(asked.run, asked.job);
      break;
    case Act::kClearDownstream:
    case Act::kMarkSuccess:
    case Act::kMarkFailed:
    case Act::kAbort:
      unclear_.insert(asked.run);
      break;
  }
  touched_.insert(asked.run);
}

void Checks::OnAnswered(const People::Granted& asked, bool accepted) {
  if (asked.deed.act == Act::kTerminate)
    asked_kills_.erase(asked.cluster.str());
  if (!accepted)
    unclear_.insert(asked.run);
}

void Checks::NoteClear(const model::RunKey& run, const std::string& name) {
  Job& job = jobs_[base::Cat(run.dag.str(), " ", run.run.str(), " ", name)];
  job.cleared_after = job.attempts;
  job.application_failures_since = job.infrastructure_failures_since = job.unclear = 0;
}

void Checks::CountSinceClear(Job& job, const model::AttemptRow& row) {
  // What was under way is ended by the clear itself, or goes on where it waited for its turn.
  if (!job.cleared_after || (row.key.n <= *job.cleared_after && row.verdict == VerdictClass::kUser))
    return;
  job.has_succeeded = row.verdict == VerdictClass::kSuccess;
  job.application_failures_since += row.verdict == VerdictClass::kApplication;
  job.infrastructure_failures_since += row.verdict == VerdictClass::kInfrastructure ||
                                       row.verdict == VerdictClass::kUser || job.is_unclear;
}

void Checks::CheckClears(base::Time now) {
  for (const auto& [key, run] : runs_) {
    const model::Dag* dag = DagOf(key);
    if (dag == nullptr || unclear_.contains(key))
      continue;
    for (const model::Job& def : dag->jobs) {
      const auto found = jobs_.find(JobLabel(key, def));
      if (found == jobs_.end() || !found->second.cleared_after)
        continue;
      const Job& job = found->second;
      const bool has_failed =
          job.application_failures_since + job.infrastructure_failures_since > 0;
      Check(!has_failed || job.has_succeeded || job.is_misconfigured ||
                job.application_failures_since > def.retries ||
                job.infrastructure_failures_since > def.infra_retries,
            now,
            [&] { return base::Cat("I4: ", found->first, " was cleared, and has tries left"); });
    }
  }
}

}  // namespace simulation
