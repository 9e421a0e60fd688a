#pragma once

// Tasks of Airflow as processes of this machine: what their requests (work/command/request.h) lack
// until they are started, and by which token a process is known again when it calls us.
//
//   {"airflow": {"ti", "file", "version"}} ─► argv, env, stdin: `python -m signalbox_airflow.task`
//                                             with Airflow's workload (its ExecuteTask) as its
//                                             input
//
// The token is an HMAC of the process's, under a key of the state folder: it is worth something as
// long as its process lives, over our restarts too, and stands in no row.
//
// Thread rule: the loop thread.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "airflow/reader.h"
#include "base/json.h"
#include "base/process.h"
#include "base/result.h"
#include "model/ids.h"

namespace runtime {

// Begins to serve the Task Execution API on a port of loopback, if it may the one that is given (0:
// any), and answers which it is.
using ServeTasks = std::function<base::Result<uint16_t>(uint16_t preferred)>;

class AirflowTasks {
 public:
  // `folder`: below the state folder, for the key, the port and the Python package; "": none can be
  // started. `settings`: of the project as it is now.
  // `environment`: what tasks have of one, and so their Airflow's configuration.
  AirflowTasks(std::string folder,
               std::map<std::string, std::string> environment,
               std::function<airflow::Settings()> settings);
  ~AirflowTasks();

  void OnServe(ServeTasks serve) { serve_ = std::move(serve); }
  // Serves at once if an earlier life has started tasks: they may call.
  void Resume();
  // There are jobs of the kind: a Python that has imported Airflow stands ready to fork their
  // processes. Without it each imports Airflow by itself, which takes seconds.
  void WarmUp();

  // kInvalidArgument if the project cannot run such tasks.
  base::Result<json::object> Fill(const std::string& token, json::object request);

  // The process that the token was given to, whether it lives or not.
  std::optional<model::ProcessToken> ProcessOf(std::string_view token) const;

 private:
  base::Status Load();
  base::Status Save() const;
  base::Status Serve();
  base::Result<std::string> Package() const;
  std::string TokenOf(std::string_view process) const;
  void StopWarm();

  const std::string folder_;
  std::map<std::string, std::string> environment_;
  const std::function<airflow::Settings()> settings_;
  ServeTasks serve_;
  std::string key_;    // "": not loaded yet
  uint16_t port_ = 0;  // 0: not served yet
  std::optional<base::Process> warm_;
  airflow::Settings warm_settings_;
  std::string warm_folder_;  // of its socket; "": none
};

// Airflow's id of the task instance that the process runs.
std::string TaskUuidOf(const model::ProcessToken& process);

}  // namespace runtime
