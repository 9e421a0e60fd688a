#pragma once

// When a DAG runs: `schedule`, `timezone`, `start_date`, `end_date`, `catchup`. Only for this
// folder.

#include "dagfile/load.h"
#include "model/dag.h"
#include "yaml/reader.h"

namespace dagfile {

void ReadSchedule(yaml::MapReader& reader,
                  yaml::Diagnostics* errors,
                  const ZoneLookup& zones,
                  model::Dag* dag);

}  // namespace dagfile
