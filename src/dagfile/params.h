#pragma once

// `params:` of a DAG: plain values, and maps that say what a value has to be, as Airflow's Param.

#include "model/dag.h"
#include "yaml/reader.h"

namespace dagfile {

// REQUIRES: the DAG's schedule was read.
void ReadParams(yaml::MapReader& reader, yaml::Diagnostics* errors, model::Dag* dag);

// The names of all, with null for each value: what is known of them before a run is made.
json::object NullParams(const model::Dag& dag);

}  // namespace dagfile
