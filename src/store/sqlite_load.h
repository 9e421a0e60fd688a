#pragma once

// What Load reads from SQLite: model::Snapshot by its rules. Rows come in the order of their keys,
// jobs and tasks of a run by their key, as from the MemoryStore.

#include "base/result.h"
#include "model/rows.h"
#include "store/sqlite.h"

namespace store {

// REQUIRES: a transaction is open, so that all of it is of one moment.
base::Result<model::Snapshot> ReadSnapshot(sqlite::Database& database, base::Time completed_since);

}  // namespace store
