#pragma once

// I4, of people: what they may change, and what they are owed for it. A job that is cleared has all
// its retries again.
//
// Called when a person asks for something and is answered, and at the end. AttemptRules counts.

#include <set>
#include <string>

#include "simulation/people.h"
#include "simulation/rules/facts.h"

namespace simulation {

class PeopleRules {
 public:
  explicit PeopleRules(Facts& facts) : facts_(facts) {}

  void OnAsked(const People::Granted& asked);
  void OnAnswered(const People::Granted& asked, bool accepted);
  // An attempt of the job has ended.
  static void CountSinceClear(Promises::Job& job, const model::AttemptRow& row);
  void AtEnd(base::Time now);

 private:
  using Job = Promises::Job;

  void NoteClear(const model::RunKey& run, const std::string& job);

  Facts& facts_;
  std::set<model::RunKey> unclear_;  // touched by more than clears of single jobs
};

}  // namespace simulation
