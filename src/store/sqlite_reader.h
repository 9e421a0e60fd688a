#pragma once

// The Reader over a read-only SQLite connection.

#include <memory>
#include <string>

#include "store/sqlite.h"
#include "store/store.h"

namespace store {

// `database` must outlive the reader.
std::unique_ptr<Reader> NewSqliteReader(sqlite::Database& database);

// A connection of its own to the database.
base::Result<std::unique_ptr<ReadConnection>> OpenReadConnection(const std::string& path);

}  // namespace store
