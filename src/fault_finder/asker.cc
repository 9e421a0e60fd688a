#include "fault_finder/asker.h"

#include <algorithm>

#include "base/text.h"

namespace fault_finder {

namespace {

constexpr base::Duration kAskAgain = base::seconds(30);
constexpr base::Duration kHour = base::hours(1);

}  // namespace

Asker::Asker(simulation::Machine& machine, const Plan& plan) : machine_(machine), plan_(plan) {
  for (const PastRuns* runs : AllOf<PastRuns>(plan))
    errands_.push_back({.runs = runs, .due = {}});
  for (const LaunchHold* hold : AllOf<LaunchHold>(plan))
    errands_.push_back({.hold = hold, .due = {}});
  for (Errand& errand : errands_)
    errand.due = DueOf(errand);
}

const simulation::DagSpec& Asker::DagOf(int64_t place) const {
  return plan_.work.dags[static_cast<size_t>(place) % plan_.work.dags.size()];
}

base::Time Asker::DueOf(const Errand& errand) const {
  const base::Time start = plan_.work.start;
  if (errand.hold != nullptr)
    return start + errand.hold->from +
           (errand.stage == Stage::kBegins ? base::Duration(0) : errand.hold->lasts);
  switch (errand.stage) {
    case Stage::kBegins:
      return start + errand.runs->at;
    case Stage::kPauses:
      return start + errand.runs->at + errand.runs->pauses_after;
    case Stage::kGoesOn:
      return start + errand.runs->at + errand.runs->pauses_after + errand.runs->pauses_for;
    case Stage::kCancels:
    case Stage::kIsOver:
      break;
  }
  return start + errand.runs->at + errand.runs->cancels_after;
}

// What is left out of the plan is passed over.
void Asker::GoOn(Errand& errand) const {
  if (errand.hold != nullptr) {
    errand.stage = errand.stage == Stage::kBegins ? Stage::kCancels : Stage::kIsOver;
  } else {
    errand.stage = static_cast<Stage>(static_cast<int>(errand.stage) + 1);
    if (errand.stage == Stage::kPauses && errand.runs->pauses_for.count() == 0)
      errand.stage = Stage::kCancels;
    if (errand.stage == Stage::kCancels && errand.runs->cancels_after.count() == 0)
      errand.stage = Stage::kIsOver;
  }
  errand.due = DueOf(errand);
}

std::optional<base::Time> Asker::NextDue() const {
  std::optional<base::Time> next;
  for (const Errand& errand : errands_) {
    if (errand.stage != Stage::kIsOver && !errand.is_asked)
      driver::Earlier(next, errand.due);
  }
  return next;
}

void Asker::OnTime(base::Time now) {
  for (Errand& errand : errands_) {
    if (errand.stage == Stage::kIsOver || errand.is_asked || errand.due > now)
      continue;
    errand.is_asked = true;
    machine_.driver().Post(BodyOf(errand, now),
                           [this, &errand, now](const driver::Outcome& outcome) {
                             errand.is_asked = false;
                             Answer(errand, outcome, now);
                           });
  }
}

void Asker::Answer(Errand& errand, const driver::Outcome& outcome, base::Time now) {
  if (outcome) {
    errand.id = outcome->id.value_or(errand.id);
    return GoOn(errand);
  }
  const base::ErrorCode code = outcome.error().code;
  if (code == base::ErrorCode::kUnavailable || code == base::ErrorCode::kTimeoutUnknown) {
    errand.due = now + kAskAgain;
    return;
  }
  // Another one is under way, perhaps its own whose answer was lost.
  const int64_t open =
      errand.runs != nullptr && errand.stage == Stage::kBegins ? OpenBackfill(*errand.runs) : 0;
  errand.id = open;
  if (open > 0)
    GoOn(errand);
  else
    errand.stage = Stage::kIsOver;
}

int64_t Asker::OpenBackfill(const PastRuns& runs) const {
  for (const auto& [id, backfill] : machine_.driver().state().backfills) {
    if (backfill.row.dag.str() == DagOf(runs.dag).id)
      return id;
  }
  return 0;
}

Asker::Body Asker::BodyOf(const Errand& errand, base::Time now) const {
  using To = model::ChangeBackfill::To;
  switch (errand.stage) {
    case Stage::kBegins:
      return errand.runs != nullptr ? BackfillOf(*errand.runs, now) : HoldOf(*errand.hold);
    case Stage::kPauses:
      return model::ChangeBackfill{errand.id, To::kPaused, "bob"};
    case Stage::kGoesOn:
      return model::ChangeBackfill{errand.id, To::kGoesOn, "bob"};
    case Stage::kCancels:
    case Stage::kIsOver:
      break;
  }
  if (errand.hold != nullptr)
    return model::ReleaseHold{errand.id, "bob"};
  return model::ChangeBackfill{errand.id, To::kCancelled, "bob"};
}

Asker::Body Asker::BackfillOf(const PastRuns& runs, base::Time now) const {
  const simulation::DagSpec& dag = DagOf(runs.dag);
  model::CreateBackfill asked{.dag = model::DagId(dag.id), .by = "ada"};
  asked.fills_holes = runs.fills_holes;
  asked.is_reversed = runs.is_reversed;
  asked.max_active_runs = static_cast<int>(runs.max_active_runs);
  asked.reprocess = static_cast<model::Reprocess>(runs.reprocess);
  if (runs.names_intervals || dag.every_minutes == 0) {
    const base::Time last = std::chrono::floor<base::hours>(now - kHour);
    for (int64_t i = runs.ticks - 1; i >= 0; --i)
      asked.intervals.push_back({last - kHour * (i + 1), last - kHour * i});
    asked.fills_holes = false;
  } else if (!runs.fills_holes) {
    asked.from = now - base::minutes(dag.every_minutes) * runs.ticks;
    asked.to = now;
  }
  return asked;
}

Asker::Body Asker::HoldOf(const LaunchHold& hold) const {
  const simulation::DagSpec& dag = DagOf(hold.dag);
  model::PlaceHold asked{.scope = static_cast<model::HoldScope>(hold.scope),
                         .target = "",
                         .reason = base::Cat("since ", hold.from.count()),
                         .by = "ada"};
  switch (asked.scope) {
    case model::HoldScope::kAll:
      break;
    case model::HoldScope::kPool:
      asked.target = dag.jobs.front().pool;
      break;
    case model::HoldScope::kTag:
      asked.target = dag.tags.back();
      break;
    case model::HoldScope::kDag:
      asked.target = dag.id;
      break;
    case model::HoldScope::kJob:
      asked.target = base::Cat(dag.id, "/", dag.jobs.front().id);
      break;
  }
  return asked;
}

void Asker::OnDeath() {
  for (Errand& errand : errands_)
    errand.is_asked = false;
}

void Asker::StartOver() {
  for (Errand& errand : errands_) {
    errand.stage = Stage::kBegins;
    errand.is_asked = false;
    errand.due = std::max(errand.due, DueOf(errand));
  }
}

bool Asker::IsDone() const {
  return std::ranges::all_of(errands_,
                             [](const Errand& errand) { return errand.stage == Stage::kIsOver; });
}

}  // namespace fault_finder
