#pragma once

// The forecast as people are shown it. A Forecaster holds the estate as it was when it was asked
// for; it computes on any thread, and the same question has the same answer.
//
// Thread rule: made on the loop thread (Views::Forecaster); the values and Ask on any.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/deadline.h"
#include "model/ids.h"
#include "model/states.h"

namespace forecast {
struct Estate;
struct SharedMoments;
}  // namespace forecast
namespace schedule {
class ZoneSet;
}

namespace runtime {

struct ForecastQuery {
  std::optional<base::Duration> horizon;  // none: eight days
  std::optional<model::DagId> dag;
  std::optional<model::RunId> run;
  bool with_jobs = false;
  enum class About { kRuns, kDeadlines };
  About about = About::kRuns;  // the other list stays empty
};

// A job on a run's critical path, or one of its open jobs. Times are those of typical durations.
struct ForecastJob {
  model::JobKey key;
  std::optional<base::Time> begins, ends;  // none: never, as things are
  std::optional<base::Time> p90;           // its finish
  base::Duration slack{};  // how much later it may end without a later end of its run
};

struct ForecastRun {
  model::RunKey key;
  std::optional<model::RunState> state;  // none: the run is yet to come
  base::Interval data_interval;
  base::Time run_after;
  std::optional<base::Time> p50, p90;  // the finish; none: never in that share of the passes
  // That a job of it fails for good, or that it never ends. None: the finish is not known.
  std::optional<double> fail_chance;
  std::string_view basis;  // "history", "expected_duration", "dag", "estate", "unknown"
  std::string no_history;  // of which jobs nothing is known, and what stands for it: as below
  std::string never;       // why it does not end as things are: a sentence, or ""
  std::vector<ForecastJob> critical_path;
  std::vector<ForecastJob> jobs;  // if they were asked for
};

struct DeadlineState {
  std::string name;  // of a shared deadline; "": the DAG's or the job's own
  model::RunKey run;
  std::optional<model::RunState> state;  // none: the run is yet to come
  std::optional<model::JobKey> job;      // none: the whole run
  base::Time due;
  model::DeadlineStatus status = model::DeadlineStatus::kOnTrack;
  std::optional<double> miss_chance;  // none: the finish is not known
  std::optional<base::Time> p50, p90;
  std::string holds_up;  // what decides it, or makes it unsure: a sentence, or ""
};

struct ForecastAnswer {
  base::Time now;
  base::Time horizon;
  bool is_cut = false;                   // there are more coming runs than it looks at
  std::vector<ForecastRun> runs;         // by when they are due
  std::vector<DeadlineState> deadlines;  // of all runs, by due time
};

class Forecaster {
 public:
  Forecaster(std::shared_ptr<const forecast::Estate> estate,
             std::shared_ptr<const std::vector<forecast::SharedMoments>> shared,
             std::shared_ptr<const schedule::ZoneSet> zones)
      : estate_(std::move(estate)), shared_(std::move(shared)), zones_(std::move(zones)) {}

  ForecastAnswer Ask(const ForecastQuery& query) const;

 private:
  std::shared_ptr<const forecast::Estate> estate_;
  std::shared_ptr<const std::vector<forecast::SharedMoments>> shared_;
  std::shared_ptr<const schedule::ZoneSet> zones_;
};

}  // namespace runtime
