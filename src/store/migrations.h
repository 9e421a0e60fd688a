#pragma once

// The SQLite schema as numbered steps: a database file carries the number of the last step it has
// had (PRAGMA user_version). A step that was released never changes; a change of the schema is a
// new step. Each runs in one transaction, so a crash leaves a whole version.

#include <string>

#include "base/result.h"
#include "store/sqlite.h"

namespace store {

// The version that this program knows.
int SchemaVersion();
// No table, no version: a file that SQLite has just made, or one that was emptied.
base::Result<bool> IsEmpty(sqlite::Database& database);
// Takes an empty or older database to SchemaVersion(). kConflict for a newer one and for a database
// of another program; neither is touched. After an error the connection is of no further use.
base::Status Migrate(sqlite::Database& database, const std::string& path);

}  // namespace store
