#include "store/file_guard.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/text.h"

namespace store {

namespace {

using base::Cat;
using base::ErrorCode;

ErrorCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
      return ErrorCode::kPermission;
    default:
      return ErrorCode::kUnavailable;
  }
}

std::string_view MendOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "make its directory, or name another database";
    case ENOSPC:
    case EDQUOT:
      return "free space on its disk and try again";
    default:
      return "let this user write there, or name another database";
  }
}

base::Error OpenError(const std::string& database_path, int error) {
  return {CodeOf(error),
          Cat("the database ",
              database_path,
              " cannot be opened for writing: ",
              std::strerror(error),
              "; ",
              MendOf(error))};
}

std::string ReadHolder(int descriptor) {
  char text[32];
  const ssize_t size = ::pread(descriptor, text, sizeof(text), 0);
  const auto pid =
      base::ParseInt(base::Trim(std::string_view(text, size > 0 ? static_cast<size_t>(size) : 0)));
  return pid.has_value() ? Cat(" (pid ", *pid, ")") : "";
}

bool WriteZeros(int descriptor, int64_t bytes) {
  const std::vector<char> zeros(1 << 20);
  while (bytes > 0) {
    const auto wanted = static_cast<size_t>(std::min<int64_t>(bytes, zeros.size()));
    const ssize_t written = ::write(descriptor, zeros.data(), wanted);
    if (written <= 0)
      return false;
    bytes -= written;
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

bool MakePrivate(const std::string& path) {
  constexpr mode_t kOthers = 077;
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & kOthers) != 0 &&
         ::chmod(path.c_str(), status.st_mode & 0777 & ~kOthers) == 0;
}

std::vector<std::string> MakeDatabasePrivate(const std::string& database_path) {
  std::vector<std::string> changed;
  for (std::string_view suffix : {"", "-wal", "-shm", "-journal", ".lock", ".reserve"}) {
    std::string path = base::Cat(database_path, suffix);
    if (MakePrivate(path))
      changed.push_back(std::move(path));
  }
  return changed;
}

base::Result<FileLock> FileLock::Acquire(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return base::Fail(OpenError(database_path, errno));
  FileLock lock(descriptor);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES)
      return base::Fail(OpenError(database_path, errno));
    return base::Fail(ErrorCode::kConflict,
                      Cat("the database ",
                          database_path,
                          " is in use by another signalbox process",
                          ReadHolder(descriptor),
                          ": stop that one first, or name another database"));
  }
  // Only for the message above: the lock holds without it.
  const std::string pid = Cat(::getpid(), "\n");
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return lock;
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

Reserve::Reserve(const std::string& database_path, int64_t bytes)
    : path_(database_path + ".reserve"), bytes_(bytes) {}

bool Reserve::Hold() {
  struct stat status{};
  if (::stat(path_.c_str(), &status) == 0 && status.st_size == bytes_)
    return true;
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return false;
  const bool written = WriteZeros(descriptor, bytes_);
  ::close(descriptor);
  if (!written)
    ::unlink(path_.c_str());
  return written;
}

base::Status Reserve::CheckSpace() const {
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  struct statvfs disk{};
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0)
    return {};
  const auto left = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  if (left >= bytes_)
    return {};
  return base::Fail(ErrorCode::kUnavailable,
                    Cat("the disk of ",
                        folder,
                        " has ",
                        left >> 10,
                        " KiB left, less than the ",
                        bytes_ >> 10,
                        " KiB that are kept in reserve: free space on it"));
}

bool Reserve::Release() {
  return ::unlink(path_.c_str()) == 0;
}

}  // namespace store
