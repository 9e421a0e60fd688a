#pragma once

// The store on one SQLite file: WAL, synchronous=FULL, one transaction for each Commit, rows
// clustered by run. The file belongs to one process at a time.
//
// What stands beside PATH: PATH-wal and PATH-shm (SQLite's), PATH.lock and PATH.reserve
// (file_guard.h); all are for their owner alone. A copy of the database is PATH after a clean end,
// or SQLite's online backup.
//
// Thread rule: store.h's.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace store {

struct SqliteOptions {
  std::string path;
  std::string deployment;
  std::string marker;         // marker.h; "" for none
  bool new_database = false;  // a person says that the old one, which is missing, is lost
  int64_t reserve_bytes = 4 << 20;
  int64_t max_pages = 0;  // bounds the file, in pages of 4 KiB; 0: the disk alone bounds it
};

// Opens the database, making or migrating it where needed. The errors name the path and the fix:
// kConflict in use, of another deployment, of another program or of a newer signalbox; kNotFound no
// such directory, or the database that the marker names is missing or empty; kPermission not
// writable; kUnavailable disk full or failing; kCorrupt not a database, or damaged.
base::Result<std::unique_ptr<Store>> OpenSqlite(const SqliteOptions& options);

}  // namespace store
