#pragma once

// A whole estate in one thread and virtual time: the real driver, engine and a store, against the
// emulator's model of EMR. No sockets, no sleeping: time jumps to whatever happens next.
//
// Our own process can be crashed before or after any of its effects (a commit, a call) and started
// again; the store and EMR live on, the driver's memory and the replies under way are gone.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/driver.h"
#include "driver/world.h"
#include "emulator/emulator.h"
#include "people.h"
#include "schedule/time_zone.h"
#include "store/memory_store.h"
#include "views.h"

namespace sim {

// Thrown through the driver where the process dies; nobody but the estate catches it.
struct Crash {};

enum class When { kBefore, kAfter };

// The process dies before or after its `effect`-th effect (from 1) in this life; 0: never.
struct CrashPoint {
  int effect = 0;
  When when = When::kBefore;
};

// Counts effects and throws at the crash point.
class CrashPlan {
 public:
  void Arm(CrashPoint point) {
    point_ = point;
    count_ = 0;
  }
  void Around(const std::function<void()>& effect);
  int count() const { return count_; }

 private:
  CrashPoint point_;
  int count_ = 0;
};

// EMR as a World: calls take effect when they are submitted, replies come a little later.
class VirtualWorld : public driver::World {
 public:
  VirtualWorld(base::Time start,
               emulator::Emulator& emr,
               CrashPlan& crashes,
               const ViewOptions& views = {})
      : now_(start), emr_(emr), crashes_(crashes), views_(views) {}

  base::Time Now() override { return now_; }
  void Submit(const driver::Call& call) override;

  std::optional<base::Time> NextReply() const;
  void AdvanceTo(base::Time time);
  // Hands out the replies that are due.
  void Deliver(driver::Driver& driver);
  // The process died: nobody waits for them any more.
  void DropReplies() { replies_.clear(); }

 protected:
  void Answer(const driver::Call& call, const emulator::Reply& reply);

 private:
  base::Time now_;
  emulator::Emulator& emr_;
  CrashPlan& crashes_;
  Views views_;
  std::multimap<base::Time, std::pair<uint64_t, driver::Reply>> replies_;
};

struct EstateOptions {
  base::Time start;
  emulator::Options emr;
  driver::Options driver;
  std::vector<std::shared_ptr<const model::Dag>> dags;
  std::vector<model::PoolRow> pools;
  ViewOptions views;
  std::vector<Deed> deeds;  // to the first DAG's first run
  base::Duration time_limit = base::hours(48);
};

class Estate {
 public:
  explicit Estate(EstateOptions options);
  ~Estate();

  // Runs from the start until nothing is left to do, or the time limit. The first life ends at
  // `first`, the second at `second` (counted anew), the third goes on.
  void Run(CrashPoint first = {}, CrashPoint second = {});

  // Breaches of the rules, a sentence each; empty where all is well. Truth is EMR's, not the
  // product's.
  std::vector<std::string> Breaches() const;
  // Effects of the life that ended last.
  int effects() const { return crashes_.count(); }
  // When they happened, of all lives.
  const std::vector<base::Time>& effect_times() const { return effect_times_; }
  const People& people() const { return people_; }
  base::Time now() { return world_.Now(); }
  store::Store& store();
  const emulator::Emulator& emr() const { return emr_; }

 private:
  class CrashingStore;

  void Live();
  bool AtRest() const;
  void CheckInvariants();

  EstateOptions options_;
  CrashPlan crashes_;
  emulator::Emulator emr_;
  VirtualWorld world_;
  std::unique_ptr<CrashingStore> store_;
  People people_;
  schedule::ZoneSet zones_;
  std::unique_ptr<driver::Driver> driver_;
  std::vector<base::Time> effect_times_;
  std::vector<std::string> broken_;
  bool at_rest_ = false;
};

}  // namespace sim
