#pragma once

// The two files that stand beside a database file:
//   PATH.lock     held locked while a process has the database open: one process at a time
//   PATH.reserve  zeros that are given back when the disk is full (store.h, ReleaseReserve)
// Both, and all that SQLite keeps there, are for their owner alone: they tell who runs what on
// whose data.
//
// The lock belongs to the open file description, so two opens in one process exclude each other,
// and the kernel lets go of it however the process ends. The file itself stays.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace store {

// Makes an existing file readable and writable by its owner alone; true where it was open to
// others. A file of another user stays as it is.
bool MakePrivate(const std::string& path);
// PATH and what stands beside it, those that are there; the names of those that were open to
// others.
std::vector<std::string> MakeDatabasePrivate(const std::string& database_path);

class FileLock {
 public:
  // kConflict with the holder's pid where another holds it.
  static base::Result<FileLock> Acquire(const std::string& database_path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

class Reserve {
 public:
  Reserve(const std::string& database_path, int64_t bytes);
  // Makes the file unless it is there with that size; false where the disk has no space for it.
  bool Hold();
  // Deletes the file; true where there was one.
  bool Release();
  // kUnavailable where less is left on the disk than the reserve holds.
  base::Status CheckSpace() const;

 private:
  std::string path_;
  int64_t bytes_;
};

}  // namespace store
