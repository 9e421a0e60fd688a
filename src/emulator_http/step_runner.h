#pragma once

// Runs the steps that the model orders (emulator/step_order.h) as processes of this machine, a few
// at a time; those that wait for a slot are RUNNING to EMR, as with YARN.
//
// A process has a folder of its own below S3_ROOT/.steps while it lives, an environment without
// credentials and secrets, and a process group, which ends with it, with its step's kStop and with
// this object: SIGTERM, and SIGKILL after a grace. What it wrote is kept where EMR would put it:
// LogUri's folder below S3_ROOT, as stdout.gz, stderr.gz and controller.gz, each cut at
// kLogBytesMax.
//
// Thread rule: the loop's thread. Destroy it before its Loop.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/process.h"
#include "base/result.h"
#include "base/time.h"
#include "emulator/step_order.h"
#include "emulator_http/step_command.h"
#include "http/loop.h"

namespace emulator_http {

inline constexpr size_t kLogBytesMax = size_t{16} << 20;

struct StepRunnerOptions {
  std::string s3_root;                        // an absolute path
  std::string spark_submit = "spark-submit";  // looked up in PATH where it has no slash
  size_t slots = 1;                           // processes at once
  int threads = 1;                            // of each, for Spark
  base::Duration grace = base::seconds(5);
};

class StepRunner {
 public:
  // `finished` reports each kStart that no kStop overtook, never from inside Take(). `failure` is
  // "" where the step went well.
  using Finished = std::function<void(const emulator::StepOrder& order, std::string failure)>;

  StepRunner(http::Loop& loop, StepRunnerOptions options, Finished finished);
  ~StepRunner();

  // Whether spark-submit and the root are there.
  base::Status Check();
  void Take(const emulator::StepOrder& order);

 private:
  struct Run;

  void WakeUp(base::Duration after);
  void Tick();
  void StartWaiting();
  void Start(emulator::StepOrder order);
  // False where it goes on.
  bool Look(Run& run);
  void Finish(Run& run, int code);
  void Stop(const std::string& step_id);
  std::map<std::string, std::string> Environment(const std::string& folder) const;
  void KeepLog(const emulator::StepOrder& order, std::string_view stream, std::string text);

  http::Loop& loop_;
  const StepRunnerOptions options_;
  const Finished finished_;
  std::deque<emulator::StepOrder> waiting_;
  std::deque<std::unique_ptr<Run>> runs_;
  http::Timer tick_;
};

}  // namespace emulator_http
