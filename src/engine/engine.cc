#include "engine/engine.h"

#include <algorithm>

#include "base/overload.h"
#include "engine/actions.h"
#include "engine/assets.h"
#include "engine/attempts.h"
#include "engine/backfills.h"
#include "engine/causes.h"
#include "engine/deadlines.h"
#include "engine/deletes.h"
#include "engine/group_retry.h"
#include "engine/holds.h"
#include "engine/load.h"
#include "engine/names.h"
#include "engine/notes.h"
#include "engine/past_runs.h"
#include "engine/queue.h"
#include "engine/records.h"
#include "engine/runs.h"
#include "engine/spend.h"
#include "engine/triggers.h"
#include "engine/turn.h"
#include "engine/vanished.h"

namespace engine {

namespace {

// Who asked for the event; empty if nobody did.
model::Principal AskedBy(const model::Event& event) {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.by; })
          return body.by;
        else
          return model::Principal();
      },
      event.body);
}

void Dispatch(Turn& turn, const model::Event& event, Changes& changes) {
  std::visit(base::Overload{
                 [](const model::Tick&) {},
                 [&](const model::ProjectLoaded& e) { LoadProject(turn, e); },
                 [&](const model::TriggerRun& e) { Trigger(turn, e, changes); },
                 [&](const model::SetPaused& e) { SetPaused(turn, e, changes); },
                 [&](const model::DeactivateDags& e) { DeactivateDags(turn, e, changes); },
                 [&](const model::ClearJobs& e) { Clear(turn, e, changes); },
                 [&](const model::MarkJobs& e) { Mark(turn, e, changes); },
                 [&](const model::MarkRun& e) { Mark(turn, e, changes); },
                 [&](const model::SetNote& e) { SetNote(turn, e, changes); },
                 [&](const model::CauseFound& e) { TakeCause(turn, e, changes); },
                 [&](const model::CreateBackfill& e) { CreateBackfill(turn, e, changes); },
                 [&](const model::ChangeBackfill& e) { ChangeBackfill(turn, e, changes); },
                 [&](const model::BackfillTicksRead& e) { TakeTicks(turn, e); },
                 [&](const model::PlaceHold& e) { PlaceHold(turn, e, changes); },
                 [&](const model::ReleaseHold& e) { ReleaseHold(turn, e, changes); },
                 [&](const model::CreateAssetEvent& e) { CreateAssetEvent(turn, e, changes); },
                 [&](const model::DropQueuedEvents& e) { DropQueuedEvents(turn, e, changes); },
                 [&](const model::ChangeRecords& e) { ChangeRecords(turn, e, changes); },
                 [&](const model::DeleteRun& e) { DeleteRun(turn, e, changes); },
                 [&](const model::DeleteDag& e) { DeleteDag(turn, e, changes); },
                 [&](const model::Refused& e) { NoteRefusal(turn, e); },
                 [&](const model::Turns& e) { GrantTurns(turn, e); },
                 [&](const model::DeadlinesJudged& e) { TakeJudgement(turn, e); },
                 [&](const auto&) {
                   for (const auto& kind : turn.kinds)
                     kind->Apply(turn, event, changes);
                 },
             },
             event.body);
}

// An ended run leaves memory once nothing of it is live; backfills and holds once they are over.
void Evict(State& state, const Kinds& kinds, Time forget_before) {
  for (auto it = state.lingering.begin(); it != state.lingering.end();) {
    const model::RunKey key = *it;
    const Run& run = state.runs.at(key);
    bool alive = false;
    ForEachJob(run, [&](const JobInstance& job) { alive = alive || job.live > 0; });
    if (alive) {
      ++it;
      continue;
    }
    for (const auto& kind : kinds)
      kind->Forget(key);
    RememberRun(state, run, forget_before);
    ForgetDeadlines(state, key);
    ForgetCauses(state, key);
    state.runs.erase(key);
    it = state.lingering.erase(it);
  }
  std::erase_if(state.backfills,
                [](const auto& item) { return item.second.row.completed_at.has_value(); });
  std::erase_if(state.holds, [](const auto& item) { return item.second.released_at.has_value(); });
  DropClosed(state);
  PruneExpenses(state);
  DropAssetEvents(state);
}

}  // namespace

