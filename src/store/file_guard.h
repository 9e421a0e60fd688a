#pragma once

// The two files that stand beside a database file:
//   PATH.lock     held locked while a process has the database open: one process at a time
//   PATH.reserve  zeros that are given back when the disk is full (store.h, ReleaseReserve)
// The lock belongs to the open file description, so two opens in one process exclude each other,
// and the kernel lets go of it however the process ends. The file itself stays.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace store {

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

 private:
  std::string path_;
  int64_t bytes_;
};

}  // namespace store
