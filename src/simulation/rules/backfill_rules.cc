#include "simulation/rules/backfill_rules.h"

#include <algorithm>

#include "base/text.h"

namespace simulation {

using base::Cat;
using model::TickOutcome;

namespace {

std::string NameOf(const model::BackfillTickRow& tick) {
  return Cat("the tick ", base::FormatRfc3339(tick.logical_date), " of backfill ", tick.backfill);
}

bool MayRunAgain(model::Reprocess reprocess, const model::RunRow& run) {
  return reprocess == model::Reprocess::kCompleted ||
         (reprocess == model::Reprocess::kFailed && run.state == model::RunState::kFailed);
}

}  // namespace

void BackfillRules::Apply(const std::vector<model::Change>& batch, Known& known) {
  for (const model::Change& change : batch) {
    if (const auto* dag = std::get_if<model::DagRow>(&change)) {
      known.dags[dag->dag] = *dag;
    } else if (const auto* hole = std::get_if<model::HoleRow>(&change)) {
      known.holes[{hole->dag, hole->first.end}] = *hole;
    } else if (const auto* run = std::get_if<model::RunRow>(&change)) {
      known.runs[run->key] = *run;
    } else if (const auto* backfill = std::get_if<model::BackfillRow>(&change)) {
      known.backfills[backfill->id].row = *backfill;
    } else if (const auto* tick = std::get_if<model::BackfillTickRow>(&change)) {
      std::vector<Tick>& ticks = known.backfills[tick->backfill].ticks;
      const auto place = static_cast<size_t>(tick->number);
      ticks.resize(std::max(ticks.size(), place + 1));
      ticks[place] = *tick;
    }
  }
}

void BackfillRules::OnCommitted(base::Time now, const std::vector<model::Change>& batch) {
  const bool concerns = !now_.backfills.empty() || std::ranges::any_of(batch, [](const auto& c) {
    return std::holds_alternative<model::BackfillRow>(c);
  });
  if (!concerns)
    return Apply(batch, now_);
  const Known before = now_;
  Apply(batch, now_);
  begun_again_.clear();
  for (const model::Change& change : batch) {
    const auto* line = std::get_if<model::HistoryRow>(&change);
    if (line != nullptr && line->subject.kind == model::EntityKind::kRun && line->to == "queued")
      begun_again_.insert({line->subject.dag, line->subject.run});
  }
  std::set<int64_t> touched;
  for (const model::Change& change : batch) {
    if (const auto* tick = std::get_if<Tick>(&change)) {
      JudgeTick(now, before, *tick);
      touched.insert(tick->backfill);
    }
    if (const auto* row = std::get_if<model::BackfillRow>(&change);
        row != nullptr && !before.backfills.contains(row->id))
      JudgeList(now, now_.backfills.at(row->id));
  }
  for (const int64_t id : touched)
    JudgeTurn(now, before, now_.backfills.at(id));
  JudgeRuns(now, before);
}

bool BackfillRules::HasRunAt(const Known& known, const model::DagId& dag, base::Time logical_date) {
  return std::ranges::any_of(known.runs, [&](const auto& item) {
    return item.first.dag == dag && item.second.logical_date == logical_date;
  });
}

const model::RunRow* BackfillRules::RunOf(const Known& known,
                                          const model::DagId& dag,
                                          const Tick& tick) {
  const auto run = known.runs.find({dag, tick.run});
  const bool is_of_it = run != known.runs.end() && run->second.logical_date == tick.logical_date;
  return is_of_it ? &run->second : nullptr;
}

// A decision is made once.
void BackfillRules::JudgeTick(base::Time now, const Known& before, const Tick& tick) {
  const auto known = before.backfills.find(tick.backfill);
  const Tick* earlier = nullptr;
  if (known != before.backfills.end() &&
      static_cast<size_t>(tick.number) < known->second.ticks.size())
    earlier = &known->second.ticks[static_cast<size_t>(tick.number)];
  if (earlier != nullptr && earlier->outcome != TickOutcome::kPending) {
    if (*earlier != tick)
      checks_.Breach(now, Cat("I3: ", NameOf(tick), " is decided twice"));
    return;
  }
  if (tick.outcome == TickOutcome::kPending)
    return;
  const std::string why = WhyWrong(before, now_.backfills.at(tick.backfill), tick);
  if (!why.empty())
    checks_.Breach(now, Cat("I3: ", NameOf(tick), " is '", ToString(tick.outcome), "', and ", why));
}

std::string BackfillRules::WhyWrong(const Known& before,
                                    const Backfill& backfill,
                                    const Tick& tick) const {
  switch (tick.outcome) {
    case TickOutcome::kPending:
      return "";
    case TickOutcome::kCreated:
      return WhyNoNewRun(before, backfill, tick);
    case TickOutcome::kRerun:
      return WhyNotAgain(before, backfill, tick);
    case TickOutcome::kExists:
    case TickOutcome::kInFlight:
      return WhyNotLeft(before, backfill, tick);
    case TickOutcome::kToSchedule: {
      // What the schedule had decided before, it does not decide again.
      const auto dag = before.dags.find(backfill.row.dag);
      const bool is_decided = dag != before.dags.end() && dag->second.scheduled_until &&
                              tick.run_after <= *dag->second.scheduled_until;
      return is_decided ? "its schedule had decided about it" : "";
    }
    case TickOutcome::kFilled:
      return IsFilled(now_, backfill, tick) ? "" : "nothing has filled it";
    case TickOutcome::kCancelled:
      return backfill.row.is_cancelled ? "" : "nobody has cancelled it";
    case TickOutcome::kUnreadable:
      return "its rows are whole";
  }
  return "";
}

std::string BackfillRules::WhyNoNewRun(const Known& before,
                                       const Backfill& backfill,
                                       const Tick& tick) const {
  if (HasRunAt(before, backfill.row.dag, tick.logical_date))
    return "there was a run of it";
  const auto run = now_.runs.find({backfill.row.dag, tick.run});
  if (run == now_.runs.end())
    return "there is no run of it";
  const model::RunRow& row = run->second;
  if (row.logical_date != tick.logical_date || row.data_interval != tick.data_interval ||
      row.type != model::RunType::kBackfill || row.backfill != backfill.row.id)
    return "its run is another one";
  return IsFilled(before, backfill, tick) ? "another run had filled it" : "";
}

std::string BackfillRules::WhyNotAgain(const Known& before,
                                       const Backfill& backfill,
                                       const Tick& tick) const {
  const model::RunRow* run = RunOf(before, backfill.row.dag, tick);
  if (run == nullptr)
    return "there was no such run";
  if (!IsTerminal(run->state))
    return "its run had not ended";
  if (!MayRunAgain(backfill.row.reprocess, *run))
    return "nobody asked for it to run again";
  const model::RunRow& row = now_.runs.at(run->key);
  return row.backfill == backfill.row.id && begun_again_.contains(row.key) ? "" : "it does not";
}

// By how its run was before the batch, or is after it: both may be in one.
std::string BackfillRules::WhyNotLeft(const Known& before,
                                      const Backfill& backfill,
                                      const Tick& tick) const {
  for (const Known* known : {&before, &now_}) {
    const model::RunRow* run = RunOf(*known, backfill.row.dag, tick);
    if (run == nullptr)
      continue;
    const bool lives = !IsTerminal(run->state);
    const bool is_spared = !lives && !MayRunAgain(backfill.row.reprocess, *run);
    if (tick.outcome == TickOutcome::kInFlight ? lives : is_spared)
      return "";
  }
  return "its run is not so";
}

bool BackfillRules::IsFilled(const Known& known, const Backfill& backfill, const Tick& tick) {
  return backfill.row.fills_holes && std::ranges::any_of(known.holes, [&](const auto& item) {
           const model::HoleRow& hole = item.second;
           return hole.dag == backfill.row.dag &&
                  std::ranges::find(hole.filled, tick.data_interval.end) != hole.filled.end();
         });
}

// Ticks are taken in their order, while nobody has paused them.
void BackfillRules::JudgeTurn(base::Time now, const Known& before, const Backfill& backfill) {
  const std::vector<Tick>& ticks = backfill.ticks;
  const auto pending = std::ranges::find(ticks, TickOutcome::kPending, &Tick::outcome);
  const bool in_order = std::all_of(
      pending, ticks.end(), [](const Tick& tick) { return tick.outcome == TickOutcome::kPending; });
  if (!in_order)
    checks_.Breach(now, Cat("I3: backfill ", backfill.row.id, " takes ticks out of turn"));
  const auto known = before.backfills.find(backfill.row.id);
  if (known == before.backfills.end() || backfill.row.is_cancelled)
    return;
  if (known->second.row.is_paused && backfill.row.is_paused)
    checks_.Breach(now, Cat("I3: backfill ", backfill.row.id, " takes ticks while it is paused"));
  // Runs are made as there is room.
  const auto was = Active(before, backfill.row.id), is = Active(now_, backfill.row.id);
  if (is.first + is.second > std::max(backfill.row.max_active_runs, was.first + was.second))
    checks_.Breach(now, Cat("I12: backfill ", backfill.row.id, " makes a run without room"));
  const auto dag = before.dags.find(backfill.row.dag);
  if (dag->second.is_paused && now_.dags.at(backfill.row.dag).is_paused)
    checks_.Breach(now,
                   Cat("I3: backfill ", backfill.row.id, " takes ticks while its DAG is paused"));
}

// Each of a range once, and in the order that was asked for. Which ticks a hole has is judged with
// the hole.
void BackfillRules::JudgeList(base::Time now, const Backfill& backfill) {
  const model::BackfillRow& row = backfill.row;
  std::vector<base::Time> dates;
  for (const Tick& tick : backfill.ticks)
    dates.push_back(tick.logical_date);
  if (row.is_reversed)
    std::ranges::reverse(dates);
  const bool ascends = std::ranges::adjacent_find(dates, std::greater_equal<>()) == dates.end();
  const bool is_inside = !dates.empty() && dates.front() >= row.from && dates.back() <= row.to;
  if (!ascends || !is_inside)
    checks_.Breach(now, Cat("I3: the ticks of backfill ", row.id, " are not those asked for"));
  if (row.fills_holes || dates.empty() || dates.front() == row.from)
    return;  // a list of intervals names its own
  const auto dag = now_.dags.find(row.dag);
  const std::optional<base::Duration> step = checks_.StepOf(row.dag);
  if (!step || dag == now_.dags.end())
    return;
  for (size_t i = 1; i < dates.size(); ++i) {
    if (dates[i] - dates[i - 1] != *step)
      checks_.Breach(now, Cat("I3: backfill ", row.id, " leaves a tick of its range out"));
  }
}

// Queued and running.
std::pair<int, int> BackfillRules::Active(const Known& known, int64_t backfill) {
  const auto count = [&](model::RunState state) {
    return static_cast<int>(std::ranges::count_if(known.runs, [&](const auto& item) {
      return item.second.backfill == backfill && item.second.state == state;
    }));
  };
  return {count(model::RunState::kQueued), count(model::RunState::kRunning)};
}

void BackfillRules::JudgeRuns(base::Time now, const Known& before) {
  for (const auto& [id, backfill] : now_.backfills) {
    const model::BackfillRow& row = backfill.row;
    const auto known = before.backfills.find(id);
    if (known != before.backfills.end() && known->second.row.completed_at)
      continue;
    const auto [queued, running] = Active(now_, id);
    if (running > row.max_active_runs)
      checks_.Breach(now, Cat("I12: backfill ", id, " has more active runs than it may"));
    if (!row.completed_at)
      continue;
    const bool is_decided = std::ranges::none_of(
        backfill.ticks, [](const Tick& tick) { return tick.outcome == TickOutcome::kPending; });
    const bool has_ended = queued == 0 && (row.is_cancelled || running == 0);
    if (!is_decided || !has_ended)
      checks_.Breach(now, Cat("I3: backfill ", id, " is completed too early"));
  }
  for (const auto& [key, run] : now_.runs) {
    const auto backfill = now_.backfills.find(run.backfill);
    if (backfill == now_.backfills.end() || run.state != model::RunState::kRunning)
      continue;
    const auto earlier = before.runs.find(key);
    const auto asked = before.backfills.find(run.backfill);
    const bool begins =
        earlier == before.runs.end() || earlier->second.state == model::RunState::kQueued;
    if (begins && asked != before.backfills.end() && asked->second.row.is_paused &&
        backfill->second.row.is_paused)
      checks_.Breach(now, Cat("I3: ", ToString(key), " begins, and its backfill is paused"));
    const bool is_named =
        run.type != model::RunType::kBackfill ||
        std::ranges::any_of(now_.backfills, [&](const auto& item) {
          return item.second.row.dag == key.dag &&
                 std::ranges::any_of(item.second.ticks, [&](const Tick& tick) {
                   return tick.outcome == TickOutcome::kCreated && tick.run == key.run;
                 });
        });
    if (begins && !is_named)
      checks_.Breach(now, Cat("I3: ", ToString(key), " is of no tick of a backfill"));
  }
}

void BackfillRules::OnTailLost(base::Time, const std::vector<Stored>& left, base::Time) {
  now_ = {};
  for (const Stored& stored : left)
    Apply(stored.batch, now_);
}

// Its runs that wait for what never comes are judged with all others.
void BackfillRules::AtEnd(base::Time now) {
  for (const auto& [id, backfill] : now_.backfills) {
    const auto dag = now_.dags.find(backfill.row.dag);
    if (backfill.row.completed_at || dag->second.is_paused || !dag->second.is_active)
      continue;
    if (Active(now_, id) == std::pair(0, 0) || backfill.row.is_paused)
      checks_.Breach(now, Cat("I10: backfill ", id, " never ended"));
  }
}

}  // namespace simulation
