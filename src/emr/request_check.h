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

// A warning: EMR takes the request, and people should know what it does with it, or this program
// does not know enough to refuse it.
enum class Severity { kError, kWarning };

struct Finding {
  std::string path;  // "Instances.InstanceFleets[0].InstanceTypeConfigs[1].InstanceType"
  std::string message;
  Severity severity = Severity::kError;
};

struct RequestCheckOptions {
  bool allow_unknown = false;  // members that are not in our table are not reported
  // Templates are rendered: numbers and booleans become texts where EMR wants these.
  bool rendered = false;
  // Only what rendering can have broken; the rest was judged when the file was read, perhaps by an
  // older program whose runs go on, and EMR judges it too.
  bool at_launch = false;
};

// Nothing: the request is fine as far as it can be known here. Errors and warnings.
std::vector<Finding> CheckRunJobFlow(const json::object& request,
                                     const RequestCheckOptions& options = {});

}  // namespace emr
