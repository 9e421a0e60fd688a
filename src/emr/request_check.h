#pragma once

// Judges a RunJobFlow request before anything is sent: members that EMR does not have (with a
// did-you-mean), types, enumerations, lengths, and the rules between members that EMR would refuse,
// or accept and then fail the cluster. Pure; it knows nothing of accounts (roles, subnets, quotas).
//
// It works on templates too: a string with `{{` is unknown until it is rendered, so its text is not
// judged, and one that is exactly one `{{ }}` may stand for a value of any type.

#include <string>
#include <vector>

#include "base/json.h"

namespace emr {

struct Finding {
  std::string path;  // "Instances.InstanceFleets[0].InstanceTypeConfigs[1].InstanceType"
  std::string message;
};

struct RequestCheckOptions {
  bool allow_unknown = false;  // members that are not in our table are not reported
};

// Nothing: the request is fine as far as it can be known here.
std::vector<Finding> CheckRunJobFlow(const json::object& request,
                                     const RequestCheckOptions& options = {});

}  // namespace emr
