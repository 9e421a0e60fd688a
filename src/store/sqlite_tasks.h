#pragma once

// Lists of tasks from SQLite.

#include "store/sqlite.h"
#include "store/store.h"

namespace store {

base::Result<Page<model::TaskRow>> ListTasks(sqlite::Database& database, const TaskQuery& query);

}  // namespace store
