#pragma once

// People who act on runs while they are under way, and what is owed to them: what they stopped is
// dead soon after, what they ended is not begun again, and the run that they were promised exists.
//
// Those who get no answer, because the process died, ask again once it lives.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/machine.h"

namespace simulation {

// Those who ask for something.
inline constexpr std::string_view kActors[] = {"ada", "bob", "carol"};

// No DAG of the workload takes this for a param.
inline constexpr std::string_view kUnfit = "perhaps";

enum class Act {
  kClear,
  kClearDownstream,
  kMarkSuccess,
  kMarkFailed,
  kMarkSkipped,
  kAbort,
  kTerminate,
  kTrigger,       // without a logical date
  kTriggerDated,  // as the scheduled run of some ticks ago
  kFillHole,
  kAssetEvent,   // by hand, of any asset
  kClearNewest,  // a job, and the run takes its DAG's newest version
  kNote,         // on a run or, in one of two cases, on a task
};
inline constexpr Act kActs[] = {Act::kClear,
                                Act::kClearDownstream,
                                Act::kMarkSuccess,
                                Act::kMarkFailed,
                                Act::kMarkSkipped,
                                Act::kAbort,
                                Act::kTerminate,
                                Act::kTrigger};
std::string_view ToString(Act act);
bool IsTrigger(Act act);

struct Deed {
  base::Duration after{};  // the start
  Act act = Act::kClear;
  size_t run = 0;  // its place among those there are then, the oldest first; triggers: of its DAG
  size_t job = 0;  // its place in the DAG; kTriggerDated: how many ticks ago
};

class People : public Actor {
 public:
  People(Machine& machine,
         const std::vector<Deed>& deeds,
         base::Time start,
         std::vector<std::shared_ptr<const model::Dag>> dags);

  std::optional<base::Time> NextDue() const override;
  void OnTime(base::Time now) override;
  void OnDeath() override;

  // What was asked, when the answer was yes.
  struct Granted {
    Deed deed;
    base::Time asked_at;  // by EMR's clock
    model::RunKey run;    // "" for kTerminate
    std::string job;      // "labeling_1"; "" where it is about the run
    model::ClusterId cluster;
  };
  std::vector<Granted> Accepted() const;
  // What a deed writes as a note.
  static std::string NoteOf(const Deed& deed);
  bool AreDone() const;
  // What was granted since then is lost with the rows: nothing is owed for it.
  void ForgetGranted(base::Time since);
  // Sees each request before it is posted.
  void OnAsked(std::function<void(const Granted&)> listener) { on_asked_ = std::move(listener); }
  // … and of each answer.
  void OnAnswered(std::function<void(const Granted&, bool accepted)> listener) {
    on_answered_ = std::move(listener);
  }
  // What was owed and not given. Whatever they stopped has to be dead `within`, but what may live
  // on for another reason. A launch that had been sent by then may be accepted later: its cluster
  // has to be dead `within` after the product can know of it.
  struct Judges {
    std::function<bool(const emulator::Cluster&)> may_live_on;
    std::function<std::optional<base::Time>(const emulator::Cluster&)> sent_at;
  };
  std::vector<std::string> Breaches(const emulator::Emulator& emr,
                                    base::Duration within,
                                    const Judges& judges) const;

 private:
  bool RanAgain(const model::RunKey& run) const;
  struct Request {
    Granted what;
    base::Time due;
    bool is_asked = false;  // in this life
    bool answered = false;
    bool accepted = false;
  };

  std::optional<decltype(model::Event::body)> EventFor(const Request& request) const;
  std::optional<model::TriggerRun> TriggerFor(const Deed& deed) const;
  bool Choose(Request& request);
  bool IsAnswerDue(const model::RunKey& run) const;
  const model::Dag* DagOf(const model::DagId& id) const;

  Machine& machine_;
  std::vector<std::shared_ptr<const model::Dag>> dags_;
  std::vector<Request> requests_;
  std::function<void(const Granted&)> on_asked_ = [](const Granted&) {};
  std::function<void(const Granted&, bool)> on_answered_ = [](const Granted&, bool) {};
};

}  // namespace simulation
