#pragma once

// Launches, clusters and their steps as subjects of history.

#include "model/rows.h"

namespace work {

model::Subject SubjectOf(const model::LaunchRow& launch);
model::Subject SubjectOf(const model::ClusterRow& cluster);
model::Subject SubjectOf(const model::ClusterRow& cluster, const model::StepView& step);

}  // namespace work
