#pragma once

// A resolved DAG: what a DAG file means once cluster templates are merged, lanes are instantiated
// and defaults are filled in. Immutable; its version is the sha256 of its canonical JSON
// (dag_json.h), so the same meaning is the same version on every machine.
//
// Not here: schedules as functions (module schedule) and templates as programs (module template);
// this is plain data, strings included.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "model/asset.h"
#include "model/capacity.h"
#include "model/deadline.h"
#include "model/ids.h"
#include "model/notification.h"
#include "model/spend.h"
#include "model/states.h"
#include "model/work.h"

namespace model {

// Which runs of an upstream DAG a run waits for (semantics: Across DAGs).
enum class Window {
  kLatestDue,     // the greatest interval end that is not after mine
  kSameInterval,  // the very same interval
  kCovers,        // all intervals inside mine
  kWithin,        // as kLatestDue, if it ended no longer than `within` before mine
};

// What an edge makes of a hole (HoleRow) in the upstream DAG's schedule.
enum class Missing {
  kWait,  // the job waits until somebody makes the run
  kSkip,  // it is not wanted
};

struct Schedule {
  // A cron expression, or another rule as schedule/rule.h reads it. "" is only triggered.
  std::string cron;
  Timetable timetable = Timetable::kTrigger;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// A job of another DAG that must have ended first, as the rule wants.
struct CrossDependency {
  DagId dag;
  JobId job;                   // "": the whole run
  std::optional<LaneId> lane;  // `job[2]`; none: the same lane where both have it, else all lanes
  Window window = Window::kLatestDue;
  Missing missing = Missing::kWait;
  // Over the ends in all lanes and intervals that the edge means.
  TriggerRule rule = TriggerRule::kAllSuccess;
  // What the rule says of the ends is said of the job: it may be skipped or upstream_failed.
  // Otherwise it waits until the ends are others.
  bool ends_job = false;
  bool all_lanes = false;    // `job[*]` under a rule that is not all_success
  base::Duration within{0};  // of kWithin
  // My interval is moved back before it is compared: whole days by the calendar of the DAG's zone,
  // the rest by the clock.
  base::Duration offset{0};
  int intervals_back = 0;  // of kLatestDue: so many due intervals earlier

