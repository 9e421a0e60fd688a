#pragma once

// Whether a plan ended as its author knows it does (Ending): beyond the rules, which hold for every
// plan, that no crash costs a try or a cluster and that all work gets done.

#include <cstdint>
#include <string>
#include <vector>

#include "fault_finder/plan.h"
#include "simulation/people.h"
#include "store/store.h"

namespace fault_finder {

// `granted`: what people asked for and were given; `launches`: clusters that were made for us.
std::vector<std::string> EndingBreaches(const Ending& ending,
                                        store::Reader& reader,
                                        const std::vector<simulation::People::Granted>& granted,
                                        int64_t launches);

}  // namespace fault_finder
