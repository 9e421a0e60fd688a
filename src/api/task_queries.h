#pragma once

// What lists of task instances are asked by, read from the path and the query.

#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/paging.h"
#include "api/reading.h"
#include "store/store.h"

namespace api {

inline constexpr std::string_view kAny = "~";  // in place of a DAG or of a run

base::Result<std::vector<model::TaskState>> ReadStates(const Exchange& exchange);

// The cursor of a row.
json::array EdgeOf(const model::TaskRow& task);

// One row more than the page shows.
base::Result<Asked<store::TaskQuery>> ReadTaskQuery(const Reading& reading,
                                                    const Exchange& exchange,
                                                    const Paging& paging);

}  // namespace api
