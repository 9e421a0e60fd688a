#pragma once

// The Reader over a read-only SQLite connection.

#include <memory>

#include "store/sqlite.h"
#include "store/store.h"

namespace store {

// `database` must outlive the reader.
std::unique_ptr<Reader> NewSqliteReader(sqlite::Database& database);

}  // namespace store
