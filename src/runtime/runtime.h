#pragma once

// The running product: the real World (signed EMR calls over HTTP), the driver on its loop, the
// project folder that is read again when it changes, and what the API may ask (Commands) and read
// (Views). Nobody outside sees the driver.
//
//   Commands ───────────┐
//   EMR's replies ──────┼─► driver queue ─► one Pump on the loop ─► one timer for the next wake
//   the folder changed ─┘
//
// Not here: HTTP resources (api), argument parsing and the choice of a store (cli).
//
// Thread rule: the thread that runs the loop. Destroy the Runtime before its Loop.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dagfile/server.h"
#include "http/loop.h"
#include "runtime/airflow_tasks.h"
#include "runtime/commands.h"
#include "runtime/environment.h"
#include "runtime/read_pool.h"
#include "runtime/send_notice.h"
#include "runtime/task_views.h"
#include "runtime/views.h"
#include "store/store.h"

namespace runtime {

struct Options {
  std::string project_dir;
  // Opens the store for the project's deployment; called once the project is known to be good.
  // `configured` is the project's `database` ("" for the default).
  std::function<base::Result<std::unique_ptr<store::Store>>(const std::string& deployment,
                                                            const std::string& configured)>
      open_store;
  Environment environment = ReadEnvironment();
  std::string processes_dir;    // of commands' records (machine/record.h); "": none can be started
  std::string airflow_dir;      // of tasks of Airflow (airflow_tasks.h); "": none can be started
  std::string secret_key_file;  // of variables and connections (secret_keys.h); "": none
  base::Duration folder_interval = base::seconds(2);  // wall time between scans of the folder
  ReadLimits reads;
  std::string version;     // of the product
  SendNotice send_notice;  // none: to the notifiers; tests set it
};

class Runtime {
 public:
  // Reads the project, finds region, endpoint and credentials, opens the store, loads the driver.
  // Error codes: kInvalidArgument the project is wrong (the message holds every diagnostic, one a
  // line); kConflict the database is in use; the others are the environment's (region,
  // credentials, disk, no such folder). A DAG file with errors is not fatal: Published has them.
  static base::Result<std::unique_ptr<Runtime>> Create(Options options,
                                                       http::Loop& loop,
                                                       base::Clock clock);
  // Calls under way are dropped: what became of them is looked up at the next start.
  ~Runtime();

  // Begins to work: timers, the first sweep, watching the project folder.
  void Start();

  const std::string& deployment() const;
  const std::string& region() const;
  // The project's `server` as it was at the start.
  const dagfile::Server& server() const;

  // Both live as long as this.
  const Views& views() const;
  Commands& commands();
  const TaskViews& task_views() const;
  // How tasks of Airflow reach us.
  void OnServeTasks(ServeTasks serve);

  // Called once, on the loop, when the driver can't go on: its store is another's, or unreadable.
  void OnFatal(std::function<void(const base::Error&)> handler);

 private:
  explicit Runtime(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace runtime
