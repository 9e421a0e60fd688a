#pragma once

// Rules of notifications, judged from what was committed and from what arrives at the post office:
//
//   N1  each failure that a rule wants to be reported is reported at least once
//   N2  nothing is reported that did not happen
//   N3  what is sent again has the id that it had
//   N4  no more than max_per_minute is sent
//   N5  that something is over is reported after its beginning was, and only once all of it is over
//   N6  why something failed is reported, once it is known: with the failure, or once after it
//   N7  a deadline that is late again after it was less in danger, and is missed, is reported again

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "simulation/post_office.h"
#include "simulation/rules/checks.h"

namespace simulation {

class MailRules : public Witness {
 public:
  // `per_minute`: what the notifier allows; `judges_rate`: the clocks agree.
  MailRules(Checks& checks, int per_minute, bool judges_rate)
      : checks_(checks), per_minute_(per_minute), judges_rate_(judges_rate) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnAttempt(base::Time now);
  void OnArrival(const Arrival& arrival);
  // Once all that waits has been sent.
  void AtEnd(base::Time now);

 private:
  using Moment = std::pair<std::string, base::Time>;  // about, our time

  void OnRow(const model::HistoryRow& row);
  void OnEnd(const model::HistoryRow& row, const std::string& about);
  void OnCause(const model::HistoryRow& row, const std::string& about);
  void OnDeadline(const model::HistoryRow& row);
  void OnRunSuccess(const std::string& about, base::Time at);
  void NoteFailure(const Arrival& arrival, const std::string& about);
  void JudgeCause(const Arrival& arrival, const Told& told);
  bool HasHappened(const Told& told) const;
  bool WasOver(const Told& told) const;

  Checks& checks_;
  const int per_minute_;
  const bool judges_rate_;
  bool is_followed_ = false;  // the first position is stored: what comes later is to be reported
  std::map<std::string, std::set<std::string>> failed_;     // by about: the parts that have failed
  std::map<std::string, std::set<std::string>> open_;       // and have not succeeded since
  std::map<std::string, std::set<std::string>> deadlines_;  // by the run they are of
  std::set<std::tuple<std::string, base::Time, std::string>> begun_;  // about, when, into what
  std::set<Moment> over_;                                             // nothing of it was left open
  std::map<std::string, int> reported_;  // by about: how many, each id once
  struct What {                          // of one report
    std::string about;
    base::Time at;
    model::Occasion occasion;
    bool is_over, is_cause;
    auto operator<=>(const What&) const = default;
  };
  std::map<What, std::string> ids_;
  // Of causes.
  std::map<model::JobKey, int> tries_;                   // the latest
  std::set<Moment> known_;                               // a cause became known
  std::map<std::string, std::set<std::string>> caused_;  // by about: of what is still failed
  // Ids, by about: of failures that were told without their cause, and of causes.
  std::map<std::string, std::set<std::string>> unexplained_, causes_told_;
  std::set<std::string> told_with_cause_;  // ids of failures
  std::set<std::string> explained_;        // abouts
  // By about: since when it is late again; and once it was missed in that state.
  std::map<std::string, base::Time> late_again_, missed_late_again_;
  std::set<std::string> was_late_;  // abouts
  std::set<std::string> seen_;      // ids
  std::vector<base::Time> attempts_;
};

}  // namespace simulation
