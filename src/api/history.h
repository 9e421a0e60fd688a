#pragma once

// Rows of history: how they are shown, by what lists and streams of them are filtered.

#include "api/exchange.h"
#include "base/json.h"
#include "model/history.h"
#include "store/store.h"

namespace api {

json::object HistoryJson(const model::HistoryRow& row);

// kind, dag_id, dag_run_id, job_id, lane_id, map_index, cluster_id and actor of the query.
base::Result<store::HistoryQuery> ReadHistoryFilters(const Exchange& exchange);
// Whether the row is one that those ask for.
bool Fits(const store::HistoryQuery& filters, const model::HistoryRow& row);

}  // namespace api
