#pragma once

// Lists of runs from SQLite.

#include "store/sqlite.h"
#include "store/store.h"

namespace store {

base::Result<Page<model::RunRow>> ListRuns(sqlite::Database& database, const RunQuery& query);

// Under which its rows stand; kNotFound where there is none.
base::Result<int64_t> RunNo(sqlite::Database& database, const model::RunKey& run);

}  // namespace store
