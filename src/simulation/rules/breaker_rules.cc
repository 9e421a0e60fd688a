#include "simulation/rules/breaker_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

void BreakerRules::Take(const model::Change& change) {
  if (const auto* dag = std::get_if<model::DagRow>(&change)) {
    dags_[dag->dag].is_paused = dag->is_paused;
    dags_[dag->dag].version = dag->version;
  } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
    runs_[run->key] = *run;
  } else if (const auto* task = std::get_if<model::TaskRow>(&change); task && task->task == 0) {
    jobs_[task->job] = task->state;
  } else if (const auto* hold = std::get_if<model::HoldRow>(&change)) {
    holds_.erase(hold->id);
    if (!hold->released_at)
      holds_[hold->id] = *hold;
  }
}

// The rows of the batch are not taken yet: what a run was before is known. A note, and another try
// of a group, are lines that change no state.
void BreakerRules::Take(base::Time now, const model::HistoryRow& row) {
  if (row.from == row.to)
    return;
  Row& dag = dags_[row.subject.dag];
  const bool is_asked = !row.by.name.empty();
  if (row.subject.kind == model::EntityKind::kRun && (row.to == "failed" || row.to == "success")) {
    const auto run = runs_.find({row.subject.dag, row.subject.run});
    if (run != runs_.end() && run->second.backfill != 0)
      return;
    if (is_asked || run == runs_.end() || run->second.marked) {
      dag.is_unsure = true;
      return;
    }
    dag.failed = row.to == "failed" ? dag.failed + 1 : 0;
    if (row.to == "success")
      dag.is_unsure = false;
  } else if (row.subject.kind == model::EntityKind::kDag && row.to == "unpaused") {
    dag.failed = 0;
    dag.is_unsure = false;
  } else if (row.subject.kind == model::EntityKind::kDag && row.to == "paused" && !is_asked) {
    const model::Dag* version = DagOf(dag);
    const auto most = version == nullptr ? std::nullopt : version->max_consecutive_failed_dag_runs;
    if (!dag.is_unsure && (!most || dag.failed < *most))
      checks_.Breach(now,
                     base::Cat("I3: ",
                               row.subject.dag.str(),
                               " is paused by nobody, after ",
                               dag.failed,
                               " failures"));
  }
}

void BreakerRules::CheckPaused(base::Time now) {
  for (const auto& [id, dag] : dags_) {
    const model::Dag* version = DagOf(dag);
    if (version == nullptr || dag.is_unsure || dag.is_paused)
      continue;
    const auto& most = version->max_consecutive_failed_dag_runs;
    if (most && dag.failed >= *most)
      checks_.Breach(
          now, base::Cat("I3: ", id.str(), " goes on after ", dag.failed, " failures in a row"));
  }
}

const model::Job* BreakerRules::DefOf(const model::JobKey& job) const {
  const auto run = runs_.find(job.run);
  return run == runs_.end()
             ? nullptr
             : FindJob(checks_.versions().Find(run->second.version), job.job, job.lane);
}

bool BreakerRules::HasOpenLane(const model::JobKey& job) const {
  return std::ranges::any_of(jobs_, [&](const auto& item) {
    return item.first.run == job.run && item.first.job == job.job && item.first != job &&
           (item.second == model::TaskState::kNone || item.second == model::TaskState::kQueued);
  });
}

void BreakerRules::CheckHolds(base::Time now, const std::vector<model::Change>& batch) {
  std::vector<std::string> wrong;  // jobs with a mistake that ended them
  for (const model::Change& change : batch) {
    const auto* attempt = std::get_if<model::AttemptRow>(&change);
    if (attempt == nullptr || attempt->verdict != model::VerdictClass::kConfiguration)
      continue;
    const model::JobKey& key = attempt->key.job;
    const model::Job* def = DefOf(key);
    if (def == nullptr || !def->hold_on_configuration_failure)
      continue;
    const std::string target = base::Cat(key.run.dag.str(), "/", key.job.str());
    wrong.push_back(target);
    const auto state = jobs_.find(key);
    const bool is_held =
        std::ranges::any_of(holds_, [&](const auto& hold) { return hold.second.target == target; });
    const bool has_failed = state != jobs_.end() && (state->second == model::TaskState::kFailed ||
                                                     state->second == model::TaskState::kSuccess);
    if (has_failed && HasOpenLane(key) && !is_held)
      checks_.Breach(now, base::Cat("I3: the lanes of ", target, " are not held after a mistake"));
  }
  for (const model::Change& change : batch) {
    const auto* hold = std::get_if<model::HoldRow>(&change);
    if (hold == nullptr || hold->released_at || hold->placed_by != model::kBreaker)
      continue;
    if (std::ranges::count(wrong, hold->target) == 0)
      checks_.Breach(now,
                     base::Cat("I3: ", hold->target, " is held by nobody, and nothing failed"));
  }
}

void BreakerRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::HistoryRow>(&change))
      Take(now, *row);
  }
  for (const model::Change& change : batch)
    Take(change);
  CheckPaused(now);
  CheckHolds(now, batch);
}

void BreakerRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  dags_.clear();
  runs_.clear();
  jobs_.clear();
  holds_.clear();
  for (const Stored& stored : left) {
    for (const model::Change& change : stored.batch) {
      if (const auto* row = std::get_if<model::HistoryRow>(&change))
        Take(now, *row);
    }
    for (const model::Change& change : stored.batch)
      Take(change);
  }
}

}  // namespace simulation
