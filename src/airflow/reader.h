#pragma once

// One Python process that reads DAG files of Airflow. It has imported Airflow once, and reads each
// file in a child of its own (airflow/signalbox_airflow/sandbox.py), so a file can hurt nobody.
//
// Thread rule: one thread, which waits. `stop` may be set by any: then every call ends soon.

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airflow/answer.h"
#include "airflow/package.h"
#include "base/process.h"
#include "base/result.h"

namespace airflow {

// What of signalbox.yaml concerns DAG files of Airflow.
struct Settings {
  std::string python;       // "": they are not read
  std::string dags_folder;  // absolute
  int version = 0;          // 2 or 3; 0: guessed for each file
  bool strict_emr = false;
  bool unknown_schedules_by_hand = false;
  std::vector<std::string> by_airflow;  // DAGs of which nothing is native
  friend bool operator==(const Settings&, const Settings&) = default;
};

// As `airflow variables export` and `airflow connections export` write them.
struct Secrets {
  json::object variables, connections;
};

class Reader {
 public:
  // `environment`: what Python has of one, but for our own variables.
  static base::Result<Reader> Start(const Settings& settings,
                                    std::map<std::string, std::string> environment,
                                    const std::atomic<bool>& stop);

  // The DAG files below the folder, absolute, as Airflow finds them.
  base::Result<std::vector<std::string>> List();
  // Hands out each answer as soon as it is there.
  base::Status Read(const std::vector<std::string>& files,
                    const Secrets& secrets,
                    const std::function<void(Answer)>& on_answer);

 private:
  Reader(Settings settings,
         PackageFile package,
         base::Process process,
         const std::atomic<bool>& stop)
      : settings_(std::move(settings)),
        package_(std::move(package)),
        process_(std::move(process)),
        stop_(&stop) {}
  base::Result<json::object> Ask(const json::object& request);
  base::Result<json::object> NextLine(base::Duration longest);

  Settings settings_;
  PackageFile package_;
  base::Process process_;
  const std::atomic<bool>* stop_;
};

}  // namespace airflow
