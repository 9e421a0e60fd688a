#pragma once

// Units: the jobs of a group with retries in one lane. They are tried again together, and whatever
// depends on one of them from outside takes it for open until the unit is settled. Pure.

#include <vector>

#include "model/dag.h"

namespace model {

struct Unit {
  int group = 0;          // its place in Dag::groups
  LaneId lane;            // "" of jobs without lanes
  int around = -1;        // the unit of the next outer group with retries; -1: none
  std::vector<int> jobs;  // ascending, those of inner units among them
};

struct Units {
  std::vector<Unit> all;                // outer ones first
  std::vector<int> innermost;           // of each job; -1: none. Empty where there are no units
  std::vector<std::vector<int>> inner;  // of each unit: all units within it

  int InnermostOf(int job) const;
  // The unit itself, or one within it, has the job.
  bool Has(int unit, int job) const;
  // The outermost unit that has `job` and not `seen_by`; -1: none. `seen_by` -1: a job elsewhere.
  int Between(int job, int seen_by) const;
  int OutermostOf(int job) const { return Between(job, -1); }
};

Units UnitsOf(const Dag& dag);

// The group at `path`, or one within it.
bool IsWithin(std::string_view group, std::string_view path);

}  // namespace model
