#include "runtime/tally.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "model/expense.h"

namespace runtime {

namespace {

double Seconds(base::Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

template <typename Outcomes, typename State>
std::optional<size_t> PlaceOf(const Outcomes& outcomes, State state) {
  const auto found = std::find(outcomes.begin(), outcomes.end(), state);
  if (found == outcomes.end())
    return std::nullopt;
  return static_cast<size_t>(found - outcomes.begin());
}

// What these changes move, as history says: rows are written for other reasons too.
struct Moves {
  std::set<model::RunKey> created;
  std::set<std::pair<model::RunKey, std::string_view>> runs;   // to that state; so below
  std::set<std::pair<model::JobKey, std::string_view>> tasks;  // of the job
};

Moves MovesIn(const std::vector<model::Change>& changes) {
  Moves moves;
  for (const model::Change& change : changes) {
    const auto* row = std::get_if<model::HistoryRow>(&change);
    if (row == nullptr || row->from == row->to)
      continue;
    const model::Subject& subject = row->subject;
    const model::RunKey run{subject.dag, subject.run};
    if (subject.kind == model::EntityKind::kTask)
      moves.tasks.insert({{run, subject.job, subject.lane, subject.index}, row->to});
    if (subject.kind != model::EntityKind::kRun)
      continue;
    moves.runs.insert({run, row->to});
    if (row->from.empty())
      moves.created.insert(run);
  }
  return moves;
}

}  // namespace

Tally::Tally(const std::map<model::DagId, base::Time>& last_successes) {
  for (const auto& [dag, at] : last_successes)
    dags_[dag].last_success = at;
}

void Tally::Add(const std::vector<model::Change>& committed) {
  Moves moves = MovesIn(committed);
  for (const model::Change& change : committed) {
    if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      if (moves.tasks.contains({task->job, ToString(task->state)}))
        Count(*task);
    } else if (const auto* cluster = std::get_if<base::Boxed<model::ClusterRow>>(&change)) {
      Count(**cluster);
    } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
      if (moves.runs.contains({run->key, ToString(run->state)}))
        Count(*run);
      if (moves.created.erase(run->key) > 0 && run->type == model::RunType::kScheduled)
        run_lag_.Observe(Seconds(run->queued_at - std::min(run->run_after, run->queued_at)));
    } else if (const auto* deadline = std::get_if<model::DeadlineRow>(&change)) {
      Count(*deadline);
    } else if (const auto* renamed = std::get_if<model::DagRenamed>(&change)) {
      Rename(*renamed);
    }
  }
}

// What was counted goes with the DAG: its last success is no less true.
void Tally::Rename(const model::DagRenamed& names) {
  auto was = dags_.extract(names.from);
  if (was.empty())
    return;
  dags_.erase(names.to);
  was.key() = names.to;
  dags_.insert(std::move(was));
}

const Tally::OfDag& Tally::Of(const model::DagId& dag) const {
  static const OfDag kNothing;
  const auto found = dags_.find(dag);
  return found == dags_.end() ? kNothing : found->second;
}

void Tally::Count(const model::RunRow& run) {
  const auto outcome = PlaceOf(kRunOutcomes, run.state);
  if (!outcome)
    return;
  OfDag& dag = dags_[run.key.dag];
  ++dag.runs[*outcome];
  if (run.start_date && run.end_date)
    dag.run_seconds.Observe(Seconds(*run.end_date - *run.start_date));
  if (run.state == model::RunState::kSuccess)
    dag.last_success = std::max(dag.last_success, run.end_date);
}

// An ended cluster's row may be written again.
void Tally::Count(const model::ClusterRow& cluster) {
  const auto expense = ExpenseOf(cluster);
  if (!expense || !expense->until)
    return;
  model::MicroUsd& counted = counted_[cluster.id];
  const model::MicroUsd cost = std::max(counted, CostOf(*expense, *expense->until));
  dags_[expense->run.dag].spent += cost - counted;
  counted = cost;
}

// Written when its status changes, and no more once that is final.
void Tally::Count(const model::DeadlineRow& deadline) {
  if (const auto outcome = PlaceOf(kDeadlineOutcomes, deadline.status))
    ++dags_[deadline.key.job.run.dag].deadlines[*outcome];
}

void Tally::Count(const model::TaskRow& task) {
  if (task.state == model::TaskState::kRunning && task.queued_at && task.start_date)
    launch_lag_.Observe(Seconds(*task.start_date - *task.queued_at));
  const auto outcome = PlaceOf(kTaskOutcomes, task.state);
  if (!outcome)
    return;
  OfDag& dag = dags_[task.job.run.dag];
  ++dag.tasks[*outcome];
  const bool ended =
      task.state == model::TaskState::kSuccess || task.state == model::TaskState::kFailed;
  if (ended && task.start_date && task.end_date)
    dag.task_seconds.Observe(Seconds(*task.end_date - *task.start_date));
}

}  // namespace runtime
