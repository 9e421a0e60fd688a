#pragma once

// The keys of a job of type `command`, and what is wrong with its texts. Only for this folder.

#include <vector>

#include "dagfile/draft.h"
#include "yaml/reader.h"

namespace dagfile {

// `resources`.
void ReadResources(yaml::MapReader& reader,
                   yaml::Diagnostics* errors,
                   model::ProcessLimits& limits);

void ReadCommand(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job);
// Of a job of another type.
void RefuseCommand(yaml::MapReader& reader);

// Reports mistakes in the texts of commands.
void CheckCommands(std::vector<DagDraft>& drafts);

}  // namespace dagfile
