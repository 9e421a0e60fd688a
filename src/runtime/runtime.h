#pragma once

// The running product: the real World (signed EMR calls over HTTP), the driver on its loop, the project
// folder that is read again when it changes, and what the faces (API, CLI) may ask and do. Everything
// happens on the thread that runs the loop.
//
// Not here: HTTP resources (api), argument parsing and the choice of a store (cli).

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "driver/driver.h"
#include "http/loop.h"
#include "schedule/time_zone.h"
#include "store/store.h"
#include "yaml/yaml.h"

namespace runtime {

struct Options {
  std::string project_dir;
  // Opens the store for the project's deployment; called once the project is known to be good.
  // `configured` is the project's `database` ("" for the default).
  std::function<base::Result<std::unique_ptr<store::Store>>(const std::string& deployment,
                                                            const std::string& configured)>
      open_store;
};

class Runtime {
 public:
  // Reads the project, opens the store, finds credentials and endpoint, loads the driver. Error codes:
  // kInvalidArgument the project is wrong (the message holds every diagnostic), kConflict the
  // database is in use, kPermission / kUnavailable / … the environment (credentials, disk).
  static base::Result<std::unique_ptr<Runtime>> Create(Options options, http::Loop& loop,
                                                       base::Clock clock);
  ~Runtime();

  // Begins to work: timers, the first sweep, watching the project folder.
  void Start();

  base::Time Now() const;  // world time
  store::Reader& reader();
  const engine::State& state() const;
  const driver::Driver& driver() const;
  const std::string& deployment() const;
  const std::string& region() const;
  // Of the project as it was last read; a file with errors leaves its DAG's last good version.
  const std::vector<yaml::Diagnostic>& import_errors() const;
  // When the loop last worked: for the health resource.
  base::Time heartbeat() const;

  // kConflict where the run exists already, in memory or in the store.
  void Trigger(model::TriggerRun trigger, driver::Answer answer);
  void SetPaused(model::SetPaused change, driver::Answer answer);

  // Called on the loop when the driver can't go on.
  void OnFatal(std::function<void(const base::Error&)> handler);

 private:
  struct Impl;
  explicit Runtime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace runtime
