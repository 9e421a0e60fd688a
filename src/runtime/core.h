#pragma once

// The running product's parts and how they are wired. Internal to this module: Views, Commands and
// Runtime are what others see of it.
//
// Thread rule: the loop thread.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/session.h"
#include "driver/driver.h"
#include "forecast/estate.h"
#include "runtime/airflow_files.h"
#include "runtime/airflow_tasks.h"
#include "runtime/cause_watch.h"
#include "runtime/commands.h"
#include "runtime/exporter.h"
#include "runtime/folder_events.h"
#include "runtime/machine_calls.h"
#include "runtime/notice_sender.h"
#include "runtime/notifications.h"
#include "runtime/objects.h"
#include "runtime/project_watch.h"
#include "runtime/read_pool.h"
#include "runtime/real_world.h"
#include "runtime/runtime.h"
#include "runtime/secret_filler.h"
#include "runtime/secret_keys.h"
#include "runtime/secret_references.h"
#include "runtime/tail.h"
#include "runtime/tally.h"
#include "runtime/task_views.h"
#include "runtime/views.h"
#include "secrets/book.h"

namespace runtime {

// Members are destroyed from the last to the first: the callers go before what they call.
struct Core {
  Core(Options from, http::Loop& on, base::Clock with, schedule::ZoneSet all_zones)
      : options(std::move(from)),
        loop(on),
        clock(with),
        zones(std::move(all_zones)),
        airflow_files({.loop = loop,
                       .project_dir = options.project_dir,
                       .environment = options.environment,
                       .secrets = [this] { return SecretsForAirflow(); },
                       .on_news = [this] { OnAirflowNews(); }}),
        watch(options.project_dir, Overrides(options.environment), zones, &airflow_files),
        secret_keys(options.secret_key_file, options.environment),
        book(options.environment) {
    book.SetKeyring(secret_keys.Load());
  }

  base::Status Connect();
  base::Status ConnectTo(driver::Service service, const std::string& configured);
  base::Status Load();
  base::Status CheckRegion();

  void SchedulePump();
  void Pump();
  void ArmWake();
  void ScanFolder();
  void OnFolderEvent();
  void LookAtFolder(ProjectWatch::Look look);
  void OnProjectNews(const dagfile::Project& before);
  void OnAirflowNews();
  airflow::Secrets SecretsForAirflow();
  void JudgeDeadlines();
  Forecaster ForecastOf(std::shared_ptr<const forecast::Estate> of) const;
  void TellProject();
  void GatherImportErrors();
  void ReportHealth();
  std::string DatabaseTrouble() const;
  std::string ProjectTrouble() const;
  const std::string& SecretsTrouble();
  ClockState Clocks() const;
  FeedSource SourceOfFeeds();
  std::string MissingFiles() const;
  void Post(decltype(model::Event::body) body, OnOutcome answer);

  const Options options;
  http::Loop& loop;
  const base::Clock clock;
  const schedule::ZoneSet zones;
  AirflowFiles airflow_files;
  ProjectWatch watch;
  AirflowTasks airflow_tasks{
      options.airflow_dir, EnvironmentOfCommands(options.environment), [this] {
        return airflow::SettingsOf(watch.project(), options.project_dir);
      }};
  SecretKeys secret_keys;
  // Why variables or connections do not open, as it was looked at last; wall time.
  std::string secrets_trouble;
  base::Time secrets_looked_at{};
  secrets::Book book;
  SecretFiller filler{[this]() -> const engine::State& { return driver->state(); }};
  SecretReferences references{options.project_dir,
                              options.environment,
                              [this]() -> const engine::State& { return driver->state(); }};
  base::Time imported_at{};
  base::Time started_at{};
  dagfile::Project
      in_force;  // its pools, limits, cap and prices are as they are now, the rest as at the start
  std::string region;
  base::Duration timeout{};
  std::unique_ptr<aws::Session> session;
  RealWorld::Clients clients;
  std::unique_ptr<Objects> objects;
  std::unique_ptr<NoticeSender> notice_sender;
  std::string webhook_token;
  std::unique_ptr<MachineCalls> machine;
  std::unique_ptr<RealWorld> world;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ReadPool> reads;
  std::optional<Tally> tally;
  std::optional<Tail> tail;
  uint64_t dags_revision = 0;  // grows with rows and files of DAGs
  std::unique_ptr<driver::Driver> driver;
  std::unique_ptr<CauseWatch> cause_watch;
  std::vector<std::unique_ptr<Exporter>> exporters;

  bool started = false;
  bool pump_scheduled = false;
  bool is_rotating = false;  // the key of variables and connections: rotation.h
  base::Time heartbeat{};
  std::function<void(const base::Error&)> on_fatal;
  // What Views publish, each replaced when it changes.
  std::shared_ptr<const std::vector<yaml::Diagnostic>> import_errors =
      std::make_shared<const std::vector<yaml::Diagnostic>>();
  std::shared_ptr<const std::map<model::DagId, NextRun>> next_runs;  // null: to be gathered again
  std::shared_ptr<const Blackouts> blackouts;                        // null: so, too
  base::Time blackouts_until{};                                      // then, too
  // The estate as it was a moment ago: several who ask at once see the same.
  std::shared_ptr<const forecast::Estate> estate;
  base::Time estate_at{};  // wall time
  std::shared_ptr<const schedule::ZoneSet> zones_of_readers =
      std::make_shared<const schedule::ZoneSet>(zones);
  // What people ask of each run, in this order; the first is under way.
  std::map<model::RunKey, std::deque<std::function<void()>>> asked_of_runs;
  bool is_told = false;  // the engine has the project as it was last read
  Health health;
  std::string space;  // that the disk is short of, at the latest scan
  http::Timer wake;
  http::Timer folder_scan;
  http::Timer folder_look;
  http::Timer deadline_look;
  bool look_is_due = false;
  std::optional<FolderEvents> folder_events;
  Views views{*this};
  TaskViews task_views{*this};
  Commands commands{*this};
  std::unique_ptr<Notifications> notifications;  // null: not started
  // What is posted on the loop holds this weakly.
  std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);
};

}  // namespace runtime
