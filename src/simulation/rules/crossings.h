#pragma once

// Which ticks of a DAG count, and which data intervals of other DAGs a run has to wait for:
// computed from the workload's schedules by arithmetic of its own, and from when each came into
// force.

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/dag.h"
#include "model/rows.h"
#include "simulation/workload.h"

namespace simulation {

// The latest tick of its schedule at or before `at`, whenever that begins and ends.
// REQUIRES: it has a schedule.
base::Time LatestTick(const DagSpec& dag, base::Time at);

class Crossings {
 public:
  // A run's job waits for ends of `job` of `dag` with these data intervals, as the rule wants; each
  // is a success unless the edge has another rule.
  struct Edge {
    model::DagId dag;
    model::JobId job;  // "": the whole run
    std::vector<base::Interval> intervals;
    bool skips_holes = false;
    model::TriggerRule rule = model::TriggerRule::kAllSuccess;
    bool ends_job = false;

    // By edge_rules.h.
    bool IsJudgedByItself() const {
      return job.empty() || ends_job || rule != model::TriggerRule::kAllSuccess;
    }
  };
  // A schedule while it was in force: the ticks in (after, until] count. More than one where it was
  // edited.
  struct Period {
    DagSpec spec;
    base::Time after, until;
  };

  // The files are these from now on.
  void OnWork(const Workload& work);
  void OnDag(base::Time now, const model::DagRow& row);
  void OnRun(const model::RunRow& run);
  // The database has lost its last commits: nothing of this is known any more.
  void GiveUp();

  // What the job waits for; nothing where that is not known.
  std::optional<std::vector<Edge>> EdgesOf(const model::RunKey& run, std::string_view job) const;
  // The oldest first; nothing of a DAG that is only triggered or not known.
  std::vector<Period> PeriodsOf(const model::DagId& dag) const;
  // The ticks that count in (after, until], by data interval.
  std::vector<base::Interval> Ticks(const model::DagId& dag,
                                    base::Time after,
                                    base::Time until) const;
  bool Knows(const model::DagId& dag) const { return books_.contains(dag); }
  // When it was first unpaused, by EMR's clock.
  std::optional<base::Time> BegunAt(const model::DagId& dag) const;

 private:
  struct Since {
    DagSpec spec;
    base::Time since;
  };
  struct Book {
    std::vector<Since> schedules;
    std::optional<base::Time> begun_at;
  };

  std::vector<base::Interval> Wanted(const Book& upstream,
                                     const JobSpec::Cross& cross,
                                     const base::Interval& of_run) const;
  std::vector<Period> PeriodsOf(const Book& book) const;
  std::vector<base::Interval> Ticks(const Book& book, base::Time after, base::Time until) const;
  bool IsDated(const Period& period, const base::Interval& interval) const;

  base::Time start_, end_;  // of the workload's schedules
  std::map<model::VersionId, std::pair<DagSpec, std::vector<std::string>>> versions_;
  std::map<model::DagId, Book> books_;
  std::map<model::RunKey, std::map<std::string, std::vector<Edge>, std::less<>>> runs_;
  bool has_given_up_ = false;
};

}  // namespace simulation
