#pragma once

// What a forecast says: a network run through many times, and once with typical durations. The
// finishes of the runs are quantiles over the passes; the critical path is that of the typical one.
// Pure; a value.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forecast/network.h"
#include "forecast/pass.h"

namespace forecast {

inline constexpr int kPasses = 64;

struct PathStep {
  int job = 0;  // in Network::jobs
  Seconds begins = 0;
  Seconds ends = 0;
};

class Outlook {
 public:
  explicit Outlook(Network network);

  const Network& network() const { return network_; }

  // The finish that a share `q` of the passes does not exceed; kNever where they never finish.
  Seconds RunFinish(int run, double q) const;
  Seconds JobFinish(int job, double q) const;
  // Of the passes, the share in which the run has not succeeded by then; by kNever: ever.
  double RunMisses(int run, Seconds by) const;
  double JobMisses(int job, Seconds by) const;

  // With typical durations. The jobs that decide when the run ends, the first to begin first, those
  // of other runs among them.
  std::vector<PathStep> CriticalPath(int run) const;
  // How much later the job may end without a later end of its run.
  std::vector<Seconds> SlackOf(int run) const;  // by Run::jobs
  const Future& typical() const { return typical_; }

  // What the forecast of the run's open jobs rests on: the weakest of them.
  Basis BasisOf(int run) const;
  // False where nothing is known of a job's length that the run's end depends on: then all of its
  // times above mean nothing.
  bool KnowsEnd(int run) const { return unknown_[static_cast<size_t>(run)] == 0; }
  // Which of its jobs have no history and no expected duration, and what stands for them: a
  // sentence; "": all have.
  std::string WithoutHistory(int run) const;
  // Why the run will not end as things are: a sentence; "": it will.
  std::string WhyNever(int run) const;

 private:
  Network network_;
  Future typical_;
  std::vector<Seconds> run_ends_, job_ends_;  // kPasses side by side
  std::vector<char> run_fails_, job_fails_;   // the same
  std::vector<char> unknown_;                 // by run: KnowsEnd
};

std::string_view ToString(
    Basis basis);  // "history", "expected_duration", "dag", "estate", "unknown"

}  // namespace forecast
