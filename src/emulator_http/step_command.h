#pragma once

// What a step of EMR is on this machine: the argv of a process, made of the step's jar and
// arguments. Never a shell: `spark-submit …` and `timeout [-k D] [-s SIGNAL] D spark-submit …` of
// command-runner.jar are taken, everything else is refused.
//
//   --master X            local[N]
//   --deploy-mode X       client
//   s3://bucket/key       S3_ROOT/bucket/key, in any argument, also in lists and after `=`
//   memory and counts     of drivers and executors: what this machine has
//
// Spark listens on 127.0.0.1 and has no UI. The cluster's Configurations are not applied.
// The duration of `timeout` is wall time, as the step's. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "emulator/step_order.h"

namespace emulator_http {

struct LocalSpark {
  std::string s3_root;  // an absolute path
  std::string spark_submit = "spark-submit";
  int threads = 1;  // of local[N]
};

// The message of an error is the step's failure: what is not taken, and what is.
base::Result<std::vector<std::string>> StepCommand(const emulator::StepOrder& order,
                                                   const LocalSpark& spark);

// The place below `s3_root` of "s3://bucket/key" (s3a, s3n); refuses a key with `..` in it.
base::Result<std::string> LocalPath(std::string_view uri, std::string_view s3_root);
// `text` with every such URI in it replaced.
base::Result<std::string> WithLocalPaths(std::string_view text, std::string_view s3_root);

}  // namespace emulator_http
