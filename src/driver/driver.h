#pragma once

// The driver: load → apply → commit → execute, the only loop there is. Events wait in a queue; a
// batch of them is applied and committed in one transaction; only after the commit are its commands
// executed and its askers answered. What comes back from EMR are events again.
//
//   Post ─► queue ─► Engine::Apply ─► Store::Commit ─► the parts ─► World::Submit
//     ▲                                                                  │
//     └──────────────────────────── OnReply ◄────────────────────────────┘
//
// The parts: launcher, terminator, reaper, watcher, backfills, triggers, outputs reader,
// processes.
// A commit that did not succeed drops the engine's memory and loads it again: there is no second
// recovery path. Thread rule: one thread.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "driver/backfills.h"
#include "driver/caller.h"
#include "driver/context.h"
#include "driver/launcher.h"
#include "driver/options.h"
#include "driver/outputs_reader.h"
#include "driver/processes.h"
#include "driver/reaper.h"
#include "driver/terminator.h"
#include "driver/triggers.h"
#include "driver/watcher.h"
#include "driver/world.h"
#include "engine/engine.h"
#include "schedule/time_zone.h"
#include "store/store.h"
#include "work/kinds.h"

namespace driver {

// What became of a posted event: what it made, if anything, or why not.
using Outcome = base::Result<model::Made>;
using Answer = std::function<void(Outcome)>;

class Driver {
 public:
  // Loads the store. The references must outlive the driver.
  static base::Result<std::unique_ptr<Driver>> Create(Options options,
                                                      World& world,
                                                      store::Store& store,
                                                      const schedule::ZoneSet& zones);
  Driver(const Driver&) = delete;

  // Queues an event; it happens at the next Pump. `answer` is called after its commit.
  void Post(decltype(model::Event::body) body, Answer answer = nullptr);
  void OnReply(uint64_t call, const Reply& reply) { caller_.OnReply(call, reply); }
  // An event of EventBridge, as its targets are given it: a hint, which may be lost or forged.
  HintOutcome TakeEvent(HintSource source, std::string_view event) {
    return watcher_.TakeEvent(source, event);
  }
  // What each commit changed, after it: for counts and lines that people read. It is called on the
  // driver's thread and must not call the driver.
  using Observer = std::function<void(const std::vector<model::Change>&)>;
  void Observe(Observer observer) { observer_ = std::move(observer); }
  // Does everything that can be done now. Call it after Post, OnReply, TakeEvent and at NextWake.
  void Pump();
  // The world time at which Pump is needed even if nothing else happens.
  std::optional<base::Time> NextWake();

  // Set when the driver can't go on: fenced by a newer epoch, or the store can't be read.
  const std::optional<base::Error>& fatal() const { return fatal_; }
  // Launching is held because the store refuses to write, since then; why, in the store's words.
  bool launching_held() const { return held_since_.has_value(); }
  const std::string& refusal() const { return refusal_; }
  // What has happened to the store's files, while what is committed would not outlive the process:
  // launching is held, watching and killing go on, and requests are answered that it is not stored.
  const std::optional<std::string>& store_damage() const { return damage_; }
  // Looks at the store's files; Pump does it too.
  void CheckStore();
  const Options& options() const { return options_; }
  const engine::Engine& engine() const { return *engine_; }
  const engine::State& state() const { return engine_->state(); }
  const work::EmrState& emr() const { return work::EmrOf(*engine_); }
  // Why it is held, in a sentence that says how to fix it, while EMR denies us to terminate.
  const std::optional<std::string>& terminate_denied() const { return terminator_.denied(); }
  // Why nothing is launched, in a sentence with the fix; nothing while launching is free.
  std::optional<std::string> WhyHeld() const;
  const Caller& caller() const { return caller_; }
  const Watcher& watcher() const { return watcher_; }

 private:
  struct Queued {
    model::Event event;  // at the time when it is applied
    Answer answer;
  };

  Driver(Options options, World& world, store::Store& store, const schedule::ZoneSet& zones);

  base::Time CompletedSince() const;
  base::Status Use(base::Result<model::Snapshot> loaded);
  // The engine's memory ran ahead of the store: takes it from the store again.
  void DropMemory();
  void OnFenced(const std::string& reason);
  void ApplyQueue();
  void ApplyBatch(std::vector<Queued>& batch);
  // Rows with other names are stored: the event that said so is applied again to what they say.
  void OnRenamed(std::vector<Queued>& batch);
  void OnRefused(std::vector<Queued>& batch, const std::string& reason);
  void HoldLaunching(const std::string& reason);
  void UpdateHold();
  // A yes that will not last is a no.
  Outcome IfStored(Outcome outcome) const;
  void OnCommitted(const std::vector<model::Change>& changes);
  void TryToLaunchAgain();

  const Options options_;
  World& world_;
  store::Store& store_;
  const schedule::ZoneSet& zones_;
  Caller caller_;
  Context context_;
  Launcher launcher_;
  Terminator terminator_;
  Reaper reaper_;
  Watcher watcher_;
  Backfills backfills_;
  Triggers triggers_;
  OutputsReader outputs_;
  Processes processes_;
  std::unique_ptr<engine::Engine> engine_;
  Observer observer_;
  std::deque<Queued> queue_;
  std::vector<Queued> spare_;  // empty: memory of the latest batch, for the next
  std::optional<base::Time> held_since_;
  std::string refusal_;
  std::optional<std::string> damage_;
  base::Time next_hold_check_{};
  base::Time next_tick_{};  // not before: the store has just refused something
  std::optional<base::Error> fatal_;
};

}  // namespace driver
