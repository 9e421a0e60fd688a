#pragma once

// Which DAGs a shared deadline is for.

#include "model/dag.h"
#include "model/deadline.h"

namespace model {

bool Concerns(const SharedDeadline& deadline, const Dag& dag);

}  // namespace model
