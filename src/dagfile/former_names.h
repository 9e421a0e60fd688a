#pragma once

// `formerly`: what a DAG, a job or a lane was called before. Only for this folder.

#include <string>
#include <string_view>
#include <vector>

#include "dagfile/draft.h"
#include "yaml/reader.h"

namespace dagfile {

// One name or a list of names. What cannot have been one is reported.
std::vector<std::string> ReadFormerNames(yaml::MapReader& reader,
                                         std::string_view present,
                                         bool (*is_id)(std::string_view),
                                         yaml::Diagnostics* errors);

// After Instantiate: gives each job its former names, in all lanes, and reports a name that two
// jobs claim or that a job has now.
void NameFormerJobs(DagDraft& draft);
// The same of DAGs.
void CheckFormerDags(std::vector<DagDraft>& drafts);

}  // namespace dagfile
