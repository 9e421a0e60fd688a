#pragma once

// How the SQLite store deletes a run, or a DAG with its runs. Within the caller's transaction.

#include "base/result.h"
#include "model/rows.h"
#include "store/sqlite.h"

namespace store {

base::Status Delete(sqlite::Database& database, const model::Deleted& deleted);

}  // namespace store
