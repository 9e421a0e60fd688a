#include "store/file_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace store {

namespace {

using base::Cat;

base::Status Lost(const std::string& path, const std::string& what) {
  return base::Fail(base::ErrorCode::kUnavailable,
                    Cat(path,
                        " ",
                        what,
                        " under the running process: what is stored from now on is lost when it "
                        "ends. Stop it, put the database back from a backup, and start again"));
}

}  // namespace

FileWatch::File FileWatch::Seen(std::string path) {
  File file{.path = std::move(path)};
  struct stat status{};
  if (::stat(file.path.c_str(), &status) == 0) {
    file.device = status.st_dev;
    file.inode = status.st_ino;
  }
  return file;
}

FileWatch::FileWatch(std::string database_path)
    : database_(Seen(database_path)),
      log_(Seen(database_path + "-wal")),
      memory_(Seen(database_path + "-shm")),
      index_(::open(memory_.path.c_str(), O_RDONLY | O_CLOEXEC)) {}

FileWatch::~FileWatch() {
  if (index_ >= 0)
    ::close(index_);
}

FileWatch::Index FileWatch::ReadIndex() const {
  std::array<char, 48> header{};
  if (index_ < 0 ||
      ::pread(index_, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()))
    return {};
  uint16_t page_size = 0;
  uint32_t frames = 0;
  uint32_t pages = 0;
  std::memcpy(&page_size, header.data() + 14, sizeof(page_size));
  std::memcpy(&frames, header.data() + 16, sizeof(frames));
  std::memcpy(&pages, header.data() + 20, sizeof(pages));
  return {page_size == 1 ? 65536 : page_size, frames, pages};
}

base::Status FileWatch::CheckOne(const File& file, int64_t least, int64_t* size) const {
  struct stat status{};
  if (::stat(file.path.c_str(), &status) != 0)
    return Lost(file.path,
                errno == ENOENT ? std::string("is gone")
                                : Cat("cannot be reached any more (", std::strerror(errno), ")"));
  if (status.st_dev != file.device || status.st_ino != file.inode)
    return Lost(file.path, "was replaced by another file");
  if (status.st_size < least)
    return Lost(file.path, "has shrunk");
  *size = status.st_size;
  return {};
}

base::Status FileWatch::Check() {
  constexpr int64_t kLogHeader = 32;
  constexpr int64_t kFrameHeader = 24;
  const Index index = ReadIndex();
  int64_t size = 0;
  // A VACUUM by another program makes it as short as its pages.
  RETURN_IF_ERROR(CheckOne(database_, std::min(longest_, index.pages * index.page_size), &size));
  longest_ = std::max(longest_, size);
  const int64_t log =
      index.frames == 0 ? 0 : kLogHeader + index.frames * (kFrameHeader + index.page_size);
  RETURN_IF_ERROR(CheckOne(log_, log, &size));
  return CheckOne(memory_, 0, &size);
}

}  // namespace store
