#pragma once

// Who meddles with the world in a trial, beside people who ask something of us: the person who
// edits DAG files, others in the same AWS account, and the keeper of our clock.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/machine.h"
#include "simulation/rules/checks.h"

namespace fault_finder {

// What is to happen at set times, in order; each once.
class Agenda {
 public:
  Agenda(const Plan& plan, bool (*belongs)(const Disturbance&));

  std::optional<base::Time> NextDue() const;
  // The next one that is due, or null.
  const Disturbance* Take(base::Time now);

 private:
  const base::Time start_;
  std::vector<const Disturbance*> all_;  // the plan's
  size_t next_ = 0;
};

// Edits files, takes them away and brings them back; the process is told.
class Editor : public simulation::Actor {
 public:
  Editor(simulation::Machine& machine, simulation::Checks& checks, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  const simulation::Project& project() const { return project_; }

 private:
  void Tell(base::Time now);
  void Vanish(const FilesVanish& vanish);
  void Edit(const DagEdit& edit);
  void LiftCaps();
  void TakeAway(const DagAbsent& absent);
  // A person confirms that what is missing is gone for good.
  void Confirm();

  simulation::Machine& machine_;
  simulation::Checks& checks_;
  simulation::Workload work_;
  simulation::Project project_;
  std::vector<base::Time> absent_until_;  // by DAG
  std::optional<base::Time> confirm_at_;
  Agenda agenda_;
};

// What ends supervisors of commands: a lack of memory, or all of them at once.
class SupervisorKiller : public simulation::Actor {
 public:
  SupervisorKiller(simulation::Processes& processes, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  simulation::Processes& processes_;
  std::vector<std::pair<base::Time, const SupervisorsDie*>> deaths_;  // by time
  size_t next_ = 0;
};

// Pauses DAGs and lets them go on. Asks until the answer is yes; one thing at a time.
class Pauser : public simulation::Actor {
 public:
  Pauser(simulation::Machine& machine, const Plan& plan);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override { is_asked_ = false; }
  // What was granted may be lost: it asks for everything again.
  void StartOver() { next_ = 0; }
  bool IsDone() const { return next_ == requests_.size(); }

 private:
  struct Request {
    base::Time due;
    model::SetPaused what;
  };

  simulation::Machine& machine_;
  std::vector<Request> requests_;  // in order
  size_t next_ = 0;
  bool is_asked_ = false;
};

// Somebody who looks after what Signalbox has stopped by itself: unpauses the DAG, or releases the
// hold, a while later. Also a witness: who paused a DAG stands in the history.
class Caretaker : public simulation::Actor, public simulation::Witness {
 public:
  explicit Caretaker(simulation::Machine& machine) : machine_(machine) {}
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now,
                  const std::vector<simulation::Stored>& left,
                  base::Time since) override;
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  bool IsDone() const;

 private:
  using Body = decltype(model::Event::body);
  std::vector<Body> Wanted() const;

  simulation::Machine& machine_;
  std::set<model::DagId> paused_;  // by the breaker
  base::Time next_{};              // no sooner
};

// Other tenants' clusters, which come one by one and end by themselves.
class Crowd {
 public:
  Crowd(emulator::Emulator& emr, const Plan& plan);
  std::optional<base::Time> NextDue() const;
  void OnTime(base::Time now);

 private:
  emulator::Emulator& emr_;
  std::vector<base::Time> arrivals_;  // in order
  size_t next_ = 0;
};

// Kills and protects our clusters in AWS's console, and launches others.
class Outsiders : public simulation::Actor {
 public:
  Outsiders(emulator::Emulator& emr, const Plan& plan, std::string deployment);
  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;

 private:
  void Launch(int64_t sort, base::Time now);
  // The ids of one live cluster of ours, or none.
  json::array OneOfOurs(int64_t place) const;
  void Kill(int64_t place, base::Time now);
  void Protect(int64_t place, base::Time now);

  emulator::Emulator& emr_;
  const std::string deployment_;
  Agenda agenda_;
  Crowd crowd_;
};

class ClockKeeper : public simulation::Actor {
 public:
  ClockKeeper(simulation::Clock& clock, const Plan& plan);
  std::optional<base::Time> NextDue() const override { return agenda_.NextDue(); }
  void OnTime(base::Time now) override;

 private:
  simulation::Clock& clock_;
  Agenda agenda_;
};

}  // namespace fault_finder
