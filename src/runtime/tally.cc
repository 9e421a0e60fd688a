#include "runtime/tally.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/text.h"
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

std::string EntityOf(const model::RunKey& run) {
  return base::Cat("run ", ToString(run));
}

// The runs that these changes create, as history names them.
std::set<std::string_view> CreatedIn(const std::vector<model::Change>& changes) {
  std::set<std::string_view> created;
  for (const model::Change& change : changes) {
    const auto* row = std::get_if<model::HistoryRow>(&change);
    if (row != nullptr && row->from.empty() && row->subject.text.starts_with("run "))
      created.insert(row->subject.text);
  }
  return created;
}

}  // namespace

Tally::Tally(const std::map<model::DagId, base::Time>& last_successes) {
  for (const auto& [dag, at] : last_successes)
    dags_[dag].last_success = at;
}

void Tally::Add(const std::vector<model::Change>& committed) {
  std::set<std::string_view> created = CreatedIn(committed);
  for (const model::Change& change : committed) {
    if (const auto* task = std::get_if<model::TaskRow>(&change)) {
      Count(*task);
    } else if (const auto* cluster = std::get_if<base::Boxed<model::ClusterRow>>(&change)) {
      Count(**cluster);
    } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
      Count(*run);
      if (!created.empty() && created.erase(EntityOf(run->key)) > 0 &&
          run->type == model::RunType::kScheduled)
        run_lag_.Observe(Seconds(run->queued_at - std::min(run->run_after, run->queued_at)));
    }
  }
}

const Tally::OfDag& Tally::Of(const model::DagId& dag) const {
  static const OfDag kNothing;
  const auto found = dags_.find(dag);
  return found == dags_.end() ? kNothing : found->second;
}

// A run's row is written when its state changes, so an ended one is counted once.
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

// As with runs, but for the row of a new task, which is in no state that counts.
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
