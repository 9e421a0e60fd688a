#pragma once

// The keys of a job of type trigger_dag_run, and what is wrong with them once all DAGs are known.
// Only for this folder.

#include <vector>

#include "dagfile/draft.h"
#include "yaml/reader.h"

namespace dagfile {

void ReadTrigger(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job);
// Of a job of another type.
void RefuseTrigger(yaml::MapReader& reader);

// Reports DAGs and params that do not exist, mistakes in texts, and runs that trigger each other
// for ever. REQUIRES: references are resolved.
void CheckTriggers(std::vector<DagDraft>& drafts, const ResolveOptions& options);

}  // namespace dagfile
