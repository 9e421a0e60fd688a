#include "simulation/rules/begin_rules.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/rules/group_facts.h"

namespace simulation {

namespace {

using model::TaskState;

bool Waits(const std::vector<TaskState>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](TaskState state) {
    return state == TaskState::kNone || state == TaskState::kRestarting;
  });
}

// None of them ends a job before it has begun.
bool HasBegun(const std::vector<TaskState>& tasks) {
  return !Waits(tasks) && std::all_of(tasks.begin(), tasks.end(), [](TaskState state) {
    return state != TaskState::kSkipped && state != TaskState::kUpstreamFailed;
  });
}

bool IsDone(const std::vector<TaskState>& tasks) {
  const auto all = [&](TaskState state) {
    return std::all_of(tasks.begin(), tasks.end(), [&](TaskState each) { return each == state; });
  };
  return !tasks.empty() && (all(TaskState::kSuccess) || all(TaskState::kSkipped));
}

bool IsContinuous(const model::Dag& dag) {
  return dag.schedule.cron == "@continuous";
}

}  // namespace

void BeginRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  Apply(now, batch, /*judges=*/true);
}

void BeginRules::OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time) {
  runs_.clear();
  for (const Stored& stored : left)
    Apply(now, stored.batch, /*judges=*/false);
}

// In the order of the rows: what comes first in a batch may be what allows the rest of it.
void BeginRules::Apply(base::Time now, const std::vector<model::Change>& batch, bool judges) {
  by_person_.clear();
  for (const model::Change& change : batch) {
    const auto* history = std::get_if<model::HistoryRow>(&change);
    if (history != nullptr && IsByPerson(*history) && !history->subject.run.empty())
      by_person_.insert({history->subject.dag, history->subject.run});
  }
  for (const model::Change& change : batch) {
    if (const auto* row = std::get_if<model::RunRow>(&change))
      OnRun(now, *row, judges);
    else if (const auto* task = std::get_if<model::TaskRow>(&change))
      OnTask(now, *task, judges);
  }
}

void BeginRules::OnRun(base::Time now, const model::RunRow& row, bool judges) {
  const auto [found, is_new] = runs_.try_emplace(row.key);
  Run& run = found->second;
  const model::RunState before = is_new ? model::RunState::kQueued : run.row.state;
  run.row = row;
  const model::Dag* dag = DagOf(run);
  if (dag == nullptr)
    return;
  if (is_new) {
    run.previous = PreviousOf(row);
    if (judges)
      JudgeNew(now, run);
  }
  const bool starts = row.state == model::RunState::kRunning && before == model::RunState::kQueued;
  if (judges && starts && row.type == model::RunType::kScheduled && row.start_date < row.run_after)
    checks_.Breach(now, base::Cat("I3: ", ToString(row.key), " starts before its run_after"));
}

std::optional<model::RunKey> BeginRules::PreviousOf(const model::RunRow& row) const {
  const model::Dag* version = checks_.versions().Find(row.version);
  if (!row.logical_date || version == nullptr)
    return std::nullopt;
  const Run* previous = nullptr;
  const auto place = [](const model::RunRow& of) {
    return std::pair(*of.logical_date, of.key.run);
  };
  for (const auto& [key, run] : runs_) {
    const bool counts = key.dag == row.key.dag && run.row.logical_date &&
                        *run.row.logical_date < *row.logical_date &&
                        (!version->catchup || !IsAskedFor(run.row.type));
    if (counts && (previous == nullptr || place(run.row) > place(previous->row)))
      previous = &run;
  }
  return previous == nullptr ? std::nullopt : std::optional(previous->row.key);
}

void BeginRules::JudgeNew(base::Time now, const Run& run) {
  const model::Dag& dag = *DagOf(run);
  if (run.row.type != model::RunType::kScheduled)
    return;
  const base::Duration later = run.row.run_after - run.row.data_interval.end;
  const bool is_within = dag.start_jitter == base::Duration(0)
                             ? later == base::Duration(0)
                             : later >= base::Duration(0) && later < dag.start_jitter;
  if (!is_within)
    checks_.Breach(
        now,
        base::Cat(
            "I3: ", ToString(run.row.key), " is to start ", base::FormatDuration(later), " late"));
  if (IsContinuous(dag))
    JudgeContinuous(now, run, dag);
}

