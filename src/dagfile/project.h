#pragma once

// signalbox.yaml resolved: what the whole process needs to know about a project. Plain data.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "dagfile/server.h"
#include "dagfile/telemetry.h"
#include "emr/defaults.h"
#include "emr/node_looks.h"
#include "model/deadline.h"
#include "model/rows.h"
#include "notify/notifier.h"
#include "yaml/yaml.h"

namespace dagfile {

// Tokens of one kind of call, as EMR's own quotas are shaped.
struct CallQuota {
  double burst = 0;
  double per_second = 0;
  friend bool operator==(const CallQuota&, const CallQuota&) = default;
};

// Clusters with our name that no live attempt claims: killed where `armed`, otherwise only told.
struct Reaper {
  bool armed = false;
  base::Duration grace = emr::kReaperGrace;  // seen unclaimed for this long
  base::Duration interval = emr::kReaperInterval;
  int max_per_pass = emr::kReaperMaxPerPass;
  double max_ratio =
      emr::kReaperMaxRatio;  // of all our live clusters: more look like a mistake of ours
  friend bool operator==(const Reaper&, const Reaper&) = default;
};

// How large a project may become once its lanes are written out: a few lines of YAML can mean
// millions of jobs. Read before anything is written out.
struct Limits {
  int jobs_per_dag = 10'000;
  int jobs_per_project = 50'000;
  friend bool operator==(const Limits&, const Limits&) = default;
};

using emr::WatchPolicy;

// Where the watcher learns what clusters do.
struct Sources {
  WatchPolicy policy = WatchPolicy::kAdaptive;
  base::Duration poke_interval = emr::kPokeInterval;  // between looks, and at the table
  base::Duration stale_after = emr::kStaleAfter;      // without any answer, EMR is asked
  std::string table;                                  // DynamoDB's; "" for none
  double table_weight = 0.9;
  std::map<std::string, std::string> table_names;  // of its attributes, where they differ
  std::string queue_url;                           // SQS's; "" for none
  std::string webhook_token_env;                   // the variable that holds its key; "" for none
  double emr_weight = 0.1;
  friend bool operator==(const Sources&, const Sources&) = default;
};

// DAG files of Airflow, which Python reads.
struct Airflow {
  std::string dags_folder = "dags";  // as seen from the project's folder
  int version = 0;                   // 2 or 3; 0: guessed for each file
  bool strict_emr = false;  // a failed step fails the job also where Airflow does not see it
  bool unknown_schedules_by_hand = false;  // a DAG whose schedule we have not has none
  std::vector<std::string> by_airflow;     // DAGs of which Airflow's own code does every task
  friend bool operator==(const Airflow&, const Airflow&) = default;
};

struct Project {
  std::string deployment;             // [a-z0-9]{2,20}: stands in every cluster's Name
  std::string database;               // a URL; "" is the default place inside the project
  std::string region;                 // "" is the environment's
  std::string emr_endpoint;           // "" is AWS's
  std::vector<model::PoolRow> pools;  // without the implicit default_pool
  std::vector<model::LimitRow> job_limits;
  std::vector<yaml::Mark> limit_marks;  // beside job_limits
  model::SpendRulesRow spend_rules;
  base::Duration poll_interval = emr::kPollInterval;
  base::Duration launch_settle = emr::kLaunchSettle;
  base::Duration list_lag_max = emr::kListLagMax;
  base::Duration fleet_grace = emr::kFleetGrace;  // in service before ZERO_* counts
  base::Duration fleet_interval = emr::kFleetInterval;
  base::Duration idle_timeout = emr::kIdleTimeout;  // in WAITING without a running step
  double overdue_factor = emr::kOverdueFactor;  // of a step's expected duration; then it is flagged
  std::string emr_profile;                      // of AWS's shared files; "" is the environment's
  // By action, and "account" for all together; what is not here has EMR's published figures.
  std::map<std::string, CallQuota> budget;
  double budget_share = 1;  // of every quota: the part that is ours
  Reaper reaper;
  Sources sources;
  Server server;
  OpenLineage openlineage;
  Traces traces;
  Limits limits;
  std::string python;  // of an environment with Airflow in it; "": DAG files in Python are not read
  Airflow airflow;
  std::vector<model::SharedDeadline> deadlines;  // in the file's order
  // Of the deployment, and of each DAG that has none of its own.
  std::vector<model::NotificationRule> notifications;
  std::vector<notify::Notifier> notifiers;  // in the file's order
  friend bool operator==(const Project&, const Project&) = default;
};

// SIGNALBOX__SECTION__KEY=value: overrides any key of signalbox.yaml.
using Environment = std::map<std::string, std::string>;

// Nothing where there is any error. An override's mistakes are told as of a file "environment".
std::optional<Project> ReadProject(const yaml::Node& root,
                                   const Environment& environment,
                                   yaml::Diagnostics* errors,
                                   yaml::Diagnostics* environment_errors,
                                   yaml::Diagnostics* warnings);

}  // namespace dagfile
