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

namespace {

// It is launched yet, or again. What is being launched may be thrown back.
bool MayBeLaunched(model::TaskState first_task) {
  using enum model::TaskState;
  return first_task == kNone || first_task == kQueued || first_task == kRunning ||
         first_task == kUpForRetry || first_task == kRestarting;
}

bool IsOfFirstTask(const model::HistoryRow& row) {
  return row.subject.kind == model::EntityKind::kTask &&
         !row.subject.text.ends_with(base::Cat(".", model::kEmrTasks[1]));
}

std::vector<model::TaskRow> FirstTasksOf(const std::vector<model::Change>& batch) {
  std::vector<model::TaskRow> tasks;
  for (const model::Change& change : batch) {
    if (const auto* task = std::get_if<model::TaskRow>(&change); task && task->task == 0)
      tasks.push_back(*task);
  }
  return tasks;
}

model::JobKey JobOf(const model::Subject& subject) {
  return {{subject.dag, subject.run}, subject.job, subject.lane, subject.index};
}

bool IsOfBreaker(const model::HoldRow& hold) {
  return hold.placed_by == model::kBreaker && hold.scope == model::HoldScope::kJob;
}

// What each of the breaker's holds in the batch holds, by the subject of its lines.
std::map<std::string, std::string> TargetsBySubject(const std::vector<model::Change>& batch) {
  std::map<std::string, std::string> targets;
  for (const model::Change& change : batch) {
    if (const auto* hold = std::get_if<model::HoldRow>(&change); hold && IsOfBreaker(*hold))
      targets[model::HoldSubject(hold->id).text] = hold->target;
  }
  return targets;
}

std::string NameOf(const model::JobKey& job) {
  return base::Cat(job.run.dag.str(), "/", job.job.str());
}

}  // namespace

// Moves the job to the state that the line tells; whether that is a mistake which the others of the
// job would meet.
bool BreakerRules::IsMistakeForOthers(const model::HistoryRow& line,
                                      const std::set<model::JobKey>& wrong) {
  if (line.subject.kind != model::EntityKind::kTask)
    return false;
  const model::JobKey key = JobOf(line.subject);
  if (const auto state = model::ParseTaskState(line.to); state && IsOfFirstTask(line))
    jobs_[key] = *state;
  return wrong.contains(key) && line.to == "failed" && line.from != line.to &&
         line.by.name.empty() && std::ranges::any_of(jobs_, [&](const auto& other) {
           return other.first.run == key.run && other.first.job == key.job && other.first != key &&
                  MayBeLaunched(other.second);
         });
}

// Goes from line to line, so that the others are judged as they were at the mistake, and a hold
// counts from its line until that of its release. The hold's line may stand after the mistake's.
std::set<std::string> BreakerRules::NotHeld(const std::vector<model::Change>& batch,
                                            const std::set<model::JobKey>& wrong,
                                            std::multiset<std::string> held) {
  const std::map<std::string, std::string> targets = TargetsBySubject(batch);
  std::set<std::string> not_held;
  for (const model::Change& change : batch) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    if (line == nullptr)
      continue;
    if (const auto hold = targets.find(line->subject.text); hold != targets.end()) {
      if (line->to == "in force") {
        held.insert(hold->second);
        not_held.erase(hold->second);
      } else if (const auto one = held.find(hold->second); one != held.end()) {
        held.erase(one);
      }
    } else if (IsMistakeForOthers(*line, wrong)) {
      const std::string target = NameOf(JobOf(line->subject));
      if (!held.contains(target))
        not_held.insert(target);
    }
  }
  return not_held;
}

std::multiset<std::string> BreakerRules::HeldTargets() const {
  std::multiset<std::string> held;
  for (const auto& [id, hold] : holds_) {
    if (IsOfBreaker(hold))
      held.insert(hold.target);
  }
  return held;
}

void BreakerRules::CheckHolds(base::Time now,
                              const std::vector<model::Change>& batch,
                              const std::multiset<std::string>& held_before) {
  std::set<model::JobKey> wrong;  // jobs with a mistake that ended them
  std::set<std::string> failed;   // what may be held
  for (const model::Change& change : batch) {
    const auto* attempt = std::get_if<model::AttemptRow>(&change);
    if (attempt == nullptr || attempt->verdict != model::VerdictClass::kConfiguration)
      continue;
    const model::JobKey& key = attempt->key.job;
    const model::Job* def = DefOf(key);
    if (def == nullptr || !def->hold_on_configuration_failure)
      continue;
    wrong.insert(key);
    failed.insert(NameOf(key));
  }
  for (const std::string& target : NotHeld(batch, wrong, held_before))
    checks_.Breach(now, base::Cat("I3: the lanes of ", target, " are not held after a mistake"));
  for (const model::Change& change : batch) {
    const auto* hold = std::get_if<model::HoldRow>(&change);
    if (hold == nullptr || hold->released_at || hold->placed_by != model::kBreaker)
      continue;
    if (!failed.contains(hold->target))
      checks_.Breach(now,
                     base::Cat("I3: ", hold->target, " is held by nobody, and nothing failed"));
  }
}

void BreakerRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::HistoryRow>(&change))
      Take(now, *row);
  }
  const std::multiset<std::string> held_before = HeldTargets();
  for (const model::Change& change : batch)
    Take(change);
  for (const model::TaskRow& task : FirstTasksOf(batch))
    jobs_.try_emplace(task.job, model::TaskState::kNone);
  CheckPaused(now);
  CheckHolds(now, batch, held_before);
  for (const model::TaskRow& task : FirstTasksOf(batch))
    jobs_[task.job] = task.state;
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
    for (const model::TaskRow& task : FirstTasksOf(stored.batch))
      jobs_[task.job] = task.state;
  }
}

}  // namespace simulation
