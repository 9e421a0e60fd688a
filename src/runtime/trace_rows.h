#pragma once

// The spans of runs whose ends are rows of the history.
//
// Thread rule: a thread for reads.

#include "lineage/open_lineage.h"
#include "runtime/exporter.h"

namespace runtime {

// Whether the row ends a run.
bool EndsRun(const model::HistoryRow& row);

// What is of a run that was deleted meanwhile is left out.
base::Result<std::vector<Exporter::Message>> TracesOf(store::Reader& rows,
                                                      const lineage::Origin& origin,
                                                      const std::string& deployment,
                                                      const Feed::Rows& page);

}  // namespace runtime
