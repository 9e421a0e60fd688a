#pragma once

// The RunJobFlow request that is sent: the rendered template plus what Signalbox insists on. Pure.

#include "base/json.h"
#include "emr/name.h"

namespace emr {

// Sets the Name (launch token in front), KeepJobFlowAliveWhenNoSteps: false — a cluster ends by
// itself even when we are dead — and the ownership tags for people, IAM and cost reports. Numbers
// and booleans that stand where EMR wants a string become texts.
json::object BuildRunJobFlow(json::object rendered, const LaunchIdentity& identity);

}  // namespace emr
