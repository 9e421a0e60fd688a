#pragma once

// I4, of tries: how many a job has, when each begins, and how it is judged. I2: a success is never
// counted as a failure, and a cluster at work is not given up.
//
// Called with each attempt that is committed.

#include <set>
#include <string>

#include "simulation/rules/facts.h"
#include "simulation/rules/output_rules.h"

namespace simulation {

class AttemptRules {
 public:
  AttemptRules(Facts& facts, OutputRules& output_rules)
      : facts_(facts), output_rules_(output_rules) {}

  void OnAttempt(base::Time now, const model::AttemptRow& row);
  void OnGroup(const model::GroupTriesRow& row);
  void Forget() { waiting_.clear(); }

 private:
  using Attempt = Promises::Attempt;
  using Job = Promises::Job;

  void CheckBegin(base::Time now, const model::AttemptRow& row, const Job& job);
  void Count(const model::AttemptRow& row, const Attempt& attempt, Job& job);
  bool FailsByOutputs(const model::AttemptRow& row);
  void JudgeVerdict(base::Time now, const model::AttemptRow& row);
  void JudgeSuccess(base::Time now,
                    const model::AttemptRow& row,
                    const Attempt& attempt,
                    const model::Job* def);
  void JudgeCause(base::Time now,
                  const model::AttemptRow& row,
                  const Attempt& attempt,
                  const model::Job& def);

  Facts& facts_;
  OutputRules& output_rules_;
  std::set<model::GroupKey> waiting_;                    // for another try
  std::set<std::string, std::less<>> unclear_attempts_;  // refused in words that nobody has seen
};

}  // namespace simulation
