#pragma once

#include <string>

#include "api/exchange.h"

namespace api {

// What GET /metrics says, for Prometheus: EMR calls and their budget, clusters, runs, tasks, pools.
// World times and counts of this process's life.
std::string MetricsPage(Context& context);

}  // namespace api
