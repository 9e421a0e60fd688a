#pragma once

// What a person's trigger may set.

#include "base/json.h"
#include "base/result.h"
#include "model/dag.h"

namespace engine {

// `conf` may name the DAG's params, and others only where the DAG says `params_open: true`: a param
// that is misspelt would be ignored in silence.
base::Status CheckConf(const model::Dag& dag, const json::object& conf);

}  // namespace engine
