#pragma once

// Whether the files of an open database are still those that were opened. SQLite goes on writing
// into a file that somebody has deleted, and every commit succeeds; all of them are lost when the
// process ends. So the path is compared with what was opened: the same file, no shorter than what
// was written, and its log and shared memory beside it.
//
// A checkpoint by another program (litestream, the sqlite3 shell) empties the log rightfully. The
// index in shared memory tells how long the log must be; its layout is in SQLite's "WAL-mode File
// Format". The descriptor on it stays open: closing it would drop SQLite's own locks.
//
// Thread rule: store.h's.

#include <cstdint>
#include <string>
#include <sys/types.h>

#include "base/result.h"

namespace store {

class FileWatch {
 public:
  // REQUIRES: a transaction has been read through SQLite, so that log and shared memory are there;
  // this outlives every connection.
  explicit FileWatch(std::string database_path);
  FileWatch(const FileWatch&) = delete;
  ~FileWatch();

  // kUnavailable with what has happened and how to go on. Costs three stat() and one read.
  base::Status Check();

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
  };
  struct Index {
    int64_t page_size = 0;
    int64_t frames = 0;  // in the log
    int64_t pages = 0;   // of the database
  };

  static File Seen(std::string path);
  Index ReadIndex() const;
  base::Status CheckOne(const File& file, int64_t least, int64_t* size) const;

  const File database_, log_, memory_;
  int index_ = -1;
  int64_t longest_ = 0;  // that the database file has been
};

}  // namespace store
