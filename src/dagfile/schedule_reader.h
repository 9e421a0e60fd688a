#pragma once

// When a DAG runs: `schedule`, `timezone`, `start_date`, `end_date`, `catchup`, `start_jitter`,
// `max_active_runs`, `calendar`, `blackout`. What it names of assets goes to `assets`. Only for
// this folder.

#include "dagfile/assets.h"
#include "dagfile/calendars.h"
#include "dagfile/load.h"
#include "model/dag.h"
#include "yaml/reader.h"

namespace dagfile {

// False where a calendar that the DAG names has a mistake, which is told in its own file.
bool ReadSchedule(yaml::MapReader& reader,
                  yaml::Diagnostics* errors,
                  const ZoneLookup& zones,
                  const Calendars& calendars,
                  std::vector<NamedAsset>* assets,
                  model::Dag* dag);

}  // namespace dagfile
