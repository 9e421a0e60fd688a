#include "engine/backfills.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "engine/actions.h"
#include "engine/backfill_plan.h"
#include "engine/conf.h"
#include "engine/load.h"
#include "engine/runs.h"
#include "engine/schedules.h"

namespace engine {

namespace {

using base::Cat;
using model::TickOutcome;

void Tell(Turn& turn,
          const model::BackfillRow& row,
          std::string_view from,
          std::string_view to,
          std::string_view cause) {
  turn.recorder.History(turn.now, model::BackfillSubject(row.id, row.dag), from, to, cause);
}

base::Status CheckNoOther(const State& state, const model::DagId& dag) {
  for (const auto& [id, backfill] : state.backfills) {
    if (backfill.row.dag == dag)
      return base::Fail(base::ErrorCode::kConflict,
                        Cat("the backfill ",
                            id,
                            " of '",
                            dag.str(),
                            "' is not completed, and a DAG has one at a time: wait for it, or "
                            "`signalbox backfill cancel ",
                            id,
                            "`"));
  }
  return {};
}

base::Status CheckBackfill(const State& state, const model::CreateBackfill& event) {
  if (event.max_active_runs < 1)
    return base::Fail(base::ErrorCode::kInvalidArgument, "'max_active_runs' must be 1 or more");
  const DagEntry& entry = state.dags.at(event.dag);
  if (!entry.row.is_active)
    return FileIsGone(event.dag);
  RETURN_IF_ERROR(CheckConf(*entry.plan->dag, event.conf));
  return CheckNoOther(state, event.dag);
}

void CreateRunOf(Turn& turn,
                 DagEntry& entry,
                 const Backfill& backfill,
                 model::BackfillTickRow& tick) {
  model::RunRow row;
  row.key = {entry.row.dag, model::RunId("backfill__" + base::FormatIso(tick.logical_date))};
  row.type = model::RunType::kBackfill;
  row.logical_date = tick.logical_date;
  row.data_interval = tick.data_interval;
  row.run_after = tick.run_after;
  row.conf = backfill.row.conf;
  row.triggered_by = backfill.row.created_by;
  row.backfill = backfill.row.id;
  tick.run = row.key.run;
  ReserveDate(turn, entry, tick.logical_date);
  CreateRun(turn, entry, std::move(row));
}

// False if its rows cannot be read.
bool RunAgain(Turn& turn, const Backfill& backfill, const model::BackfillTicksRead::Found& read) {
  const model::RunKey& key = read.run->key;
  Run* run = FindRun(turn.state, key);
  if (run == nullptr) {
    if (read.rows == nullptr || !RestoreRun(turn.state, turn.kinds, *read.rows))
      return false;
    run = FindRun(turn.state, key);
  }
  run->row.backfill = backfill.row.id;
  turn.recorder.Put(run->row);
  ClearRun(
      turn, *run, Cat("run again by backfill ", backfill.row.id, " of ", backfill.row.created_by));
  return true;
}

TickOutcome Decide(const State& state,
                   const DagEntry& entry,
                   const Backfill& backfill,
                   const model::BackfillTickRow& tick,
                   const std::optional<model::RunRow>& run) {
  const TickOutcome left_out = LeftOut(state, entry, backfill.row.fills_holes, tick);
  if (left_out != TickOutcome::kPending)
    return left_out;
  if (!run)
    return TickOutcome::kCreated;
  return model::OutcomeOfExisting(
      backfill.row.reprocess, IsTerminal(run->state), run->state == model::RunState::kFailed);
}

void TakeTick(Turn& turn, Backfill& backfill, const model::BackfillTicksRead::Found& read) {
  model::BackfillTickRow& tick = backfill.ticks[backfill.next++];
  DagEntry& entry = turn.state.dags.at(backfill.row.dag);
  tick.outcome = Decide(turn.state, entry, backfill, tick, read.run);
  if (read.run)
    tick.run = read.run->key.run;
  if (tick.outcome == TickOutcome::kCreated)
    CreateRunOf(turn, entry, backfill, tick);
  if (tick.outcome == TickOutcome::kRerun && !RunAgain(turn, backfill, read))
    tick.outcome = TickOutcome::kUnreadable;
  turn.recorder.Put(tick);
}

void Complete(Turn& turn, Backfill& backfill, std::string_view to, std::string_view cause) {
  backfill.row.completed_at = backfill.row.updated_at = turn.now;
  turn.recorder.Put(backfill.row);
  Tell(turn, backfill.row, backfill.row.is_paused ? "paused" : "running", to, cause);
}

// Its queued runs fail, as in Airflow; those that work go on.
void Cancel(Turn& turn, Backfill& backfill, const std::string& cause) {
  for (; backfill.next < backfill.ticks.size(); ++backfill.next) {
    model::BackfillTickRow& tick = backfill.ticks[backfill.next];
    tick.outcome = TickOutcome::kCancelled;
    turn.recorder.Put(tick);
  }
  backfill.row.is_cancelled = true;
  const model::DagId& dag = backfill.row.dag;
  for (auto it = turn.state.runs.lower_bound({dag, model::RunId()});
       it != turn.state.runs.end() && it->first.dag == dag;
       ++it) {
    const model::RunRow& run = it->second.row;
    if (run.backfill == backfill.row.id && run.state == model::RunState::kQueued)
      AbortRun(turn, it->second, Cat("backfill ", backfill.row.id, " ", cause));
  }
  Complete(turn, backfill, "cancelled", cause);
}

base::Error NoBackfill(const State& state, int64_t id) {
  if (id >= 1 && id <= state.last_backfill)
    return {base::ErrorCode::kConflict,
            Cat("the backfill ", id, " is over: it is completed or cancelled")};
  return {base::ErrorCode::kNotFound, Cat("there is no backfill ", id)};
}

void SetBackfillPaused(Turn& turn, Backfill& backfill, bool is_paused, std::string_view cause) {
  if (std::exchange(backfill.row.is_paused, is_paused) == is_paused)
    return;
  backfill.row.updated_at = turn.now;
  turn.recorder.Put(backfill.row);
  Tell(turn,
       backfill.row,
       is_paused ? "running" : "paused",
       is_paused ? "paused" : "running",
       cause);
  turn.room.insert(backfill.row.dag);
}

}  // namespace

void CreateBackfill(Turn& turn, const model::CreateBackfill& event, Changes& changes) {
  auto ticks = PlanBackfill(turn.state, event, turn.now);
  if (!ticks) {
    changes.outcome = base::Fail(ticks.error());
    return;
  }
  changes.outcome = CheckBackfill(turn.state, event);
  if (!changes.outcome)
    return;
  const int64_t id = ++turn.state.last_backfill;
  Backfill& backfill = turn.state.backfills[id];
  const auto [first, last] = std::ranges::minmax(*ticks, {}, &model::BackfillTickRow::logical_date);
  backfill.row = {.id = id,
                  .dag = event.dag,
                  .from = event.from.value_or(first.logical_date),
                  .to = event.to.value_or(last.logical_date),
                  .is_reversed = event.is_reversed,
                  .fills_holes = event.fills_holes,
                  .reprocess = event.reprocess,
                  .max_active_runs = event.max_active_runs,
                  .conf = base::Serialize(event.conf),
                  .created_at = turn.now,
                  .updated_at = turn.now,
                  .completed_at = {},
                  .created_by = event.by.name};
  backfill.ticks = std::move(*ticks);
  turn.recorder.Put(backfill.row);
  for (model::BackfillTickRow& tick : backfill.ticks) {
    tick.backfill = id;
    turn.recorder.Put(tick);
  }
  Tell(turn, backfill.row, "", "running", Cat(backfill.ticks.size(), " ticks, by ", event.by.name));
  changes.id = id;
}

void ChangeBackfill(Turn& turn, const model::ChangeBackfill& event, Changes& changes) {
  const auto found = turn.state.backfills.find(event.id);
  if (found == turn.state.backfills.end()) {
    changes.outcome = base::Fail(NoBackfill(turn.state, event.id));
    return;
  }
  changes.id = event.id;
  const std::string by = Cat("by ", event.by.name);
  switch (event.to) {
    case model::ChangeBackfill::To::kPaused:
    case model::ChangeBackfill::To::kGoesOn:
      SetBackfillPaused(turn, found->second, event.to == model::ChangeBackfill::To::kPaused, by);
      return;
    case model::ChangeBackfill::To::kCancelled:
      Cancel(turn, found->second, Cat("cancelled ", by));
      return;
  }
}

void TakeTicks(Turn& turn, const model::BackfillTicksRead& event) {
  const auto found = turn.state.backfills.find(event.id);
  if (found == turn.state.backfills.end() || event.as_of != turn.state.last_seq)
    return;
  Backfill& backfill = found->second;
  for (const model::BackfillTicksRead::Found& read : event.ticks) {
    if (!MayTakeTicks(turn.state, backfill) || static_cast<size_t>(read.number) != backfill.next)
      return;
    TakeTick(turn, backfill, read);
  }
}

void CompleteBackfills(Turn& turn) {
  for (auto& [id, backfill] : turn.state.backfills) {
    if (!backfill.row.completed_at && backfill.next == backfill.ticks.size() &&
        backfill.queued_runs + backfill.running_runs == 0)
      Complete(turn, backfill, "completed", "all its runs have ended");
  }
}

bool HasRoom(const Backfill& backfill) {
  return backfill.queued_runs + backfill.running_runs < backfill.row.max_active_runs;
}

bool MayTakeTicks(const State& state, const Backfill& backfill) {
  const model::DagRow& dag = state.dags.at(backfill.row.dag).row;
  return backfill.next < backfill.ticks.size() && !backfill.row.is_paused && dag.is_active &&
         !dag.is_paused && HasRoom(backfill);
}

void CountRun(State& state, const model::RunRow& run, model::RunState in, int delta) {
  if (IsTerminal(in))
    return;
  const bool is_queued = in == model::RunState::kQueued;
  if (run.backfill == 0) {
    DagEntry& entry = state.dags.at(run.key.dag);
    (is_queued ? entry.queued_runs : entry.running_runs) += delta;
  } else if (const auto found = state.backfills.find(run.backfill);
             found != state.backfills.end()) {
    (is_queued ? found->second.queued_runs : found->second.running_runs) += delta;
  }
}

void FindNextTick(Backfill& backfill) {
  const auto pending =
      std::ranges::find(backfill.ticks, TickOutcome::kPending, &model::BackfillTickRow::outcome);
  backfill.next = static_cast<size_t>(pending - backfill.ticks.begin());
}

}  // namespace engine
