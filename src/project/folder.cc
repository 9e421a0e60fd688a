#include "project/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace project {

namespace fs = std::filesystem;

namespace {

constexpr char kProjectFile[] = "signalbox.yaml";
constexpr int kReadsMax = 5;

void AddStamp(const std::string& folder, const std::string& path, std::vector<FileStamp>* stamps) {
  struct stat status;
  if (::stat((folder + "/" + path).c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return;
  stamps->push_back({path,
                     status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                     status.st_size,
                     status.st_ino});
}

bool IsProjectName(const std::string& name) {
  return (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.starts_with('.') &&
         !name.starts_with('#');
}

void AddStampsIn(const std::string& folder,
                 const std::string& below,
                 std::vector<FileStamp>* stamps) {
  std::error_code error;
  fs::directory_iterator entry(folder + "/" + below, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (IsProjectName(name))
      AddStamp(folder, below + "/" + name, stamps);
  }
}

// One byte more than is allowed is enough for the YAML layer to refuse it.
base::Result<std::string> ReadText(const std::string& path, int64_t size) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return base::Fail(base::ErrorCode::kPermission,
                      base::Cat("the file cannot be read: ", std::strerror(errno)));
  std::string text(std::min(static_cast<size_t>(size), yaml::kMaxBytes + 1), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad())
    return base::Fail(base::ErrorCode::kUnavailable, "the file cannot be read");
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

ProjectFiles ReadListed(const std::string& folder, std::vector<FileStamp> stamps) {
  ProjectFiles read{.stamps = std::move(stamps)};
  std::string digests;
  for (const FileStamp& stamp : read.stamps) {
    base::Result<std::string> text = ReadText(folder + "/" + stamp.path, stamp.size);
    digests += base::Sha256Hex(stamp.path);
    if (!text) {
      read.unreadable.push_back({stamp.path, {}, text.error().message});
      continue;
    }
    digests += base::Sha256Hex(*text);
    read.files.push_back({stamp.path, std::move(*text)});
  }
  read.hash = base::Sha256Hex(digests);
  return read;
}

}  // namespace

std::vector<FileStamp> ListProject(const std::string& folder) {
  std::vector<FileStamp> stamps;
  AddStamp(folder, kProjectFile, &stamps);
  AddStampsIn(folder, "clusters", &stamps);
  AddStampsIn(folder, "dags", &stamps);
  std::sort(stamps.begin(), stamps.end(), [](const FileStamp& a, const FileStamp& b) {
    return a.path < b.path;
  });
  return stamps;
}

base::Result<ProjectFiles> ReadProjectFiles(const std::string& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no project folder ", folder));
  for (int i = 0; i < kReadsMax; ++i) {
    ProjectFiles read = ReadListed(folder, ListProject(folder));
    if (ListProject(folder) == read.stamps)
      return read;
  }
  return base::Fail(base::ErrorCode::kUnavailable,
                    base::Cat("the files in ", folder, " change while they are being read"));
}

}  // namespace project
