#pragma once

// What each command is asked, and the function that does it. arguments_*.cc parse the command line
// into these; nothing here knows CLI11.
//
// A function prints its result on stdout and answers with nothing, or with the message that main()
// prints on stderr and the exit code.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/log.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/server_client.h"

namespace cli {

inline constexpr char kVersion[] = "0.1.0";

// Processes that serve until SIGINT or SIGTERM.

struct StandaloneOptions {
  std::string project = ".";
  std::string database;   // "": the project's, else sqlite:/// in the state folder
  std::string state_dir;  // "": PROJECT/.signalbox
  // Instead of the project's `server`; nothing: as it is there.
  std::vector<std::string> bind, allowed_hosts, trusted_proxies;
  std::optional<uint16_t> port;
  std::string tls_certificate, tls_key;  // files, from the current folder
  bool insecure_http = false;
  base::LogOptions log;
  bool new_database = false;  // the old one is lost, and a person knows it
};
Outcome<void> RunStandalone(const StandaloneOptions& options);

struct EmulatorOptions {
  uint16_t port = 0;
  std::optional<double> speed;
  std::string faults;
  std::string journal;
  uint64_t seed = 1;
  std::string world_epoch;
  std::string key_file;
  std::string region = "us-east-1";
  std::string events;            // where they are delivered; "": nowhere
  std::string events_token_env;  // the variable with the token that goes with them
  bool run_steps = false;
  std::string s3_root;  // where run_steps has s3:// and the logs
  std::string spark_submit = "spark-submit";
  size_t step_slots = 0;  // 0: one a core
  base::LogOptions log;
};
Outcome<void> RunEmulator(const EmulatorOptions& options);

struct DemoOptions {
  std::string project = "examples/delphi";
  std::string out = "build/demo";
  double speed = 360;
  std::string faults;    // "": PROJECT/faults.yaml
  std::string database;  // "": OUT/state/signalbox.db, made again each time
  bool run_steps = false;
  std::string s3_root;  // "": OUT/s3
  std::string spark_submit = "spark-submit";
};
Outcome<void> RunDemo(const DemoOptions& options);

// Commands that read the project's files; no server is needed.

Outcome<void> ValidateDags(const std::string& path);

struct DagFileOptions {
  std::string dag;
  std::string project;  // "": from the current folder upwards
  Format format = Format::kTable;
};
Outcome<void> ShowDag(const DagFileOptions& options);
// What became of each task of a DAG of Airflow.
Outcome<void> ShowTranslation(const DagFileOptions& options);
Outcome<void> NextExecution(const DagFileOptions& options, int count);

struct MapOptions {
  std::string project;  // "": from the current folder upwards
  std::string svg;      // a file; "": to stdout
  Format format = Format::kTable;
};
Outcome<void> DrawMap(const MapOptions& options);

// Commands that ask AWS.

struct WhoamiOptions {
  std::string project;  // "": from the current folder upwards, or none
  std::string profile;  // "": the project's
  std::string region;   // "": the project's
  Format format = Format::kTable;
};
Outcome<void> WhoAmI(const WhoamiOptions& options);

// Commands that ask a running server.

struct LiveOptions {
  ServerChoice server;
  Format format = Format::kTable;
};
// What a list is narrowed to.
struct ListOptions {
  LiveOptions live;
  std::string dag, run;             // "": all
  std::vector<std::string> states;  // none: all
  int64_t limit = 100;              // 0: all
  // Of tasks: the instances of mapped jobs, too; or those with one map_index.
  bool expand = false;
  std::optional<int64_t> map_index = {};
};

Outcome<void> ListDags(const LiveOptions& options);
// Exit code 1 where there are some.
Outcome<void> ListImportErrors(const LiveOptions& options);
Outcome<void> PauseDag(const LiveOptions& options, const std::string& dag, bool paused);
struct DeactivateOptions {
  LiveOptions live;
  std::vector<std::string> dags;  // none: all whose files are missing
  bool confirm = false;           // else they are only listed
};
Outcome<void> DeactivateDags(const DeactivateOptions& options);
// Exit code 1 where a component is unhealthy.
Outcome<void> ShowHealth(const LiveOptions& options);
Outcome<void> ListRuns(const ListOptions& list);
// What a job has told the jobs after it. JOB is the job, in its lane, or one of its tasks.
struct OutputsOptions {
  LiveOptions live;
  std::string dag, run, job;
};
Outcome<void> ShowOutputs(const OutputsOptions& options);
Outcome<void> ListHoles(const LiveOptions& options, const std::string& dag);
Outcome<void> ShowDetails(const LiveOptions& options, const std::string& dag);
Outcome<void> ListVersions(const LiveOptions& options, const std::string& dag);
// What two versions differ in, by their numbers.
Outcome<void> DiffVersions(const LiveOptions& options,
                           const std::string& dag,
                           const std::vector<std::string>& numbers);

struct TriggerOptions {
  std::string dag;
  std::string run_id;
  std::string logical_date;
  std::vector<std::string> data_interval;  // START END, or none
  std::string conf;                        // a JSON object
  std::string note;
  bool wait = false;
  bool dry_run = false;  // only show what its jobs would ask for
};
Outcome<void> TriggerDag(const LiveOptions& options, const TriggerOptions& trigger);
// Until it has ended. Exit code 1 where it failed.
Outcome<void> WaitForRun(const LiveOptions& options,
                         const std::string& dag,
                         const std::string& run);

// One's own mark on a DAG.
Outcome<void> SetFavorite(const LiveOptions& options, const std::string& dag, bool is_favorite);
// Has the server look at the project's folder now.
Outcome<void> ReparseDag(const LiveOptions& options, const std::string& dag);

struct ForecastOptions {
  LiveOptions live;
  std::string dag;      // "": all
  std::string run;      // "": all of them; else each of its jobs
  std::string horizon;  // a duration; "": the server's
  int64_t limit = 100;  // 0: all
};
Outcome<void> ShowForecast(const ForecastOptions& options);

struct DeadlineOptions {
  LiveOptions live;
  std::string dag;                    // "": all
  std::vector<std::string> statuses;  // none: all
  std::string horizon;
  int64_t limit = 100;
  bool past = false;  // those that are met, missed or withdrawn
};
Outcome<void> ListDeadlines(const DeadlineOptions& options);

struct WhyOptions {
  LiveOptions live;
  std::string dag, run;
  std::string job;  // a job, a task, or a job in all lanes; "": all
};
// Why jobs do not run.
Outcome<void> ShowWhy(const WhyOptions& options);

// Of a range of dates, or of a DAG's holes.
struct BackfillOptions {
  LiveOptions live;
  std::string dag;
  std::string from, to;                     // "": none
  std::vector<std::string> data_intervals;  // START/END, instead of a range
  std::string conf;                         // a JSON object
  std::string reprocess;                    // "": the server's default
  int max_active_runs = 10;
  bool run_backwards = false;
  bool run_on_latest_version = false;
  bool dry_run = false;
};
Outcome<void> CreateBackfill(const BackfillOptions& asked);
Outcome<void> FillHoles(const BackfillOptions& asked);
Outcome<void> ListBackfills(const LiveOptions& options, const std::string& dag);
Outcome<void> ShowBackfill(const LiveOptions& options, int64_t id);
// `verb`: pause, unpause or cancel.
Outcome<void> ChangeBackfill(const LiveOptions& options, int64_t id, const std::string& verb);

// `name` "": of all.
struct AssetOptions {
  LiveOptions live;
  std::string name;
  int limit = 100;
};
Outcome<void> ListAssets(const LiveOptions& options);
Outcome<void> ShowAsset(const AssetOptions& asked);
Outcome<void> MaterializeAsset(const AssetOptions& asked);
Outcome<void> ListAssetEvents(const AssetOptions& asked);

// Before they end or repeat something, commands ask.
struct Consent {
  bool dry_run = false;  // only show what would be touched
  bool yes = false;      // do not ask
};

struct AssetEventOptions {
  LiveOptions live;
  std::string name;
  std::string extra;  // a JSON object; "": none
};
Outcome<void> CreateAssetEvent(const AssetEventOptions& asked);
// Events that DAGs have yet to take: of an asset, for a DAG, or both.
struct QueuedOptions {
  LiveOptions live;
  std::string name, dag, before;  // "": any
  Consent consent;                // of a drop
};
Outcome<void> ListQueuedEvents(const QueuedOptions& asked);
Outcome<void> DropQueuedEvents(const QueuedOptions& asked);

struct UserOptions {
  LiveOptions live;
  std::string name;
  std::string role;
  std::vector<std::string> scopes;  // none: all DAGs
  bool without_password = false;
  std::string password_file;  // where the password for one login goes; "": to stdout
  bool by_sso = false;        // of a login: by single sign-on, in a browser
  Consent consent;            // of a delete
};
Outcome<void> ListUsers(const LiveOptions& options);
Outcome<void> CreateUser(const UserOptions& asked);
Outcome<void> SetRole(const UserOptions& asked);
Outcome<void> SetScopes(const UserOptions& asked);
Outcome<void> SetDisabled(const UserOptions& asked, bool is_disabled);
Outcome<void> DeleteUser(const UserOptions& asked);
Outcome<void> ResetPassword(const UserOptions& asked);
// Passwords are asked for, or read from stdin, one a line.
Outcome<void> ChangePassword(const UserOptions& asked);
Outcome<void> Login(const UserOptions& asked);
Outcome<void> ShowMe(const LiveOptions& options);
Outcome<void> ListRoles(const LiveOptions& options);

struct TokenOptions {
  LiveOptions live;
  std::string name, user, role, expires_in;  // "": as the server has it
  std::vector<std::string> scopes;
  std::string id;
  Consent consent;  // of a revocation
};
Outcome<void> ListTokens(const TokenOptions& asked);
Outcome<void> CreateToken(const TokenOptions& asked);
Outcome<void> RevokeToken(const TokenOptions& asked);
Outcome<void> ListSessions(const TokenOptions& asked);
Outcome<void> EndSession(const TokenOptions& asked);

struct NotifierOptions {
  LiveOptions live;
  std::string name;
  std::vector<std::string> emails;  // none: the notifier's own
};
// Exit code 1 where the test message was not delivered.
Outcome<void> TestNotifier(const NotifierOptions& asked);

struct AuditOptions {
  LiveOptions live;
  std::string actor, kind, dag, from, until;  // "": any
  bool refused = false;
  int64_t limit = 50;
};
Outcome<void> ShowAudit(const AuditOptions& asked);

struct HoldOptions {
  LiveOptions live;
  bool all = false;
  std::string pool, tag, dag, job, reason;
};
Outcome<void> ListHolds(const LiveOptions& options, bool all);
Outcome<void> CreateHold(const HoldOptions& asked);
Outcome<void> ReleaseHold(const LiveOptions& options, int64_t id);
struct DrainOptions {
  LiveOptions live;
  std::string reason;
  bool wait = false;
  bool undo = false;
};
Outcome<void> Drain(const DrainOptions& asked);

Outcome<void> ListTaskStates(const ListOptions& list);

struct ClearOptions {
  std::string dag, run;
  std::vector<std::string> tasks;  // tasks, jobs or groups; none: all
  bool upstream = false;
  bool downstream = false;
  bool only_failed = false;
  bool past = false;  // and the runs before it
  bool future = false;
  bool other_dags = false;  // and what waited for it there
  bool latest_version = false;
  std::string note;  // "": none is written
  Consent consent;
};
Outcome<void> ClearTasks(const LiveOptions& options, const ClearOptions& clear);

struct MarkOptions {
  std::string dag, run, task, state;
  bool latest_version = false;  // of a clear; so the next two
  bool only_new = false;
  std::string note;
  Consent consent;
};
Outcome<void> SetTaskState(const LiveOptions& options, const MarkOptions& mark);
// Without a task: the whole run.
Outcome<void> SetRunState(const LiveOptions& options, const MarkOptions& mark);

struct NoteOptions {
  LiveOptions live;
  std::string dag, run;
  std::string task;  // "": the run
  std::optional<int64_t> map_index;
  std::string note;  // "": no note any more
};
Outcome<void> SetNote(const NoteOptions& options);

struct DeleteOptions {
  LiveOptions live;
  std::string dag;
  std::string run;  // "": the whole DAG
  Consent consent;
};
Outcome<void> DeleteRunOrDag(const DeleteOptions& options);
Outcome<void> TerminateCluster(const LiveOptions& options,
                               const std::string& id,
                               const Consent& consent);

struct LogOptions {
  std::string dag, run;
  std::string task;                   // a task, or its job
  std::optional<int64_t> try_number;  // else the latest that has a cluster
  std::string step;                   // name or id; "": the one that failed, else the latest
  std::string stream;                 // "": stderr of a step, stdout of a command
  int64_t tail = 0;                   // so many bytes of its end; 0: all
  bool follow = false;                // until the step has ended
};
Outcome<void> PrintLog(const ServerChoice& server, const LogOptions& options);
Outcome<void> PrintCause(const LiveOptions& live, const LogOptions& options);

struct ReapOptions {
  std::vector<std::string> clusters;  // none: they are only listed
  Consent consent;
};
Outcome<void> ReapClusters(const LiveOptions& options, const ReapOptions& reap);
Outcome<void> ListOrphans(const LiveOptions& options);

Outcome<void> ListClusters(const ListOptions& list, bool live_only);
Outcome<void> ShowCluster(const LiveOptions& options, const std::string& id);
Outcome<void> ShowBudget(const LiveOptions& options);
// `notifiers list`.
Outcome<void> ListNotifiers(const LiveOptions& options);
// `pools list`.
Outcome<void> ListPools(const LiveOptions& options);
// `limits list`.
Outcome<void> ListLimits(const LiveOptions& options);
// `sources list`.
Outcome<void> ListSources(const LiveOptions& options);
// `dags lanes`.
Outcome<void> ListLanes(const LiveOptions& options, const std::string& dag);
// `events`.
struct EventOptions {
  LiveOptions live;
  std::string dag, run, kind, cluster, actor;  // "": all
  std::optional<int64_t> after;                // those after this one, the oldest first
  int64_t limit = 50;                          // without `after`: the latest so many
  bool follow = false;
};
Outcome<void> ShowEvents(const EventOptions& options);
// `spend`.
struct SpendOptions {
  LiveOptions live;
  std::string day;  // "2026-01-05", in UTC; "": today
  std::string dag, run;
};
Outcome<void> ShowSpend(const SpendOptions& options);

// Variables and connections. A value that is "-" is read from stdin: what stands on the command
// line stays in the shell's history.
struct SecretOptions {
  LiveOptions live;
  std::string name;
  Consent consent;  // of a delete
};
struct GetVariableOptions : SecretOptions {
  std::optional<std::string> otherwise;  // printed if there is no such variable
  bool is_json = false;                  // the value is JSON: a text in it is printed bare
};
struct VariableOptions : SecretOptions {
  std::string value;
  std::string description;
  bool is_json = false;  // the value is stored as the JSON of its text
};
struct ConnectionOptions : SecretOptions {
  std::string uri, json;  // Airflow's forms; else by members, "" for none
  std::string type, description, host, login, password, schema, extra;
  std::optional<int64_t> port;
};
// migrate.cc
struct MigrateOptions {
  std::string folder;
  std::string python;                  // "": SIGNALBOX_AIRFLOW_PYTHON, else python3
  std::string airflow_version;         // "2", "3"; "": as each file looks
  std::string variables, connections;  // files; "": none
  std::string write;                   // a folder; "": nothing is written
  bool is_json = false;
};
Outcome<void> Migrate(const MigrateOptions& options);

struct FileOptions {
  LiveOptions live;
  std::string file;       // "-": stdin, stdout
  std::string if_exists;  // fail, skip or overwrite; of an import
};
Outcome<void> ListVariables(const LiveOptions& options);
Outcome<void> GetVariable(const GetVariableOptions& asked);
Outcome<void> SetVariable(const VariableOptions& asked);
Outcome<void> DeleteVariable(const SecretOptions& asked);
Outcome<void> ImportVariables(const FileOptions& asked);
Outcome<void> ExportVariables(const FileOptions& asked);
Outcome<void> ListConnections(const LiveOptions& options);
Outcome<void> GetConnection(const SecretOptions& asked);
Outcome<void> AddConnection(const ConnectionOptions& asked);
Outcome<void> DeleteConnection(const SecretOptions& asked);
Outcome<void> ImportConnections(const FileOptions& asked);
Outcome<void> ExportConnections(const FileOptions& asked);
Outcome<void> RotateSecretKey(const LiveOptions& options);

// For people, above a table: why nothing is launched, where the answer says so.
void PrintHeldNotice(const json::object& answer);

}  // namespace cli
