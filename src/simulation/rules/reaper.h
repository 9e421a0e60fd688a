#pragma once

// What the reaper may do about orphans, judged from outside (I16, and I1 for those that it must
// end). An orphan here: a live cluster under our name whose launch is not among the commits that
// are left. Without a loss of commits there is none.
//
// Each brake is judged by what was decided when, against EMR's truth: whether it is armed, the
// grace in this life, the number in a pass, the share of our clusters, the age of the database.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "engine/engine.h"
#include "simulation/rules/checks.h"

namespace simulation {

class ReaperRules : public Witness {
 public:
  struct Options {
    work::ReaperOptions reaper;
    base::Duration ahead{0};     // of EMR's clock, that ours may jump
    base::Duration patience{0};  // from when an orphan is due to its kill, or to its first mention
    // Reads do not know the cluster for longer than the product allows for.
    std::function<bool(const emulator::Cluster&)> is_hidden = [](const auto&) { return false; };
  };
  ReaperRules(Checks& checks, const Ledger& ledger, const Options& options);

  // Whom the process names to people as orphans; it is asked now and then.
  void AskForNames(std::function<std::set<std::string>()> names) { names_ = std::move(names); }
  // An orphan that the reaper's settings let live for good.
  bool MayKeep(const LedgerEntry& entry) const;

  void OnBirth(base::Time now) override { born_at_ = now; }
  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnTurn(base::Time now) override;

 private:
  void Note(base::Time now, const std::vector<model::Change>& batch);
  bool IsOrphan(const LedgerEntry& entry) const;
  void Judge(base::Time now, const LedgerEntry& orphan);
  void JudgeShare(base::Time now);
  void JudgeTheLiving(base::Time now);
  std::optional<base::Time> FirstLaunch() const;
  base::Time DueAt(const LedgerEntry& orphan) const;

  Checks& checks_;
  const Ledger& ledger_;
  const Options options_;
  std::function<std::set<std::string>()> names_;
  std::map<std::string, base::Time, std::less<>> launches_;  // by token: when it was committed
  std::set<std::string, std::less<>> doomed_;                // clusters whose end was decided
  bool has_loss_ = false;
  base::Time born_at_;
  int64_t turns_ = 0;
};

}  // namespace simulation
