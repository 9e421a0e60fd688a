#pragma once

// The events of OpenLineage that rows of the history stand for, with what they need of other rows.
//
// Thread rule: a thread for reads.

#include "lineage/open_lineage.h"
#include "runtime/exporter.h"

namespace runtime {

// What is of a run that was deleted meanwhile is left out.
base::Result<std::vector<Exporter::Message>> LineageOf(store::Reader& rows,
                                                       const lineage::Origin& origin,
                                                       const Feed::Rows& page);

}  // namespace runtime
