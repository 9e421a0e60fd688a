#pragma once

// The keys of a job of type `airflow_task`, which Airflow's own code does. Only for this folder.

#include "dagfile/draft.h"
#include "yaml/reader.h"

namespace dagfile {

void ReadAirflowTask(yaml::MapReader& reader, yaml::Diagnostics* errors, JobDraft* job);
// Of a job of another type.
void RefuseAirflowTask(yaml::MapReader& reader);

// `lengths` of map_over (model::MapOver), as a DAG file has it.
json::value ReadLengths(const yaml::Node& node, yaml::Diagnostics* errors);
// The jobs that it names.
std::vector<std::string> JobsInLengths(const json::value& lengths);

}  // namespace dagfile
