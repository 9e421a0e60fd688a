#pragma once

// The machine on which our process lives: the real driver over a Disk, in a World that is EMR's
// model, in one thread and virtual time. It dies where it is told to (effects.h) and is started
// again; the disk and EMR live on. The only loop there is for simulated time.
//
// Not here: what is played (workload.h, week.h), whether it went well (checks.h), and what goes
// wrong when (module fault_finder).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/driver.h"
#include "schedule/time_zone.h"
#include "simulation/clock.h"
#include "simulation/effects.h"
#include "simulation/network.h"
#include "simulation/witness.h"
#include "store/store.h"

namespace simulation {

// Those who do something in the world beside our process: people, other tenants of the account, the
// clock's keeper.
class Actor {
 public:
  virtual ~Actor() = default;
  // EMR's time.
  virtual std::optional<base::Time> NextDue() const = 0;
  virtual void OnTime(base::Time now) = 0;
  // The process died: those who wait for its answer have to ask again.
  virtual void OnDeath() {}
};

struct Project {
  std::vector<std::shared_ptr<const model::Dag>> dags;
  std::vector<model::PoolRow> pools;
  std::vector<model::LimitRow> limits = {};
  model::SpendRulesRow spend_rules = {};
};

class Machine {
 public:
  // All references are borrowed.
  Machine(Clock& clock,
          emulator::Emulator& emr,
          Effects& effects,
          Network& network,
          store::Store& disk,
          Witness& witness,
          const schedule::ZoneSet& zones,
          driver::Options options);
  ~Machine();

  // They act in this order. Who edits the project comes first: what it says is read before the
  // others ask for anything.
  void Add(Actor* actor) { actors_.push_back(actor); }
  // What the process reads when it starts; told to it now, if it lives.
  void SetProject(Project project);

  // False: it does not start, and fatal() says why.
  bool Start();
  // It dies, between two effects.
  void Kill();
  // Runs the process (starting it where it is dead) until EMR's clock shows `until`, or `done` says
  // so after a turn, or it gives up. A process that dies is started again a little later.
  void Run(base::Time until, const std::function<bool()>& done = nullptr);

  // REQUIRES: it lives.
  driver::Driver& driver() { return *driver_; }
  bool Lives() const { return driver_ != nullptr; }
  const std::optional<std::string>& fatal() const { return fatal_; }
  store::Store& disk() { return disk_; }
  base::Time Now() const { return clock_.Now(); }
  int64_t turns() const { return turns_; }

 private:
  void TellProjectIfDue();
  // One turn at the present moment; then time jumps to what is next, at most to `until`.
  void Turn();
  base::Time NextMoment(base::Time until);

  Clock& clock_;
  emulator::Emulator& emr_;
  Effects& effects_;
  Network& network_;
  store::Store& disk_;
  Witness& witness_;
  const schedule::ZoneSet& zones_;
  const driver::Options options_;
  Project project_;
  std::optional<base::Time> project_due_;  // it was not stored: tell it again
  std::vector<Actor*> actors_;
  std::unique_ptr<driver::Driver> driver_;
  std::optional<std::string> fatal_;
  int64_t turns_ = 0;
};

}  // namespace simulation
