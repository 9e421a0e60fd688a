#pragma once

// What a request of the simulated work makes EMR start, counted for the rules: of the few types
// that are drawn, each in a fleet or group of its own. It shares nothing with the product.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/dag.h"
#include "model/spend.h"

namespace simulation {

struct Instances {
  int64_t count = 0;
  int64_t vcpus = 0;  // of one
  std::string type;
  bool is_spot = false;
};
std::vector<Instances> InstancesOf(const json::object& request);

// Of one instance of a type that is drawn.
int64_t VcpusOf(std::string_view type);
// Of those that the market has.
int64_t CountVcpus(const std::vector<Instances>& instances, model::Market market);
// USD for an hour of all of them.
double HourOf(const std::vector<Instances>& instances, const std::vector<model::Price>& prices);
// The most that a try of the job takes.
int64_t CountVcpus(const model::Job& job, model::Market market);

}  // namespace simulation
