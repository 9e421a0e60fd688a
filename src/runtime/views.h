#pragma once

// What people may read. What the driver's memory knows is taken on the loop as a value that never
// changes afterwards; rows are read on threads of their own (read_pool.h), which never see the
// driver.
//
// Thread rule: the loop thread, but for the values and for the work that Read is given.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/loop.h"
#include "model/event.h"
#include "model/ids.h"
#include "model/missing.h"
#include "model/rows.h"
#include "runtime/estate_views.h"
#include "runtime/forecasts.h"
#include "runtime/health.h"
#include "runtime/metrics.h"
#include "runtime/read_pool.h"
#include "runtime/settings_view.h"
#include "runtime/step_logs.h"
#include "runtime/tail.h"
#include "secrets/keyring.h"
#include "yaml/yaml.h"

namespace runtime {

struct Core;  // core.h

// The scheduled run that a DAG will have next.
struct NextRun {
  base::Time run_after;
  base::Time logical_date;
  base::Interval data_interval;
};

// When the schedules of DAGs are closed by blackouts: now, or else next.
using Blackouts = std::map<model::DagId, base::Interval>;

// What answers of rows need of the process, as it was at one moment.
struct Published {
  base::Time now;  // world time
  std::string project_dir;
  // Why nothing is launched, in a sentence that says how to fix it.
  std::optional<std::string> launching_held;
  size_t holds = 0;                                  // that people have placed
  std::optional<model::MicroUsd> spend_cap_per_day;  // of all DAGs together
  // None for DAGs that are paused, inactive or only triggered.
  std::shared_ptr<const std::map<model::DagId, NextRun>> next_runs;
  // Those that are in force, or begin within a week.
  std::shared_ptr<const Blackouts> blackouts;
  // Of the project as it was last read; a file with errors leaves its DAG's last good version.
  // Files that are missing and whose DAGs stay active are among them.
  std::shared_ptr<const std::vector<yaml::Diagnostic>> import_errors;
  base::Time imported_at;                           // world time
  std::shared_ptr<const secrets::Keyring> keyring;  // opens variables and connections
  // Secrets that clusters were given: what steps wrote may repeat them.
  std::shared_ptr<const std::set<std::string>> sent_secrets;
};

struct Blocker {
  std::string_view kind;  // "pool"
  std::string sentence;
  std::optional<base::Time> until;
  std::set<model::DagId> dags;  // beside the job's own: of which the sentence tells
};

// What keeps a job from going on.
struct JobView {
  std::vector<model::TaskState> states;  // by task; empty for a run that is not in memory
  std::vector<Blocker> blockers;
  std::vector<model::MissingUpstream> missing;  // of other DAGs
};
using JobViews = std::map<model::JobKey, JobView>;

struct HealthView {
  struct Part : Component {
    // Of a source of news about clusters: its last good answer or event.
    std::optional<base::Time> last_answer;
  };
  bool is_running = true;  // the driver can go on
  bool is_stored = true;   // what is committed lasts
  base::Time heartbeat;    // when the loop last worked
  base::Time started_at;   // this process
  double clock_speed = 1;  // of world time, as a multiple of the wall's
  int64_t epoch = 0;       // that it has taken
  std::vector<Part> parts;
};

struct OrphanView {
  model::ClusterRow row;
  model::OrphanClass kind = model::OrphanClass::kOrphan;
  std::optional<base::Time> first_seen_at;
  std::string fate;  // what will happen to it, and why, in a sentence
};

// Live clusters with our deployment's name that no attempt claims.
struct OrphansView {
  std::vector<OrphanView> clusters;
  bool armed = false;
  std::string refusal;  // why the reaper would kill none of them now; "" where it may
};

// A run that nobody has made: what its jobs would ask for.
struct RunPreview {
  struct Job {
    model::JobKey key;
    std::string_view type;               // "emr_job"
    bool is_mapped = false;              // what its instances ask for is known once they are
    base::Result<json::object> request;  // with marks for secrets; or why the job would fail
  };
  model::RunRow row;
  json::object params;
  std::vector<Job> jobs;  // those that were asked for
  size_t total = 0;
};

class Views {
 public:
  explicit Views(Core& core) : core_(core) {}

  base::Time Now() const;  // world time
  // What people live by the wall's time, such as a session, in world time.
  base::Duration ByWall(base::Duration span) const;
  Published Publish() const;
  // Of those that are in memory.
  JobViews JobsNow(const std::vector<model::JobKey>& jobs) const;
  HealthView Health() const;
  std::vector<SettingsSection> Settings() const;
  // The ticks that are to come, by the schedule in force, with its calendars; also of a DAG that is
  // paused. Nothing where the DAG is not known.
  std::optional<std::vector<NextRun>> NextTicks(const model::DagId& dag, int most) const;
  // The run that a person would get, and what its jobs from the `offset`-th on would ask for.
  base::Result<RunPreview> PreviewRun(const model::TriggerRun& asked,
                                      size_t offset,
                                      size_t limit) const;
  // The ticks of a backfill; those that are left out whatever runs there are say why.
  base::Result<std::vector<model::BackfillTickRow>> PlanBackfill(
      const model::CreateBackfill& asked) const;
  // What of its range start_date and end_date leave out: a sentence, or "".
  std::string WhatIsClipped(const model::CreateBackfill& asked) const;
  BudgetView Budget() const;
  // Since the process began, at most a day.
  CallHistory::Minutes CallMinutes() const;
  // As the engine has them; null where there is none. It lives until the loop goes on.
  const model::RecordRow* Record(const model::RecordKey& id) const;
  // Those of a kind, by name; they live as long.
  std::vector<const model::RecordRow*> Records(model::RecordKind kind) const;
  // Every DAG that the engine knows, with what its version in force says; they live as long.
  struct KnownDag {
    const model::DagRow* row = nullptr;
    const model::Dag* dag = nullptr;
    const std::vector<std::string>* access = nullptr;  // of its file as it is now
  };
  std::vector<KnownDag> Dags() const;
  // It grows with each change of what Dags() says.
  uint64_t DagsRevision() const;
  const std::string& deployment() const;
  OrphansView Orphans() const;
  std::vector<PoolView> Pools() const;
  // In the file's order.
  std::vector<NotifierView> Notifiers() const;
  // Those in force: the project's, then the DAGs' own.
  std::vector<LimitView> Limits() const;
  ProjectView Project() const;
  // Of the estate as it is now, or was a second ago.
  Forecaster Forecast() const;
  MetricsView Metrics() const;
  // The newest rows of history. It lives as long as this.
  Tail& History() const;
  // What an API destination must send with its events; "" where none may send any.
  const std::string& webhook_token() const;

  // What steps wrote to S3, by the server's keys (step_logs.h).
  void ReadLogText(const std::string& uri, OnLogText done) const;
  void FindStepCause(StepLogs logs, std::string step, OnStepCause done) const;

  // Calls `fn` once, so much wall time from now, unless the handle goes before.
  [[nodiscard]] http::Timer After(base::Duration wall_delay, std::function<void()> fn) const;
  void Read(ReadPool::Turn turn, ReadPool::Work work, ReadPool::Done done) const;

 private:
  Core& core_;
};

}  // namespace runtime
