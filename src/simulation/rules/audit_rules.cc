#include "simulation/rules/audit_rules.h"

#include <algorithm>

#include "base/text.h"
#include "model/breaker.h"
#include "simulation/people.h"

namespace simulation {

namespace {

bool NamesSomebody(std::string_view cause) {
  return std::any_of(std::begin(kActors), std::end(kActors), [&](std::string_view actor) {
    return cause.ends_with(actor);
  });
}

bool IsSigned(const std::vector<model::Change>& batch, std::string_view entity) {
  return std::any_of(batch.begin(), batch.end(), [&](const model::Change& change) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    return line != nullptr && line->subject.text.starts_with(entity) && NamesSomebody(line->cause);
  });
}

bool IsPausedByFailures(const std::vector<model::Change>& batch, const model::DagId& dag) {
  return std::ranges::any_of(batch, [&](const model::Change& change) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    return line != nullptr && line->subject.dag == dag && line->by.name.empty() &&
           model::IsPauseByFailures(*line);
  });
}

// trigger_rules.h judges whether it may.
bool IsClearedByJob(const std::vector<model::Change>& batch, const model::RunKey& run) {
  return std::ranges::any_of(batch, [&](const model::Change& change) {
    const auto* wish = std::get_if<model::TriggerRow>(&change);
    return wish != nullptr && wish->state == model::TriggerState::kCleared && wish->run == run;
  });
}

}  // namespace

void AuditRules::OnBatch(base::Time now, const std::vector<model::Change>& batch) {
  const auto demand = [&](const std::string& entity, std::string_view what) {
    facts_.Check(IsSigned(batch, entity), now, [&] {
      return base::Cat("I13: ", entity, " was ", what, ", and no history says by whom");
    });
  };
  for (const model::Change& change : batch) {
    if (const auto* run = std::get_if<model::RunRow>(&change)) {
      const auto known = facts_.runs.find(run->key);
      if (known == facts_.runs.end() && run->type == model::RunType::kManual)
        demand("run " + ToString(run->key), "triggered");
      else if (known != facts_.runs.end() && IsTerminal(known->second.state) &&
               !IsTerminal(run->state) && !IsClearedByJob(batch, run->key))
        demand("run " + ToString(run->key), "begun again");
    } else if (const auto* dag = std::get_if<model::DagRow>(&change)) {
      // Failures in a row pause it, too: breaker_rules.h.
      const bool by_itself =
          dag->is_paused && (dag->failed_in_row > 0 || IsPausedByFailures(batch, dag->dag));
      if (facts_.since.contains(dag->dag) && facts_.paused.contains(dag->dag) != dag->is_paused &&
          !by_itself)
        demand("dag " + dag->dag.str(), dag->is_paused ? "paused" : "unpaused");
    } else if (const auto* attempt = std::get_if<model::AttemptRow>(&change)) {
      const model::Job* def = facts_.DefOf(attempt->key.job);
      const bool has_tasks = def == nullptr || model::TaskCount(*def) > 1;
      if (IsEndedByPerson(*attempt) && !IsClearedByJob(batch, attempt->key.job.run))
        demand(base::Cat("task ",
                         ToString(attempt->key.job.run),
                         "/",
                         model::DisplayName(attempt->key.job),
                         has_tasks ? "." : ""),
               "ended");
    } else if (const auto* command = std::get_if<model::CommandRow>(&change)) {
      if (facts_.asked_kills.contains(command->aggregate) &&
          !facts_.kills.contains(command->aggregate) && !EndsAttemptOf(batch, command->aggregate))
        demand("cluster " + command->aggregate, "told to terminate");
    }
  }
  CheckDeactivated(batch, demand);
}

// A commit may activate some and deactivate others.
void AuditRules::CheckDeactivated(
    const std::vector<model::Change>& batch,
    const std::function<void(const std::string&, std::string_view)>& demand) const {
  std::set<model::DagId> active;
  for (const auto& [dag, since] : facts_.since) {
    if (!facts_.inactive.contains(dag))
      active.insert(dag);
  }
  std::set<model::DagId> ended;
  for (const model::Change& change : batch) {
    const auto* dag = std::get_if<model::DagRow>(&change);
    if (dag == nullptr)
      continue;
    if (dag->is_active) {
      active.insert(dag->dag);
      ended.erase(dag->dag);
    } else if (active.contains(dag->dag)) {
      ended.insert(dag->dag);
    }
  }
  // Those that a person confirms do not count.
  for (auto dag = ended.begin(); dag != ended.end();) {
    const bool is_confirmed = IsSigned(batch, "dag " + dag->str());
    if (is_confirmed)
      active.erase(*dag);
    dag = is_confirmed ? ended.erase(dag) : std::next(dag);
  }
  if (AreTooMany(ended.size(), active.size())) {
    for (const model::DagId& dag : ended)
      demand("dag " + dag.str(), "deactivated with many others");
  }
}

// Its attempt ends in the same commit: that is why it is terminated, even if a person asks for it
// too.
bool AuditRules::EndsAttemptOf(const std::vector<model::Change>& batch,
                               std::string_view cluster) const {
  const LedgerEntry* entry = facts_.ledger.Find(cluster);
  return entry != nullptr &&
         std::any_of(batch.begin(), batch.end(), [&](const model::Change& change) {
           const auto* attempt = std::get_if<model::AttemptRow>(&change);
           return attempt != nullptr && attempt->ended_at &&
                  LabelOf(attempt->key) == entry->name.attempt;
         });
}

// It is closed as somebody's doing, and nobody has touched its clusters.
bool AuditRules::IsEndedByPerson(const model::AttemptRow& row) const {
  if (!row.ended_at || row.verdict != model::VerdictClass::kUser)
    return false;
  const auto known = facts_.attempts.find(LabelOf(row.key));
  if (known == facts_.attempts.end())
    return true;
  const Attempt& attempt = known->second;
  return !attempt.closed_at && std::none_of(attempt.clusters.begin(),
                                            attempt.clusters.end(),
                                            [](const auto* cluster) { return cluster->Ending(); });
}

}  // namespace simulation
