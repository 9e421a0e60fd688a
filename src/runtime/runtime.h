#pragma once

// The running product: the real World (signed EMR calls over HTTP), the driver on its loop, the
// project folder that is read again when it changes, and what the faces (API, CLI) may ask and do.
//
//   Trigger, SetPaused ─┐
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
#include "driver/driver.h"
#include "engine/blockers.h"
#include "http/loop.h"
#include "model/missing.h"
#include "runtime/environment.h"
#include "runtime/health.h"
#include "runtime/tally.h"
#include "schedule/timetable.h"
#include "store/store.h"
#include "work/emr/orphans.h"
#include "yaml/yaml.h"

namespace runtime {

struct Options {
  std::string project_dir;
  // Opens the store for the project's deployment; called once the project is known to be good.
  // `configured` is the project's `database` ("" for the default).
  std::function<base::Result<std::unique_ptr<store::Store>>(const std::string& deployment,
                                                            const std::string& configured)>
      open_store;
  Environment environment = ReadEnvironment();
  base::Duration folder_interval = base::seconds(2);  // wall time between scans of the folder
};

struct Orphans {
  std::vector<work::OrphanView> clusters;
  bool armed = false;
  std::string refusal;  // why the reaper would kill none of them now; "" where it may
};

struct ClockState {
  base::Duration skew{0};           // how far it is behind AWS's, by which our calls are signed
  base::Duration ahead{0};          // of world time, while it is behind what it has shown before
  std::string sentence;             // what is wrong and what to do; "" where nothing is
  std::optional<base::Time> since;  // world time
};

class Runtime {
 public:
  // Reads the project, finds region, endpoint and credentials, opens the store, loads the driver.
  // Error codes: kInvalidArgument the project is wrong (the message holds every diagnostic, one a
  // line); kConflict the database is in use; the others are the environment's (region,
  // credentials, disk, no such folder). A DAG file with errors is not fatal: see import_errors().
  static base::Result<std::unique_ptr<Runtime>> Create(Options options,
                                                       http::Loop& loop,
                                                       base::Clock clock);
  // Calls under way are dropped: what became of them is looked up at the next start.
  ~Runtime();

  // Begins to work: timers, the first sweep, watching the project folder.
  void Start();

  base::Time Now() const;  // world time
  store::Reader& reader();
  const driver::Driver& driver() const;
  const std::string& project_dir() const;
  const std::string& deployment() const;
  const std::string& region() const;
  // The scheduled run that the DAG will have next; nothing while it is paused or inactive.
  std::optional<schedule::Fire> NextFire(const model::DagId& dag) const;
  // What a job that has not begun lacks of other DAGs.
  std::vector<model::MissingUpstream> StillMissing(const model::JobKey& job) const;

  // Of the project as it was last read; a file with errors leaves its DAG's last good version.
  // Files that are missing and whose DAGs stay active are told, too.
  const std::vector<yaml::Diagnostic>& import_errors() const;
  base::Time imported_at() const;  // world time
  // What an API destination must send with its events; "" where none may send any.
  const std::string& webhook_token() const;
  // An event of EventBridge that was posted to us: when this returns it is in the driver's queue.
  driver::HintOutcome TakeEvent(std::string_view event);
  // This machine's clock, as far as we can tell.
  ClockState clock() const;
  // When the loop last worked, world time: for the health resource.
  base::Time heartbeat() const;
  // As it is now. Costs no call and no disk.
  const Health& health();
  // Of a source of news about clusters ("emr", "event_queue", …): its last good answer or event.
  std::optional<base::Time> LastGood(std::string_view component) const;
  const Tally& tally() const;

  // Live clusters with our deployment's name that no attempt claims.
  Orphans ListOrphans() const;
  // What keeps the job from going on; empty where nothing does.
  std::vector<engine::Blocker> BlockersOf(const model::JobKey& job) const;

  // `answer` is called after the commit, or at once where the refusal is known: kConflict where the
  // run exists already, in memory or in the store.
  void Trigger(model::TriggerRun trigger, driver::Answer answer);
  void SetPaused(model::SetPaused change, driver::Answer answer);
  void DeactivateDags(model::DeactivateDags request, driver::Answer answer);
  // An ended run's rows are read from the store here. kNotFound where there is no such run or job.
  void Clear(model::ClearJobs request, driver::Answer answer);
  void Mark(model::MarkJobs request, driver::Answer answer);
  void Mark(model::MarkRun request, driver::Answer answer);
  void Terminate(model::TerminateCluster request, driver::Answer answer);

  // Called once, on the loop, when the driver can't go on (driver().fatal()).
  void OnFatal(std::function<void(const base::Error&)> handler);

 private:
  struct Impl;
  explicit Runtime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace runtime
