#pragma once

// One way the future may go: the network run through once, each attempt with a length that is drawn
// from its past, pools, limits and max_active_runs respected, failures tried again as the job's
// retries allow. A draw is a pure function of the network and the pass's number.
//
// It knows less than the engine: every job runs (`when` is taken to hold), a retry keeps the job's
// pool slot, a job without retries left fails and nobody clears it.

#include <memory>
#include <vector>

#include "forecast/network.h"

namespace forecast {

// Each attempt succeeds after its typical time: what the critical path is told by.
inline constexpr int kTypical = -1;

struct Future {
  std::vector<Seconds> begins;  // by job
  std::vector<Seconds> ends;    // by job; kNever: it waits for ever
  std::vector<char> fails;      // by job: it ends, and not with success
  std::vector<Seconds> run_ends;
  std::vector<char> run_fails;
  // By job: the job whose end let it begin (an upstream job, or one that gave it its pool slot, or
  // the last one of a run that had to end first); -1: nothing held it.
  std::vector<int> because;
};

// Runs through one network again and again: what a pass needs is allocated once.
class Passes {
 public:
  // The network must outlive it.
  explicit Passes(const Network& network);
  ~Passes();

  // Valid until the next call. `number` >= 0, or kTypical.
  const Future& Draw(int number);

 private:
  class Pass;
  std::unique_ptr<Pass> pass_;
};

}  // namespace forecast
