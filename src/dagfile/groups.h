#pragma once

// Groups of jobs in a DAG file: they may be nested, have defaults of their own, and stand in
// depends_on for their jobs. Only for this folder.
//
// A group is a name and not a thing that runs: once the file is read, its dependencies are those of
// the jobs with which it begins, and who depends on it depends on the jobs with which it ends.

#include "dagfile/draft.h"
#include "dagfile/job_reader.h"

namespace dagfile {

// A map of jobs, at the top or in a group; false if it is none, which is an error.
bool ReadTasks(const yaml::Node& tasks, const Surroundings& around, DagDraft* draft);
// A map of groups, and what is in them; false as above.
bool ReadGroups(const yaml::Node& groups, const Surroundings& around, DagDraft* draft);

// Replaces groups in references by their jobs.
void ExpandGroups(DagDraft* draft);

}  // namespace dagfile
