#pragma once

// signalbox.yaml resolved: what the whole process needs to know about a project. Plain data.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/rows.h"
#include "yaml/yaml.h"

namespace dagfile {

struct Project {
  std::string deployment;             // [a-z0-9]{2,20}: stands in every cluster's Name
  std::string database;               // a URL; "" is the default place inside the project
  std::string region;                 // "" is the environment's
  std::string emr_endpoint;           // "" is AWS's
  std::vector<model::PoolRow> pools;  // without the implicit default_pool
  base::Duration poll_interval = base::seconds(30);
  base::Duration launch_settle = base::minutes(15);
  base::Duration list_lag_max = base::minutes(3);
  base::Duration fleet_grace = base::minutes(5);  // in service before ZERO_* counts
  base::Duration fleet_interval = base::minutes(2);
};

// SIGNALBOX__SECTION__KEY=value: overrides any key of signalbox.yaml.
using Environment = std::map<std::string, std::string>;

// Nothing where there is any error. An override's mistakes are told as of a file "environment".
std::optional<Project> ReadProject(const yaml::Node& root,
                                   const Environment& environment,
                                   yaml::Diagnostics* errors,
                                   yaml::Diagnostics* environment_errors,
                                   yaml::Diagnostics* warnings);

}  // namespace dagfile
