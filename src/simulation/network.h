#pragma once

// Between our process and EMR's model: a driver::World in which a call takes effect when it arrives
// and its reply comes back later, or never.
//
// Faults of EMR itself are the model's (emulator::FaultPlan). Here is what lies between: a network
// that is down, keys that EMR does not accept, a permission that is gone, reads that are answered
// with something older.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/driver.h"
#include "driver/world.h"
#include "emulator/emulator.h"
#include "simulation/clock.h"
#include "simulation/effects.h"
#include "simulation/processes.h"
#include "simulation/state_table.h"
#include "simulation/views.h"
#include "simulation/witness.h"

namespace simulation {

// For a while, by EMR's clock.
struct Trouble {
  enum class Kind {
    kDown,         // no connection: nothing is sent
    kSilent,       // calls arrive and take effect; no reply comes back
    kCredentials,  // "ExpiredTokenException"
    kNoTerminate,  // TerminateJobFlows and SetTerminationProtection are denied
  };
  Kind kind = Kind::kDown;
  base::Time from;
  base::Time until;
};

// Other tenants use up the account's quotas, for a while: so many of our calls are throttled, of
// one action or ("") of all.
struct Busy {
  base::Time from;
  base::Time until;
  int percent = 0;
  std::string action;
};

// Something on the way sends a call a second time, because no reply came to the first.
struct Repeat {
  base::Duration after{0};
  bool reply_is_lost = false;  // for us too
};

// Every n-th call of the action is throttled, by count: a client that begins its lists again at the
// first page after a refusal may never see the last one.
struct Paced {
  std::string action;
  int64_t every = 0;
};

struct NetworkOptions {
  ViewOptions views;
  std::vector<Trouble> troubles;
  // One call in so many, drawn, gets no further than EMR's front end: a 500, or throttled. 0: none.
  int fail_every = 0;
  int throttle_every = 0;
  std::vector<Busy> busy;
  std::vector<Paced> paced;
  std::map<int64_t, Repeat> twice;  // by number of the RunJobFlow call, from 1
  // S3 shows an object this long after it was written.
  base::Duration objects_late{0};
  base::Duration latency = base::milliseconds(100);
  // Each reply takes up to this much longer, drawn by `seed`: replies overtake one another.
  base::Duration jitter{0};
  uint64_t seed = 0;
};

class Network : public driver::World {
 public:
  Network(Clock& clock,
          emulator::Emulator& emr,
          Effects& effects,
          Witness& witness,
          const NetworkOptions& options = {});

  // What answers for DynamoDB; borrowed. Without it nothing may be asked there.
  void Attach(const StateTable& table) { table_ = &table; }

  base::Time Now() override { return clock_.Ours(); }
  void StartNoEarlierThan(base::Time floor) override { clock_.ours().StartNoEarlierThan(floor); }
  base::Duration Ahead() override { return clock_.ours().Ahead(); }
  base::Duration Skipped(base::Duration span) override { return clock_.ours().Skipped(span); }
  void Submit(const driver::Call& call) override;

  // EMR's time.
  std::optional<base::Time> NextArrival() const;
  // Hands out the replies that are due, and to EMR what is repeated.
  void Deliver(driver::Driver& driver);
  // The process died: nobody waits for them any more.
  void DropReplies() {
    replies_.clear();
    awaited_.clear();
  }
  Processes& processes() { return processes_; }
  int64_t calls() const { return calls_; }
  const Views& views() const { return views_; }

 private:
  void Carry(const driver::Call& call);
  void CarryToTable(const driver::Call& call);
  void CarryToObjects(const driver::Call& call);
  void CarryToMachine(const driver::Call& call);
  void ReplyTo(const driver::Call& call, const Trouble& trouble);
  bool FailsNow(const driver::Call& call);
  const Trouble* TroubleFor(const driver::Call& call) const;
  bool IsThrottled(const driver::Call& call);
  void Repeated(const driver::Call& call, const json::value& request, emulator::Reply& reply);
  void Answer(const driver::Call& call, emulator::Reply reply);
  void ReplyAfter(base::Duration delay, const driver::Call& call, driver::Reply reply);

  Clock& clock_;
  emulator::Emulator& emr_;
  Effects& effects_;
  Witness& witness_;
  const NetworkOptions options_;
  Views views_;
  const StateTable* table_ = nullptr;
  Processes processes_;
  std::map<std::string, driver::Call> awaited_;  // by token: answered once it runs no more
  std::multimap<base::Time, std::pair<driver::Call, driver::Reply>> replies_;
  std::multimap<base::Time, json::value> repeats_;
  int64_t calls_ = 0;
  std::map<std::string, int64_t, std::less<>> paced_;  // calls so far, by action
  int64_t launches_ = 0;
};

}  // namespace simulation
