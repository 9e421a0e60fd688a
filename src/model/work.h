#pragma once

// What a job does when its turn comes: one alternative for each kind of work. The engine hands it
// to the kind (folder `work`) and never looks inside. A new kind is an alternative of `Work`, a row
// of `kKinds`, the two functions that write and read its JSON (dag_json.cc), and a folder below
// `work`.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "model/states.h"

namespace model {

// Nothing: the job succeeds at once.
struct EmptyWork {
  friend bool operator==(const EmptyWork&, const EmptyWork&) = default;
};

// A change of the request from some try on: spot to on-demand, other types, other subnets.
struct RetryPatch {
  int from_try = 2;
  json::object overrides;  // merged deeply over the request; a null removes
  friend bool operator==(const RetryPatch&, const RetryPatch&) = default;
};

enum class Resume {
  kNone,        // every attempt runs all steps
  kFailedStep,  // the next cluster runs the steps that had not COMPLETED
};

// A cluster (EMR: job flow) that runs the job's steps and ends.
struct EmrWork {
  // A RunJobFlow request in EMR's own field names (template, job and lane merged; Steps included);
  // strings may hold {{ }}.
  json::object request;
  std::vector<RetryPatch> on_retry;  // in the file's order; all that apply, the later win
  Resume resume = Resume::kNone;
  // How long a cluster may take to be in service, and how long it may be so: a step that runs for
  // that long fails on the cluster itself, even if nobody watches.
  base::Duration launch_timeout = base::hours(1);
  std::optional<base::Duration> max_run_time;
  // By step; a step that takes longer than this times a factor is flagged, not failed.
  std::vector<std::optional<base::Duration>> expected_durations;
  // Where a step leaves the job's outputs, an s3:// URI that may hold {{ }}; "": it has none.
  std::string outputs;
  friend bool operator==(const EmrWork&, const EmrWork&) = default;
};

// A run of a DAG: the job asks for it, and may wait for its end (Airflow: TriggerDagRunOperator).
struct TriggerWork {
  // These may hold {{ }}.
  std::string dag;
  std::string run_id;        // "": one of its own for each attempt
  std::string logical_date;  // "": when the attempt begins
  json::object conf;
  // If there is a run of that id or logical date already: it is cleared, or the job is skipped;
  // neither: the job fails.
  bool resets = false;
  bool skips = false;
  bool fails_if_paused = false;  // the DAG
  bool waits = false;
  // Of a job that waits: the ends of the run with which it succeeds, and those with which it fails.
  std::vector<RunState> allowed = {RunState::kSuccess};
  std::vector<RunState> failed = {RunState::kFailed};
  friend bool operator==(const TriggerWork&, const TriggerWork&) = default;
};

// Where a command leaves what it tells the jobs after its own.
enum class OutputsFrom {
  kNothing,   // it tells nothing
  kLastLine,  // of its stdout, the last line that is not empty
  kFile,      // the file that SIGNALBOX_OUTPUTS names
  kTold,      // what a task of Airflow has told: its state and its XComs (machine/told.h)
};

// What one attempt may take of the machine; none: as much as Signalbox itself may.
struct ProcessLimits {
  std::optional<int64_t> memory;     // bytes of address space, of each process
  std::optional<int64_t> file_size;  // bytes, of each file that it writes
  std::optional<int64_t> open_files;
  std::optional<base::Duration> cpu_time;  // of each process
  friend bool operator==(const ProcessLimits&, const ProcessLimits&) = default;
};

// A task of a DAG file of Airflow that only Airflow's own code can do: Airflow's Task SDK runs it
// in a process of this machine, and tells what became of it by the Task Execution API
// (execution/task_api.h).
struct AirflowTask {
  std::string file;            // the DAG file, seen from the folder of DAG files
  std::string task_id;         // Airflow's: "group.task"
  std::string operator_class;  // "PythonOperator": for people
  int version = 3;             // of Airflow, whose meaning the file has: 2 or 3
  friend bool operator==(const AirflowTask&, const AirflowTask&) = default;
};

// A command that runs on the machine of Signalbox itself, without a shell.
struct CommandWork {
  std::optional<AirflowTask> airflow;  // it takes the place of all below but `limits`
  // These may hold {{ }}.
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;  // beside what Signalbox sets, by name
  std::string cwd;                                       // "": the project's folder
  std::string input;                                     // its stdin

  std::vector<int> skips_on = {99};  // exit codes that skip the job, as Airflow's BashOperator
  OutputsFrom outputs = OutputsFrom::kNothing;
  ProcessLimits limits;
  friend bool operator==(const CommandWork&, const CommandWork&) = default;
};

// Where a secret may stand in a command's texts, by the path of a text: "env.TOKEN". Elsewhere it
// would show in the machine's list of processes.
constexpr bool MayHoldSecret(std::string_view path_in_command) {
  return path_in_command == "stdin" || path_in_command.starts_with("env.");
}

using Work = std::variant<EmptyWork, EmrWork, TriggerWork, CommandWork>;

struct KindInfo {
  std::string_view name;  // `type` in DAG files
  // Of a TaskGroup, in the order in which they begin; empty: one task with the job's own id.
  std::span<const std::string_view> task_ids;
  // Its attempts begin without a call to a cloud: no quota of calls holds them back.
  bool is_local = true;
};

inline constexpr std::string_view kEmrTasks[] = {"start_cluster", "wait_cluster_termination"};
inline constexpr KindInfo kEmptyKind{"empty", {}};
inline constexpr KindInfo kEmrKind{"emr_job", kEmrTasks, /*is_local=*/false};
inline constexpr KindInfo kTriggerKind{"trigger_dag_run", {}};
inline constexpr KindInfo kCommandKind{"command", {}};
// What a DAG file calls a CommandWork with an AirflowTask.
inline constexpr std::string_view kAirflowTaskType = "airflow_task";

// In the order of Work's alternatives.
inline constexpr std::array<KindInfo, std::variant_size_v<Work>> kKinds{
    kEmptyKind, kEmrKind, kTriggerKind, kCommandKind};

inline const KindInfo& KindOf(const Work& work) {
  return kKinds[work.index()];
}

// As DAG files call it.
inline std::string_view TypeOf(const Work& work) {
  const auto* command = std::get_if<CommandWork>(&work);
  return command != nullptr && command->airflow ? kAirflowTaskType : KindOf(work).name;
}

// Its attempts take a turn and pool slots.
inline bool HoldsSlots(const Work& work) {
  return std::holds_alternative<EmrWork>(work) || std::holds_alternative<CommandWork>(work);
}

// It ends as soon as it begins.
bool IsInstant(const Work& work);

// How long one attempt takes, as the file says; nothing where it does not say so.
std::optional<base::Duration> ExpectedDuration(const Work& work);

}  // namespace model
