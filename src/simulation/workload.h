#pragma once

// Work for the virtual world, drawn from a seed: a few DAGs with lanes, chains and crossings,
// schedules of minutes and hours, dependencies on one another, and pools that are too small.
//
// Plain data first (what a tape keeps, and what is taken apart to make a failure small); BuildDag
// makes the model's DAG of it. When it fires is computed here by arithmetic of its own, as a check
// on the product's cron.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/dag.h"
#include "model/rows.h"

namespace simulation {

// What a job leaves in S3 for the later ones.
enum class OutputsSort {
  kNone,
  kGood,
  kBrokenFirst,   // its first try writes no JSON
  kListFirst,     // … no object
  kMissingFirst,  // … elsewhere
  kOldLater,      // only its first try writes, and the name is the same for all
};
inline constexpr std::string_view kOutputsBucket = "outputs";

// Of a job that triggers a run: which one it wants.
enum class WantedRun {
  kOwn,    // one of its own for each attempt
  kNamed,  // by a run id, the same for all runs of one day
  kDated,  // by a logical date, which is the day's beginning
};
// … and what it does if there is one.
enum class IfThere { kFail, kReset, kSkip };

// Of a command: how its process ends.
enum class ProcessSort {
  kGood,
  kFailsFirst,  // its first try fails
  kDiesFirst,   // … is killed by something on the machine
  kSkips,       // it skips the job
  kDeaf,        // it does not listen to who tells it to end
  kRefused,     // there is no such program
  // Of a task of Airflow alone:
  kGivesUp,        // it tells that it has failed, and wants no other try
  kSilentFirst,    // its first try ends well, and has told nothing
  kDiesThenFails,  // its first try is killed, and all others fail
  kTellsAndDies,   // it tells its success, and is killed before it ends
};
std::string_view ToString(ProcessSort sort);  // "fails_first"

struct JobSpec {
  struct Command {
    ProcessSort sort = ProcessSort::kGood;
    int minutes = 0;          // that it takes; 0: the job is none
    bool is_airflow = false;  // it is a task of Airflow, which tells its state (machine/told.h)
  };
  struct Trigger {
    int dag = -1;  // its place in the workload; -1: it triggers nothing
    WantedRun wants = WantedRun::kOwn;
    IfThere if_there = IfThere::kFail;
    bool waits = false;
    bool takes_any = false;    // a failed run is as good as another
    bool minds_pause = false;  // of the DAG
  };
  struct Cross {
    int dag = 0;  // its place in the workload
    int job = 0;  // its place in that DAG
    model::Window window = model::Window::kLatestDue;
    bool skips_holes = false;
    model::TriggerRule rule = model::TriggerRule::kAllSuccess;
    bool ends_job = false;
    bool is_whole_run = false;  // `job` does not count
    base::Duration within{0};   // of Window::kWithin
    base::Duration offset{0};
    int intervals_back = 0;
  };
  std::string id;
  int lanes = 0;              // 0: none
  std::vector<int> upstream;  // places of earlier jobs; lane by lane where both have them
  std::vector<Cross> cross;
  bool is_empty = false;  // type: empty
  Trigger trigger;        // type: trigger_dag_run
  Command command;        // type: command
  model::TriggerRule trigger_rule = model::TriggerRule::kAllSuccess;
  std::string when;        // over the param `off`, which is false: "params.off", "not params.off"
  int teardown_of = -1;    // the place of its setup, one of `upstream`; -1: it is no teardown
  bool fails_run = false;  // of a teardown: on_failure_fail_dagrun
  std::optional<base::Duration> execution_timeout;
  bool depends_on_past = false;
  bool holds_lanes = false;  // a mistake in its configuration
  bool wait_for_downstream = false;
  int steps = 1;
  bool goes_on = false;     // ActionOnFailure CONTINUE
  bool has_groups = false;  // instance groups instead of fleets
  bool has_patch = false;   // on-demand from the second try on
  std::string core_type = "m5.xlarge";
  bool resumes = false;  // at the failed step
  bool is_long = false;  // its steps take several times as long
  int retries = 1;
  int infra_retries = 2;
  base::Duration retry_delay = base::minutes(5);
  bool backs_off = false;
  std::optional<base::Duration> max_run_time;
  base::Duration launch_timeout = base::hours(1);
  std::string pool = "default_pool";
  int pool_slots = 1;
  int weight = 1;
  model::WeightRule weight_rule = model::WeightRule::kAbsolute;
  int max_tis_per_dag = 0;  // 0: any number; so below
  // Mapped over a list of so many items; -1: not mapped. At every second list it has the other
  // number of them.
  int items = -1, items_again = -1;
  OutputsSort outputs = OutputsSort::kNone;
  int reads = -1;  // the place of the job whose outputs its steps are given, one of `upstream`
  std::vector<std::string> outlets;
  std::string group;  // the path of a GroupSpec; "": none
};

struct GroupSpec {
  std::string path;  // "g", "g.in"
  int retries = 0;
  base::Duration retry_delay = base::minutes(5);
};

// How the schedule says its ticks, which are the same in each form.
enum class ScheduleForm { kCron, kCrons, kSpan, kDates };

struct DagSpec {
  std::string id;
  int every_minutes = 60;  // divides a day; 0: only triggered
  int minute = 0;          // of the first tick of each period
  // When its schedule begins, from the workload's start on; at most one of them is not 0.
  base::Duration starts_after{0}, starts_before{0};
  base::Duration Beginning() const { return starts_after - starts_before; }
  bool catchup = true;
  int catchup_max = 0;    // no more than the latest so many; 0: all
  int most_failures = 0;  // in a row, which pause it; 0: any number
  ScheduleForm form = ScheduleForm::kCron;
  base::Duration paused_for{0};  // from its creation until somebody unpauses it
  bool by_interval = false;      // timetable data_interval: fires when the interval is over
  bool is_continuous = false;    // every_minutes is 0
  base::Duration start_jitter{0};
  // Nothing fires then: a blackout, and a day that is not in the calendar (its midnight).
  base::Time closed_from{}, closed_until{}, closed_day{};
  int max_active_runs = 4;
  int max_active_tasks = 0;
  std::vector<model::JobLimit> limits;
  int64_t cap_per_run = 0, cap_per_day = 0;  // in millionths of a USD; 0: none
  std::vector<std::string> tags;
  int edition = 1;  // stands in every step's arguments
  // It follows assets, beside its schedule: all of these, each of which is "a" or one of "a|b".
  std::vector<std::string> assets;
  std::vector<GroupSpec> groups;  // outer ones first
  std::vector<JobSpec> jobs;
};

struct Workload {
  base::Time start;
  base::Duration fires_for = base::hours(3);  // schedules end after this
  std::vector<DagSpec> dags;
  std::vector<model::PoolRow> pools;
  std::vector<model::LimitRow> limits;
  int64_t cap_per_day = 0;  // of all DAGs; as theirs
  std::vector<model::Price> prices;
};

Workload DrawWorkload(uint64_t seed);

std::shared_ptr<const model::Dag> BuildDag(const Workload& workload, const DagSpec& spec);
// The items of a mapped job's list, the number `nth` from 1 in its run; none where it is not
// mapped.
std::optional<json::array> ItemsOf(const model::Job& job, int nth);
// What a run that a job triggers is given: the id of the run in which that job is.
inline constexpr std::string_view kTriggeredFrom = "from";
// Its id by WantedRun::kNamed, before the day.
inline constexpr std::string_view kSharedRun = "shared-";
// What a mapped job's instance says of its item, as a step's argument: "--item=3".
std::string ItemArgument(const json::value& item);

// The tick is not in a time at which nothing fires.
bool IsOpen(const DagSpec& spec, base::Time tick);
// The step argument that names the first and the last of the events of each asset that a run has
// taken, by their times: "--events=T;T;" for one asset.
inline constexpr std::string_view kEventsArgument = "--events=";

// The logical dates of its schedule.
std::vector<base::Time> Fires(const Workload& workload, const DagSpec& spec);

// The step argument that tells the edition: "--edition=3".
std::string EditionArgument(int edition);

}  // namespace simulation
