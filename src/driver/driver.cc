#include "driver/driver.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "driver/commit_log.h"

namespace driver {

namespace {
constexpr size_t kBatchMax = 100;  // events a transaction: group commit
constexpr base::Duration kHoldCheck = base::minutes(1);
constexpr base::Duration kRefusedPause = base::seconds(10);
}  // namespace

base::Result<std::unique_ptr<Driver>> Driver::Create(Options options,
                                                     World& world,
                                                     store::Store& store,
                                                     const schedule::ZoneSet& zones) {
  std::unique_ptr<Driver> driver(new Driver(std::move(options), world, store, zones));
  RETURN_IF_ERROR(driver->Use(store.Load(driver->CompletedSince())));
  return driver;
}

Driver::Driver(Options options, World& world, store::Store& store, const schedule::ZoneSet& zones)
    : options_(std::move(options)),
      world_(world),
      store_(store),
      zones_(zones),
      caller_(world, options_.budget),
      context_{
          options_,
          world_,
          caller_,
          [this]() -> const engine::Engine& { return *engine_; },
          [this](decltype(model::Event::body) body) { Post(std::move(body)); },
          [this](const model::ClusterId& id) { return store_.reader().Cluster(id).has_value(); }},
      launcher_(context_),
      terminator_(context_),
      reaper_(context_, store_),
      watcher_(context_, reaper_),
      backfills_(context_, store_),
      triggers_(context_, store_),
      outputs_(context_),
      processes_(context_) {}

base::Time Driver::CompletedSince() const {
  return world_.Now() - options_.engine.completed_for;
}

base::Status Driver::Use(base::Result<model::Snapshot> loaded) {
  ASSIGN_OR_RETURN(model::Snapshot snapshot, std::move(loaded));
  ASSIGN_OR_RETURN(const auto last,
                   store_.reader().History({.after = snapshot.last_seq - 1, .limit = 1}));
  if (!last.empty())
    world_.StartNoEarlierThan(last.front().at);
  ASSIGN_OR_RETURN(
      engine_,
      engine::Engine::Create(options_.engine, zones_, work::MakeKinds({options_.emr}), snapshot));
  launcher_.OnLoaded();
  processes_.OnLoaded();
  watcher_.OnStateChanged();
  return {};
}

void Driver::DropMemory() {
  launcher_.OnTurnTaken(0);
  watcher_.OnMemoryDropped();
  backfills_.OnMemoryDropped();
  triggers_.OnMemoryDropped();
  const int64_t epoch = engine_->state().identity.epoch;
  if (base::Status used = Use(store_.Reload(CompletedSince())); !used)
    fatal_ = used.error();
  // The rows have another process's epoch: committing under it would bypass the fence.
  else if (engine_->state().identity.epoch != epoch)
    OnFenced(base::Cat("epoch ", epoch, " is over"));
}

void Driver::OnFenced(const std::string& reason) {
  fatal_ = base::Error{base::ErrorCode::kStale,
                       base::Cat("another process has taken over the database: ", reason)};
}

void Driver::Post(decltype(model::Event::body) body, Answer answer) {
  queue_.push_back({{{}, std::move(body)}, std::move(answer)});
}

void Driver::Pump() {
  std::optional<base::Time> due = engine_->NextDue();
  if (due && std::max(*due, next_tick_) <= world_.Now())
    Post(model::Tick{});
  TryToLaunchAgain();
  bool is_first = true;
  do {
    CheckStore();
    launcher_.HoldWhileDenied(terminator_.denied().has_value());
    ApplyQueue();
    if (fatal_)
      return;
    // What one of them posts makes what the other has read old.
    if (std::exchange(is_first, false) && !triggers_.Plan())
      backfills_.Plan();
    launcher_.Plan();
    terminator_.Plan();
    watcher_.Plan();
    outputs_.Plan();
    processes_.Plan();
    reaper_.Tell();
    caller_.Pump();
  } while (!queue_.empty());
}

void Driver::ApplyQueue() {
  std::vector<Queued> batch = std::move(spare_);
  do {
    while (!queue_.empty() && batch.size() < kBatchMax) {
      batch.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    ApplyBatch(batch);
    batch.clear();
  } while (!queue_.empty() && !fatal_);
  spare_ = std::move(batch);
}

void Driver::ApplyBatch(std::vector<Queued>& batch) {
  std::vector<model::Change> rows;
  std::vector<Outcome> outcomes;  // of those that somebody waits for
  auto apply = [&](model::Event& event) {
    event.at = world_.Now();
    engine::Changes changes = engine_->Apply(event, std::move(rows));
    rows = std::move(changes.rows);
    return changes;
  };
  bool is_renaming = false;
  for (auto queued = batch.begin(); queued != batch.end(); ++queued) {
    engine::Changes changes = apply(queued->event);
    if (changes.is_renaming) {
      is_renaming = true;
      // The rest waits until memory knows the new names.
      std::move(std::reverse_iterator(batch.end()),
                std::reverse_iterator(std::next(queued)),
                std::front_inserter(queue_));
      batch.erase(std::next(queued), batch.end());
      break;
    }
    if (!queued->answer)
      continue;
    if (changes.outcome)
      outcomes.emplace_back(model::Made{std::move(changes.run), changes.id});
    else
      outcomes.emplace_back(tl::unexpect, changes.outcome.error());
  }
  // The jobs that these events made ready are launched in the same commit, budget permitting.
  model::Turns turns;
  if (!is_renaming)
    turns = {.calls = launcher_.TakeTurn(), .local = processes_.TakeTurn()};
  if (turns.calls > 0 || turns.local > 0) {
    model::Event turn{{}, turns};
    apply(turn);
  }
  store::CommitResult commit;
  if (!rows.empty())
    commit = store_.Commit(rows, engine_->state().identity.epoch);
  switch (commit.outcome) {
    case store::CommitResult::Outcome::kOk:
      OnCommitted(rows);
      if (is_renaming)
        OnRenamed(batch);
      for (auto outcome = outcomes.begin(); const Queued& queued : batch) {
        if (queued.answer)
          queued.answer(IfStored(std::move(*outcome++)));
      }
      return;
    case store::CommitResult::Outcome::kRefused:
      OnRefused(batch, commit.reason);
      return;
    case store::CommitResult::Outcome::kFenced:
      OnFenced(commit.reason);
      return;
    case store::CommitResult::Outcome::kUnknown:
      base::LogWarning("commit_unknown", {{"reason", commit.reason}});
      DropMemory();
      for (const Queued& event : batch) {
        if (event.answer)
          event.answer(
              base::Fail(base::ErrorCode::kTimeoutUnknown,
                         base::Cat("it is not known whether this was stored: ", commit.reason)));
      }
      return;
  }
}

void Driver::OnRenamed(std::vector<Queued>& batch) {
  DropMemory();
  queue_.push_front(std::move(batch.back()));
  batch.pop_back();
}

void Driver::OnRefused(std::vector<Queued>& batch, const std::string& reason) {
  DropMemory();
  // One bad event must not take the others with it.
  if (batch.size() > 1 && !fatal_) {
    for (Queued& event : batch) {
      std::vector<Queued> alone;
      alone.push_back(std::move(event));
      ApplyBatch(alone);
      if (fatal_)
        return;
    }
    return;
  }
  base::LogError("commit_refused", {{"reason", reason}});
  if (!fatal_)  // else the reserve is another process's
    HoldLaunching(reason);
  for (const Queued& event : batch) {
    if (event.answer)
      event.answer(
          Outcome(tl::unexpect,
                  base::Error{base::ErrorCode::kUnavailable, base::Cat("not stored: ", reason)}));
  }
}

void Driver::CheckStore() {
  std::optional<std::string> damage;
  if (base::Status files = store_.CheckFiles(); !files)
    damage = std::move(files.error().message);
  if (damage && damage != damage_)
    base::LogError("database_damaged", {{"message", *damage}});
  if (damage_ && !damage)
    base::LogInfo("database_is_back", {});
  damage_ = std::move(damage);
  UpdateHold();
}

void Driver::UpdateHold() {
  const bool is_held = held_since_.has_value() || damage_.has_value();
  launcher_.Hold(is_held);
  backfills_.Hold(is_held);
  triggers_.Hold(is_held);
  processes_.Hold(is_held);
}

std::optional<std::string> Driver::WhyHeld() const {
  if (terminator_.denied())
    return terminator_.denied();
  if (damage_)
    return base::Cat("launching is held: ", *damage_);
  if (held_since_)
    return "launching is held: the store refuses to write; free space on its disk";
  return std::nullopt;
}

Outcome Driver::IfStored(Outcome outcome) const {
  if (!outcome || !damage_)
    return outcome;
  return base::Fail(base::ErrorCode::kUnavailable,
                    base::Cat("done, but it will not outlive this process: ", *damage_));
}

void Driver::HoldLaunching(const std::string& reason) {
  refusal_ = reason;
  if (!held_since_) {
    held_since_ = world_.Now();
    store_.ReleaseReserve();
  }
  UpdateHold();
  next_hold_check_ = world_.Now() + kHoldCheck;
  next_tick_ = world_.Now() + kRefusedPause;
}

void Driver::OnCommitted(const std::vector<model::Change>& changes) {
  if (changes.empty())
    return;
  if (observer_)
    observer_(changes);
  LogCommitted(changes);
  int launched = 0;
  for (const model::Change& change : changes) {
    const auto* command = std::get_if<model::CommandRow>(&change);
    if (command == nullptr || command->kind != model::CommandKind::kLaunch)
      continue;
    ++launched;
    launcher_.OnCommitted(emr().launches.at(model::LaunchToken(command->aggregate)));
  }
  launcher_.OnTurnTaken(launched);
  watcher_.OnStateChanged();
}

void Driver::TryToLaunchAgain() {
  if (!held_since_ || world_.Now() < next_hold_check_)
    return;
  next_hold_check_ = world_.Now() + kHoldCheck;
  if (!store_.HoldReserve())
    return;
  base::LogInfo("launching_resumed", {{"held_since", base::FormatRfc3339(*held_since_)}});
  held_since_ = std::nullopt;
  UpdateHold();
}

std::optional<base::Time> Driver::NextWake() {
  std::optional<base::Time> wake;
  if (auto due = engine_->NextDue())
    wake = std::max(*due, next_tick_);
  Earlier(wake, launcher_.NextWake());
  Earlier(wake, terminator_.NextWake());
  Earlier(wake, watcher_.NextWake());
  Earlier(wake, backfills_.NextWake());
  Earlier(wake, triggers_.NextWake());
  Earlier(wake, outputs_.NextWake());
  Earlier(wake, processes_.NextWake());
  Earlier(wake, caller_.NextWake());
  if (held_since_)
    Earlier(wake, next_hold_check_);
  return wake;
}

}  // namespace driver
