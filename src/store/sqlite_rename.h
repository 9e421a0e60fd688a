#pragma once

// How SQLite renames a DAG. Only for this folder.

#include "base/result.h"
#include "model/rows.h"
#include "store/sqlite.h"

namespace store {

// In the transaction that is open: every column that holds ids of DAGs, the waits of jobs and the
// targets of holds. It reads the rows of all jobs: seconds, if there are millions.
base::Status RenameDag(sqlite::Database& database, const model::DagRenamed& renamed);

}  // namespace store
