#pragma once

// The RunJobFlow request that is sent: the rendered template plus what Signalbox insists on. Pure.

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "emr/name.h"

namespace emr {

// What makes a cluster end by itself even when we are dead:
//   - KeepJobFlowAliveWhenNoSteps: false, whatever the template says;
//   - ActionOnFailure: TERMINATE_CLUSTER for a step that has none (EMR would go on);
//   - an AutoTerminationPolicy of an hour where the template has none and the release knows it: for
//     a cluster that is left in WAITING all the same. It never fires while a step hangs on YARN. Of
//     seven days, EMR's longest, where a step works outside YARN, which EMR takes for idleness
//     (idle.h).
// And the Name (launch token in front) and the ownership tags for people, IAM and cost reports.
// Numbers and booleans that stand where EMR wants a string become texts.
json::object BuildRunJobFlow(json::object rendered, const LaunchIdentity& identity);

// Runs each step under coreutils' `timeout`, so that a hung step ends on the cluster itself: TERM
// after `max_run_time`, KILL a minute later, and the step fails (exit codes 124 and 137). Only a
// step of command-runner.jar runs a program that can be wrapped; any other is an error.
base::Status WrapWithTimeout(json::object& request, base::Duration max_run_time);

// Gives the properties to every Spark job of the cluster, where it has Spark; what the request says
// of one of them itself stays.
void AddSparkDefaults(json::object& request, const json::object& properties);

}  // namespace emr