  // Its ends are judged by the rule, together; otherwise each has to be a success.
  bool IsRuled() const { return rule != TriggerRule::kAllSuccess || ends_job; }
  friend bool operator==(const CrossDependency&, const CrossDependency&) = default;
};

// What a job is to the jobs around it. A setup makes what others need, a teardown removes it: it
// runs once its setups have succeeded and the work between them has ended, however that went.
enum class Role { kWork, kSetup, kTeardown };

// A frame around jobs: for people, and for what is done to all of them at once.
struct Group {
  std::string path;  // "features.daily": within the group `features`
  std::string tooltip;
  // So many times its jobs in one lane begin again together, if one of them has failed (units.h).
  int retries = 0;
  base::Duration retry_delay = base::minutes(5);
  bool retry_exponential_backoff = false;
  base::Duration max_retry_delay = base::hours(24);
  friend bool operator==(const Group&, const Group&) = default;
};

// Over what a job is mapped: one instance for each item.
struct MapOver {
  json::array items;           // as the file has them; empty with an expression
  std::string expression;      // of the template language; "": the list stands in `items`
  std::string index_template;  // a template for the instances' shown names; "": none
  // How many instances there are, if their work finds its own items, as Airflow's tasks do: a
  // number; {"job": ID}, as many as what that job returns has, or, of a mapped job, as many of its
  // instances as return something; or {"product" | "sum" | "min" | "max": [...]} of such. Null: the
  // list says it.
  json::value lengths;
  friend bool operator==(const MapOver&, const MapOver&) = default;
};

// A job of a DAG, in one lane.
struct JobName {
  JobId job;
  LaneId lane;
  friend auto operator<=>(const JobName&, const JobName&) = default;
};

struct Job {
  JobId id;
  LaneId lane;
  std::vector<JobName> formerly;  // its names in older versions: no job has them now
  std::string group;              // its path; "": none
  Work work;
  json::object lane_params;
  std::vector<int> upstream;  // indices into Dag::jobs, ascending
  TriggerRule trigger_rule = TriggerRule::kAllSuccess;
  std::string when;  // an expression of the template language: false skips the job; "": true
  std::optional<MapOver> map_over;
  Role role = Role::kWork;
  // Indices into Dag::jobs: the setups that must have succeeded, whatever the trigger rule says,
  // because the job stands between them and their teardowns.
  std::vector<int> setups;
  bool on_failure_fail_dagrun = false;  // of a teardown: its failure fails the run
  std::string doc_md;
  std::vector<CrossDependency> cross;
  // The same job of the DAG's previous run must have succeeded or been skipped; with
  // wait_for_downstream (which implies the other) the jobs right below it as well.
  bool depends_on_past = false;
  bool wait_for_downstream = false;
  int retries = 0;        // application failures
  int infra_retries = 0;  // infrastructure failures
  base::Duration retry_delay = base::minutes(5);
  base::Duration infra_retry_delay = base::minutes(5);
  bool retry_exponential_backoff = false;  // the delay doubles with each failure, with jitter
  base::Duration max_retry_delay = base::hours(24);
  std::vector<VerdictClass> retry_on = {VerdictClass::kInfrastructure, VerdictClass::kApplication};
  std::optional<base::Duration> execution_timeout;  // of one attempt, from its launch
  PoolId pool{"default_pool"};
  Capacity capacity;
  std::optional<Deadline> deadline;
  // A mistake in its configuration that ends one lane holds the lanes that are not launched yet.
  bool hold_on_configuration_failure = false;
  std::vector<Outlet> outlets;
  std::vector<std::string> inlets;                   // names of assets; for people
  std::vector<NotificationRule> notifications = {};  // not part of the version
};

struct Lane {
  LaneId id;
  json::object params;
};

struct Dag {
  DagId id;
  std::vector<DagId> formerly;  // what it was called: no DAG of the project is called so now
  std::string description;
  std::string doc_md;
  std::vector<std::string> tags;
  std::string owner;
  Schedule schedule;
  std::string timezone = "UTC";
  std::optional<base::Time> start_date;
  std::optional<base::Time> end_date;
  bool catchup = false;
  std::optional<int> catchup_max;  // no more than the latest so many; none: all
  int max_active_runs = 16;
  std::optional<int> max_active_tasks;  // jobs of one run that hold slots; none: any number
  std::vector<JobLimit> limits;         // over all its runs
  SpendCap spend_cap;
  std::optional<int> max_consecutive_failed_dag_runs;  // so many pause it; none: it goes on
  base::Duration start_jitter{0};  // scheduled runs start later than their ticks by less than this
  bool is_paused_upon_creation = true;
  json::object params;               // by name, with their defaults; one that has none is not here
  json::object param_schemas;        // JSON Schemas, of those that have one (base/json_schema.h)
  bool params_open = false;          // a trigger may set others, too
  std::optional<Deadline> deadline;  // of each run
  std::vector<Group> groups;         // in the file's order, outer ones first
  std::vector<Lane> lanes;           // if a job is mapped over them; otherwise its jobs tell
  std::vector<Job> jobs;  // in the file's order, a job's lanes together; upstream may come later

  std::optional<AssetCondition> assets;  // its runs also follow these; with no cron, only these

  // Not part of the version: what the names of assets mean in the project.
  std::vector<Asset> asset_definitions;
  // Not part of the version: who gets messages about its runs; names that a user's scope may have
  // (`access:team_a`).
  std::vector<NotificationRule> notifications;
  std::vector<std::string> access;
  // Not part of the version: where it was read, relative to the project.
  std::string fileloc;
  VersionId version;
};

inline const EmrWork* EmrOf(const Job& job) {
  return std::get_if<EmrWork>(&job.work);
}

inline const TriggerWork* TriggerOf(const Job& job) {
  return std::get_if<TriggerWork>(&job.work);
}

inline const CommandWork* CommandOf(const Job& job) {
  return std::get_if<CommandWork>(&job.work);
}

// The task ids of a job: {"start_cluster", "wait_cluster_termination"} or {"<job id>"}.
std::vector<std::string> TaskIds(const Job& job);
size_t TaskCount(const Job& job);  // how many those are
// "labeling_1.start_cluster", or "publish" for a job that is one task;
// "labeling_1[7].start_cluster" of an instance.
std::string TaskDisplayId(const Job& job, int task, int index = -1);

}  // namespace model
