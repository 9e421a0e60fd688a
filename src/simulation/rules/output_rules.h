#pragma once

// Outputs: an attempt of a job that has some succeeds with exactly what its steps left in S3, and
// fails for them only where that is missing, old or no object. What a later job is launched with
// is what was stored of the earlier ones.
//
// The names of the objects are computed here from the attempt; what lies there is S3's truth.
// Called with each row that is committed and each launch that is sent.

#include <map>
#include <set>
#include <string>

#include "simulation/rules/facts.h"
#include "simulation/witness.h"
#include "simulation/workload.h"

namespace simulation {

class OutputRules {
 public:
  explicit OutputRules(Facts& facts) : facts_(facts) {}

  void OnOutputs(base::Time now, const model::OutputsRow& row);
  // It has just ended.
  void OnAttempt(base::Time now, const model::AttemptRow& row);
  void BeforeLaunch(const SeenCall& call);
  void OnReply(const driver::Call& call, const driver::Reply& reply);
  void Forget() { kept_.clear(); }
  void ForgetRun(const model::RunKey& run);  // it is deleted

  // The work of the attempt is done, and what it left is no outputs.
  bool IsToBlame(const model::AttemptRow& row) const;

 private:
  // Null where nothing of this attempt lies there.
  const emulator::Objects::Object* Find(const model::AttemptKey& key, const model::Job& def) const;
  std::string ReadNow(const model::JobKey& job) const;

  Facts& facts_;
  std::map<model::AttemptKey, std::string> kept_;
  std::set<std::string> denied_;  // URIs that S3 would not let us read
};

}  // namespace simulation
