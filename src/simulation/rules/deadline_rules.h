#pragma once

// I4, of deadlines: what is final stays; one that is met was met in time; one that is missed was
// not, and its time had come; a success in time is seen at once.

#include <map>
#include <vector>

#include "model/rows.h"
#include "simulation/rules/checks.h"

namespace simulation {

class DeadlineRules : public Witness {
 public:
  explicit DeadlineRules(Checks& checks) : checks_(checks) {}

  void OnCommitted(base::Time now, const std::vector<model::Change>& batch) override;
  void OnTailLost(base::Time now, const std::vector<Stored>& left, base::Time since) override;
  // `ours`: the time by the product's clock.
  void AtEnd(base::Time now, base::Time ours);

 private:
  enum class End { kOpen, kDone, kFailed };
  struct Ended {
    End end = End::kOpen;
    base::Time at;
  };

  void Apply(const std::vector<model::Change>& batch);
  Ended EndOf(const model::JobKey& of) const;  // its job may be ""
  void Judge(base::Time now, const model::DeadlineRow& row, bool was_over);

  Checks& checks_;
  std::map<model::DeadlineKey, model::DeadlineRow> rows_;
  std::map<model::RunKey, model::RunRow> runs_;
  std::map<model::JobKey, std::map<int, model::TaskRow>> tasks_;
};

}  // namespace simulation