Engine::Engine(Options options, const schedule::ZoneSet& zones, Kinds kinds)
    : options_(options),
      zones_(zones),
      state_(std::make_unique<State>()),
      kinds_(std::move(kinds)) {
  state_->book = options_.book;
}

Engine::~Engine() = default;

base::Result<std::unique_ptr<Engine>> Engine::Create(Options options,
                                                     const schedule::ZoneSet& zones,
                                                     Kinds kinds,
                                                     const model::Snapshot& snapshot) {
  std::unique_ptr<Engine> engine(new Engine(options, zones, std::move(kinds)));
  RETURN_IF_ERROR(LoadSnapshot(*engine->state_, engine->kinds_, zones, snapshot));
  return engine;
}

Changes Engine::Apply(const model::Event& event) {
  return Apply(event, {});
}

Changes Engine::Apply(const model::Event& event, std::vector<model::Change> earlier) {
  State& state = *state_;
  state.now = std::max(state.now, event.at);
  Turn turn{state, options_, zones_, kinds_, Recorder(state.last_seq, AskedBy(event)), state.now};
  Changes changes{.rows = std::move(earlier), .outcome = {}, .run = {}, .id = {}};
  if (const auto* project = std::get_if<model::ProjectLoaded>(&event.body);
      project != nullptr && RenameDags(turn, *project)) {
    turn.recorder.AppendTo(changes.rows);
    changes.is_renaming = true;
    return changes;
  }
  Dispatch(turn, event, changes);
  StartDueRetries(turn);
  RetryDueGroups(turn);
  CreateDueRuns(turn);
  CompleteBackfills(turn);
  MissDeadlines(turn);
  const size_t before = changes.rows.size();
  turn.recorder.AppendTo(changes.rows);
  // A turn in which nobody could start: slots are kept for one that has become overdue.
  if (changes.rows.size() > before || std::holds_alternative<model::Turns>(event.body))
    counted_ = counted_here_ = std::nullopt;
  state.last_seq = turn.recorder.last_seq();
  Evict(state, kinds_, state.now - options_.completed_for);
  for (const auto& kind : kinds_)
    kind->OnApplied();
  return changes;
}

std::optional<base::Time> Engine::NextDue() const {
  std::optional<Time> due;
  if (!state_->fires.empty())
    due = state_->fires.begin()->first;
  if (!state_->starts.empty() && (!due || state_->starts.begin()->first < *due))
    due = state_->starts.begin()->first;
  if (!state_->dues.empty() && (!due || state_->dues.begin()->first < *due))
    due = state_->dues.begin()->first;
  if (const std::optional<Time> day = NextSpendDay(*state_); day && (!due || *day < *due))
    due = *day;
  const auto& groups = state_->group_retries;
  if (!groups.empty() && (!due || groups.begin()->first < *due))
    due = groups.begin()->first;
  for (const auto& [at, key] : state_->retries) {
    if (due && at >= *due)
      break;
    // A retry of which something still lives is woken by the end of that, one of a paused DAG by a
    // person.
    const JobInstance& job = *FindJob(*state_, key);
    if (job.live == 0 && !IsHeldBack(*state_, kinds_, job))
      return at;
  }
  return due;
}

int Engine::Startable(int limit) const {
  return Count(counted_, {.calls = limit});
}

int Engine::StartableHere(int limit) const {
  return Count(counted_here_, {.local = limit});
}

int Engine::Count(std::optional<Counted>& counted, model::Turns turns) const {
  const int limit = turns.calls + turns.local;
  // What is up costs more with time, so that fewer may start; more of them only with a new day.
  const Time day = model::DayOf(state_->now).start;
  const bool may_fall = HasCaps(*state_) && counted && counted->startable > 0;
  const bool is_known = counted && counted->day == day && !may_fall &&
                        (counted->startable < counted->limit || limit <= counted->limit);
  if (!is_known)
    counted = {limit, static_cast<int>(NextInTurn(*state_, turns).size()), day};
  return std::min(limit, counted->startable);
}

}  // namespace engine