void BeginRules::JudgeContinuous(base::Time now, const Run& run, const model::Dag& dag) {
  const model::RunRow* last = nullptr;  // scheduled
  std::optional<base::Time> taken;      // the latest logical date of a run that is not triggered
  for (const auto& [key, other] : runs_) {
    if (key.dag != run.row.key.dag || key == run.row.key)
      continue;
    // The runs of a backfill stand beside the DAG's own.
    if (!IsTerminal(other.row.state) && other.row.backfill == 0)
      checks_.Breach(
          now,
          base::Cat("I3: ", ToString(run.row.key), " begins before ", ToString(key), " has ended"));
    if (!IsAskedFor(other.row.type))
      taken = std::max(taken, other.row.logical_date);
    const bool is_later = last == nullptr || other.row.data_interval.end > last->data_interval.end;
    if (other.row.type == model::RunType::kScheduled && is_later)
      last = &other.row;
  }
  const base::Interval& mine = run.row.data_interval;
  const base::Time start = last == nullptr ? *dag.start_date : last->data_interval.end;
  const base::Time date =
      taken && *taken >= start ? *taken + base::Duration(1) : start;  // one that nobody has
  if (mine.start != start || run.row.logical_date != date)
    checks_.Breach(now,
                   base::Cat("I3: ", ToString(run.row.key), " does not begin where its past ends"));
  if (mine.end - mine.start < base::minutes(1) || mine.end > *dag.end_date)
    checks_.Breach(now, base::Cat("I3: ", ToString(run.row.key), " begins too soon or too late"));
}

void BeginRules::OnTask(base::Time now, const model::TaskRow& row, bool judges) {
  const auto found = runs_.find(row.job.run);
  if (found == runs_.end() || row.job.index >= 0)
    return;
  if (row.state == TaskState::kRemoved) {  // nobody waits for what its run does not have
    found->second.jobs.erase({row.job.job, row.job.lane});
    return;
  }
  std::vector<TaskState>& tasks = found->second.jobs[{row.job.job, row.job.lane}];
  const auto place = static_cast<size_t>(row.task);
  tasks.resize(std::max(tasks.size(), place + 1), TaskState::kNone);
  const bool waited = Waits(tasks);
  tasks[place] = row.state;
  if (judges && waited && HasBegun(tasks) && !by_person_.contains(row.job.run))
    JudgeBegin(now, found->second, row);
}

void BeginRules::JudgeBegin(base::Time now, const Run& run, const model::TaskRow& row) {
  const model::Dag* dag = DagOf(run);
  if (dag == nullptr || !run.previous || by_person_.contains(*run.previous))
    return;
  const auto previous = runs_.find(*run.previous);
  for (size_t job = 0; job < dag->jobs.size() && previous != runs_.end(); ++job) {
    if (dag->jobs[job].id == row.job.job && dag->jobs[job].lane == row.job.lane &&
        IsHeldBy(previous->second, *dag, job))
      checks_.Breach(now,
                     base::Cat("I3: ", ToString(row.job), " begins, and its past is not done"));
  }
}

bool BeginRules::IsHeldBy(const Run& previous, const model::Dag& dag, size_t job) const {
  const auto is_over = [&](const model::Job& of) {
    const auto tasks = previous.jobs.find({of.id, of.lane});
    return tasks != previous.jobs.end() &&
           std::ranges::all_of(tasks->second, [](TaskState state) { return IsTerminal(state); });
  };
  const auto is_held = [&](const model::Job& of) {
    const auto tasks = previous.jobs.find({of.id, of.lane});
    return tasks != previous.jobs.end() &&
           (!IsDone(tasks->second) || !IsSeenElsewhere(*DagOf(previous), of, is_over));
  };
  const model::Job& def = dag.jobs[job];
  if (!def.depends_on_past)
    return false;
  return is_held(def) ||
         (def.wait_for_downstream && std::ranges::any_of(dag.jobs, [&](const model::Job& below) {
            return std::ranges::count(below.upstream, static_cast<int>(job)) > 0 && is_held(below);
          }));
}

const model::Dag* BeginRules::DagOf(const Run& run) const {
  return checks_.versions().Find(run.row.version);
}

}  // namespace simulation
