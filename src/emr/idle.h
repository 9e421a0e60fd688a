#pragma once

// Which steps EMR takes for idleness. An auto-termination policy ends a cluster on which no YARN
// application has been active for a while, pending steps aside (AWS: "Using an auto-termination
// policy for Amazon EMR cluster cleanup"): a step whose work does not go through YARN is ended in
// the middle. From 5.34 and 6.4 on a step can prevent that itself by touching
// /emr/metricscollector/isbusy. Pure.

#include <cstdint>

#include "base/json.h"

namespace emr {

inline constexpr int64_t kIdleSeconds = 3600;  // what EMR takes for a policy without IdleTimeout
inline constexpr int64_t kIdleSecondsMax = 604'800;  // seven days

// True for a shell script, an AWS CLI call, spark-submit with a local master; false for what is a
// YARN application, for a jar (mostly one too), and for what is not known before rendering.
bool RunsOutsideYarn(const json::object& step);

// Any of the request's steps.
bool HasWorkOutsideYarn(const json::object& request);

}  // namespace emr
