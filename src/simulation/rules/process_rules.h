#pragma once

// Commands' processes, judged by the machine's truth:
//
//   I1  one that began is wanted: its row was committed before, its attempt is open and nobody has
//       stopped it; at rest none runs that no row knows
//   I2  no two processes of one job run at once
//   I6  one that is to end has ended soon after, as long as we live
//   I4  an attempt of a command ends as its process did, and not before
//
// What a person does to the job ends the attempt, and then the process must be told to end.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/dag.h"
#include "simulation/processes.h"
#include "simulation/rules/checks.h"

namespace simulation {

class ProcessRules : public Witness {
 public:
  // Both are borrowed.
  ProcessRules(Checks& checks, Processes& processes) : checks_(checks), processes_(processes) {}
  // It sees all commits, and judges from now on.
  void Begin();

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  void OnBirth(base::Time now) override { alive_since_ = now; }
  void OnTurn(base::Time now) override;
  void AtEnd(base::Time now);

 private:
  void Apply(base::Time now, const std::vector<model::Change>& batch, bool judges);
  void OnBegan(base::Time now, const Processes::Process& process);
  void JudgeEnd(base::Time now, const model::AttemptRow& row);
  void JudgeOver(base::Time now, const model::ProcessRow& row);
  void Breach(base::Time now,
              const model::AttemptKey& key,
              std::string_view rule,
              std::string_view what);

  Checks& checks_;
  Processes& processes_;
  std::map<std::string, model::ProcessRow, std::less<>> rows_;  // by token
  std::map<model::AttemptKey, std::string> tokens_;
  std::map<model::AttemptKey, model::AttemptRow> attempts_;  // of those
  std::map<std::string, base::Time> stopped_;  // tokens of those that are to end, since then
  base::Time alive_since_{};
  std::set<model::AttemptKey> skipped_;  // whose task is skipped by the batch
};

}  // namespace simulation
