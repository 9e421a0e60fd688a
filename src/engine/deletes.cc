#include "engine/deletes.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/safe_text.h"
#include "base/text.h"
#include "engine/actions.h"
#include "engine/assets.h"
#include "engine/causes.h"
#include "engine/cross_dag.h"
#include "engine/deadlines.h"
#include "engine/holds.h"
#include "engine/holes.h"
#include "engine/limits.h"
#include "engine/past_runs.h"
#include "engine/runs.h"

namespace engine {

namespace {

using base::Cat;

base::Status Refuse(std::string message) {
  return base::Fail(base::ErrorCode::kConflict, std::move(message));
}

std::string NameOf(const model::RunKey& run) {
  return Cat(
      "the run '", base::Excerpt(run.run.str()), "' of '", base::Excerpt(run.dag.str()), "'");
}

base::Status CheckEnded(const Run& run) {
  if (IsTerminal(run.row.state))
    return {};
  return Refuse(Cat(NameOf(run.row.key),
                    " is ",
                    ToString(run.row.state),
                    ": end it first (`signalbox dags abort`), and delete it then"));
}

// By the rows of kinds: a job that the run's version does not have any more may still cost money.
base::Status CheckNothingLives(const Turn& turn, const model::DagId& dag, const model::RunId& run) {
  for (const auto& kind : turn.kinds) {
    for (const auto& [job, count] : kind->CountLive()) {
      if (count > 0 && job.run.dag == dag && (run.empty() || job.run.run == run))
        return Refuse(Cat("a cluster or launch of '",
                          ToString(job),
                          "' is not over: wait for its end, and delete it then"));
    }
    if (std::string why = kind->WhyNeeded(dag, run); !why.empty())
      return Refuse(std::move(why));
  }
  return {};
}

void ForgetEnds(Turn& turn, const Run& run) {
  for (const JobInstance& job : run.jobs)
    ForgetEnd(turn.state, run, job);
  ForgetRunEnd(turn.state, run);
  if (run.row.state == model::RunState::kSuccess)
    NoteFilled(turn, run, false);
}

// For them another run is the previous one now, or none.
void WaitForOthers(Turn& turn, const std::vector<model::JobKey>& waiters) {
  for (const model::JobKey& key : waiters) {
    Run& run = *FindRun(turn.state, key.run);
    JobInstance& job = *FindJob(turn.state, key);
    auto& waits = job.row.waits_for;
    std::erase_if(waits, [](const model::UpstreamWait& wait) {
      return wait.basis == model::WaitBasis::kPastRun;
    });
    std::ranges::move(WaitsForPast(turn, run, job), std::back_inserter(waits));
    turn.recorder.Put(job.row);
    StartJobIfReady(turn, run, job);
  }
}

void Record(Turn& turn, const model::DagId& dag, const model::RunId& run) {
  turn.recorder.Delete({++turn.state.last_deletion, dag, run});
}

void Tell(Turn& turn, model::Subject subject, std::string_view from, const model::Principal& by) {
  turn.recorder.History(turn.now, std::move(subject), from, "deleted", Cat("by ", by.name));
  turn.state.rows_since = turn.recorder.last_seq();
}

base::Status CheckDag(const Turn& turn, const model::DagId& dag) {
  const State& state = turn.state;
  if (!state.dags.contains(dag))
    return base::Fail(base::ErrorCode::kNotFound,
                      Cat("there is no DAG '", base::Excerpt(dag.str()), "'"));
  for (auto run = state.runs.lower_bound({dag, model::RunId()});
       run != state.runs.end() && run->first.dag == dag;
       ++run)
    RETURN_IF_ERROR(CheckEnded(run->second));
  for (const auto& [id, backfill] : state.backfills) {
    if (backfill.row.dag == dag)
      return Refuse(Cat("the backfill ",
                        id,
                        " of '",
                        dag.str(),
                        "' is not completed: `signalbox backfill cancel ",
                        id,
                        "`, and delete the DAG then"));
  }
  return CheckNothingLives(turn, dag, model::RunId());
}

// Jobs of other DAGs wait for a DAG that nobody knows, until it is there again.
void ForgetWaits(Turn& turn, const model::DagId& dag) {
  for (const model::JobKey& key : turn.state.waiting_elsewhere) {
    JobInstance& job = *FindJob(turn.state, key);
    for (model::UpstreamWait& wait : job.row.waits_for) {
      if (wait.dag != dag || wait.verdict != model::WaitVerdict::kOpen)
        continue;
      wait.basis = model::WaitBasis::kUnknownDag;
      wait.interval = std::nullopt;
      turn.recorder.Put(job.row);
    }
  }
}

void DropRecords(Turn& turn, const std::function<bool(const model::RecordKey&)>& goes) {
  std::erase_if(turn.state.records, [&](const auto& item) {
    const bool is_one = goes(item.first);
    if (is_one)
      turn.recorder.Drop(item.first);
    return is_one;
  });
}

// The favourites of all users, and what tasks of its runs keep: they belong to the DAG, too.
void ForgetRecords(Turn& turn, const model::DagId& dag) {
  DropRecords(turn, [&](const model::RecordKey& key) {
    return (key.kind == model::RecordKind::kFavourite && key.name.ends_with(Cat("/", dag.str()))) ||
           (key.kind == model::RecordKind::kTaskStore && key.name.starts_with(Cat(dag.str(), "/")));
  });
}

void ForgetRecords(Turn& turn, const model::RunKey& run) {
  const std::string begin = Cat(run.dag.str(), "/", run.run.str(), "/");
  DropRecords(turn, [&](const model::RecordKey& key) {
    return key.kind == model::RecordKind::kTaskStore && key.name.starts_with(begin);
  });
}

void ForgetDag(Turn& turn, const model::DagId& dag) {
  State& state = turn.state;
  const auto is_of = [&](const auto& item) { return item.first.dag == dag; };
  std::erase_if(state.successes, is_of);
  std::erase_if(state.other_ends, is_of);
  std::erase_if(state.durations, is_of);
  std::erase_if(state.ways, [&](const auto& item) { return item.first.first == dag; });
  std::erase_if(state.fires, [&](const auto& fire) { return fire.second == dag; });
  state.run_successes.erase(dag);
  state.past.erase(dag);
  state.holes.erase(dag);
  state.pool_times.erase(dag);
  state.asset_queues.erase(dag);
  state.capped.erase(dag);
  state.dags.erase(dag);
}

// With the DAG's file there, it is read as it was last time.
void BeginAnew(Turn& turn, const std::shared_ptr<const model::Dag>& dag) {
  LoadDag(turn, dag);
  for (const model::JobKey& key : ResolveAnew(turn, {dag->id}))
    StartJobIfReady(turn, *FindRun(turn.state, key.run), *FindJob(turn.state, key));
}

}  // namespace

void DeleteRun(Turn& turn, const model::DeleteRun& event, Changes& changes) {
  const Run* found = FindRun(turn.state, event.run);
  changes.outcome = found == nullptr ? base::Status() : CheckEnded(*found);
  Run* run = changes.outcome ? FindOrRestore(turn, event, changes) : nullptr;
  if (run == nullptr)
    return;
  const model::RunKey key = run->row.key;
  changes.outcome = CheckNothingLives(turn, key.dag, key.run);
  if (!changes.outcome)
    return;
  changes.run = key;
  ForgetEnds(turn, *run);
  ForgetRecords(turn, key);
  ForgetDeadlines(turn.state, key);
  ForgetCauses(turn.state, key);
  for (const auto& kind : turn.kinds)
    kind->Forget(key);
  const std::vector<model::JobKey> waiters = WaitersForRun(turn.state, key);
  turn.state.lingering.erase(key);
  const std::string_view was = ToString(run->row.state);
  turn.deleted.push_back(turn.state.runs.extract(key));
  Record(turn, key.dag, key.run);
  Tell(turn, model::SubjectOf(key), was, event.by);
  WaitForOthers(turn, waiters);
}

void DeleteDag(Turn& turn, const model::DeleteDag& event, Changes& changes) {
  changes.outcome = CheckDag(turn, event.dag);
  if (!changes.outcome)
    return;
  const DagEntry& entry = turn.state.dags.at(event.dag);
  const bool is_there = entry.row.is_active && !entry.row.missing_since;
  const std::string_view was = entry.row.is_active ? "active" : "inactive";
  const std::shared_ptr<const model::Dag> dag = entry.plan->dag;
  ReleaseHoldsOf(turn, event.dag, event.by);
  ForgetRecords(turn, event.dag);
  Record(turn, event.dag, model::RunId());
  Tell(turn, model::SubjectOf(event.dag), was, event.by);
  ForgetWaits(turn, event.dag);
  ForgetDag(turn, event.dag);
  if (is_there)
    BeginAnew(turn, dag);
  LoadAssets(turn, is_there ? std::vector{dag} : std::vector<std::shared_ptr<const model::Dag>>());
  RefreshLimits(turn.state);
}

}  // namespace engine
