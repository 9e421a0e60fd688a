#pragma once

// What a run is given: the params of its DAG, and what its conf says of them.

#include "base/json.h"
#include "base/result.h"
#include "model/dag.h"
#include "model/rows.h"

namespace engine {

json::object ConfOf(const model::RunRow& run);

// The values that templates see. Maps are merged; a null takes a member away, but is the value of a
// param that has a schema.
json::object ParamsOf(const model::Dag& dag, const json::object& conf);

// `conf` may name the DAG's params, and others only where the DAG says `params_open: true`: a param
// that is misspelt would be ignored in silence. What has a schema has to fit it then, and what has
// no default has to be given.
base::Status CheckConf(const model::Dag& dag, const json::object& conf);

}  // namespace engine
