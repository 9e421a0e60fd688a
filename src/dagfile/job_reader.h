#pragma once

// One job of a DAG file → JobDraft. Only for this folder.

#include <string>

#include "dagfile/draft.h"
#include "dagfile/policy.h"
#include "yaml/reader.h"

namespace dagfile {

// What the job stands in.
struct Surroundings {
  bool has_lanes = false;
  std::string group;  // its path; "": none
  Policy defaults;    // of the DAG and of the groups around it
};

JobDraft ReadJob(const yaml::Member& member, const Surroundings& around, yaml::Diagnostics* errors);

// Keys that the format will have: they are told apart from mistakes.
void NotYet(yaml::MapReader& reader);

}  // namespace dagfile
