#pragma once

// Those who watch the virtual world without touching it: the ledger, the checks, the trace.

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "driver/world.h"
#include "emulator/emulator.h"
#include "model/rows.h"
#include "store/store.h"

namespace simulation {

// A call as it reached EMR's front end, or was lost on the way there.
struct SeenCall {
  base::Time at;  // EMR's time
  std::string_view action;
  std::string_view body;         // as it was sent
  const json::value& request;    // the same, parsed
  const emulator::Reply* reply;  // what EMR did with it; null where it never arrived
};

struct Stored {
  base::Time at;
  int64_t epoch = 0;
  std::vector<model::Change> batch;
};

enum class Opener { kUs, kAnother };

class Witness {
 public:
  virtual ~Witness() = default;
  virtual void OnCommitted(base::Time, const std::vector<model::Change>&) {}
  // Before EMR has it, and after: what arrived has taken effect in between.
  virtual void BeforeCall(const SeenCall&) {}
  virtual void OnCall(const SeenCall&) {}
  // The driver is handed this reply.
  virtual void OnReply(base::Time, const driver::Call&, const driver::Reply&) {}
  // A process opened the store, and this epoch began.
  virtual void OnOpened(base::Time, Opener, int64_t) {}
  // A batch came under this epoch, and what its process learned of the outcome (or what is true,
  // where it was stored).
  virtual void OnPut(base::Time, Opener, int64_t, store::CommitResult::Outcome) {}
  // The rows lost what was stored `since`; `left` is all that there is.
  virtual void OnTailLost(base::Time, const std::vector<Stored>&, base::Time) {}
  // The rows' file is deleted: what is committed from now on will be lost (OnTailLost).
  virtual void OnDetached(base::Time) {}
  // A commit that was refused, or of which the driver does not learn the outcome.
  virtual void OnCommitFailed(base::Time) {}
  virtual void OnDeath(base::Time) {}
  virtual void OnBirth(base::Time) {}
  // After every turn of the driver's loop; EMR's model stands at `now`.
  virtual void OnTurn(base::Time) {}
};

// All of them, in order.
class Witnesses : public Witness {
 public:
  void Add(Witness* witness) { all_.push_back(witness); }
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override {
    for (Witness* witness : all_)
      witness->OnCommitted(now, batch);
  }
  void OnReply(base::Time now, const driver::Call& call, const driver::Reply& reply) override {
    for (Witness* witness : all_)
      witness->OnReply(now, call, reply);
  }
  void OnOpened(base::Time now, Opener opener, int64_t epoch) override {
    for (Witness* witness : all_)
      witness->OnOpened(now, opener, epoch);
  }
  void OnPut(base::Time now,
             Opener opener,
             int64_t epoch,
             store::CommitResult::Outcome outcome) override {
    for (Witness* witness : all_)
      witness->OnPut(now, opener, epoch, outcome);
  }
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override {
    for (Witness* witness : all_)
      witness->OnTailLost(now, left, since);
  }
  void OnDetached(base::Time now) override {
    for (Witness* witness : all_)
      witness->OnDetached(now);
  }
  void OnCommitFailed(base::Time now) override {
    for (Witness* witness : all_)
      witness->OnCommitFailed(now);
  }
  void BeforeCall(const SeenCall& call) override {
    for (Witness* witness : all_)
      witness->BeforeCall(call);
  }
  void OnCall(const SeenCall& call) override {
    for (Witness* witness : all_)
      witness->OnCall(call);
  }
  void OnDeath(base::Time now) override {
    for (Witness* witness : all_)
      witness->OnDeath(now);
  }
  void OnBirth(base::Time now) override {
    for (Witness* witness : all_)
      witness->OnBirth(now);
  }
  void OnTurn(base::Time now) override {
    for (Witness* witness : all_)
      witness->OnTurn(now);
  }

 private:
  std::vector<Witness*> all_;
};

}  // namespace simulation
