#pragma once

// What concerns nothing: limits that bound no job, shared deadlines that no DAG has; and pools that
// let none of their jobs start. Only for this folder. REQUIRES of all: every DAG of the project
// could be read, and its jobs are known.

#include <vector>

#include "dagfile/draft.h"
#include "dagfile/project.h"
#include "model/deadline.h"
#include "yaml/yaml.h"

namespace dagfile {

// Warns in the files of DAGs, and of signalbox.yaml in `warnings`.
void CheckLimitReach(std::vector<DagDraft>& drafts,
                     const Project& project,
                     yaml::Diagnostics* warnings);

// `root`: of signalbox.yaml.
void CheckDeadlineReach(const std::vector<DagDraft>& drafts,
                        const std::vector<model::SharedDeadline>& deadlines,
                        const yaml::Node& root,
                        yaml::Diagnostics* warnings);

// Pools of 0 slots with jobs.
void CheckClosedPools(const std::vector<DagDraft>& drafts,
                      const std::vector<model::PoolRow>& pools,
                      const yaml::Node& root,
                      yaml::Diagnostics* warnings);

// Where the key stands in a section of signalbox.yaml.
yaml::Mark MarkIn(const yaml::Node& root, std::string_view section, std::string_view key);

}  // namespace dagfile
