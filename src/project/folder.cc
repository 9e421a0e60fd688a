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

void AddStamp(const std::string& folder, const std::string& path, Listing* listing) {
  const std::string whole = folder + "/" + path;
  struct stat status;
  if (::stat(whole.c_str(), &status) != 0) {
    // A link whose target is on a disk that is not mounted, or a file in a closed folder: it is
    // there, and reading it tells why it can't be read.
    if (errno != ENOENT || ::lstat(whole.c_str(), &status) == 0)
      listing->stamps.push_back({.path = path});
    return;
  }
  if (!S_ISREG(status.st_mode))
    return;
  listing->stamps.push_back({path,
                             status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                             status.st_size,
                             status.st_ino});
}

// `also`: a further ending that files may have there.
bool IsProjectName(const std::string& name, std::string_view also) {
  return (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(also)) &&
         !name.starts_with('.') && !name.starts_with('#');
}

void AddStampsIn(const std::string& folder,
                 const std::string& below,
                 Listing* listing,
                 std::string_view also = ".yaml") {
  std::error_code error;
  fs::directory_iterator entry(folder + "/" + below, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (IsProjectName(name, also))
      AddStamp(folder, below + "/" + name, listing);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    listing->closed.push_back({below,
                               {},
                               base::Cat("the folder cannot be read: ",
                                         error.message(),
                                         "; its DAGs stay as they were last read")});
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

ProjectFiles ReadListed(const std::string& folder, Listing listing) {
  ProjectFiles read{.listing = std::move(listing)};
  std::string digests;
  for (const yaml::Diagnostic& closed : read.listing.closed)
    digests += base::Sha256Hex(closed.ToString());
  for (const FileStamp& stamp : read.listing.stamps) {
    base::Result<std::string> text = ReadText(folder + "/" + stamp.path, stamp.size);
    digests += base::Sha256Hex(stamp.path);
    if (!text) {
      digests += base::Sha256Hex(text.error().message);
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

bool Listing::Has(const std::string& path) const {
  return std::any_of(
      stamps.begin(), stamps.end(), [&](const FileStamp& stamp) { return stamp.path == path; });
}

Listing ListProject(const std::string& folder) {
  Listing listing;
  AddStamp(folder, kProjectFile, &listing);
  AddStampsIn(folder, "clusters", &listing);
  AddStampsIn(folder, "calendars", &listing);
  AddStampsIn(folder, "assets", &listing);
  AddStampsIn(folder, "dags", &listing);
  AddStampsIn(folder, "lists", &listing, ".json");
  std::sort(listing.stamps.begin(),
            listing.stamps.end(),
            [](const FileStamp& a, const FileStamp& b) { return a.path < b.path; });
  return listing;
}

base::Result<ProjectFiles> ReadProjectFiles(const std::string& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found)
    return base::Fail(base::ErrorCode::kNotFound, base::Cat("there is no project folder ", folder));
  if (error)
    return base::Fail(
        base::ErrorCode::kPermission,
        base::Cat("the project folder ", folder, " cannot be read: ", error.message()));
  if (!fs::is_directory(status))
    return base::Fail(base::ErrorCode::kNotFound, base::Cat(folder, " is not a folder"));
  for (int i = 0; i < kReadsMax; ++i) {
    ProjectFiles read = ReadListed(folder, ListProject(folder));
    if (ListProject(folder) == read.listing)
      return read;
  }
  return base::Fail(base::ErrorCode::kUnavailable,
                    base::Cat("the files in ", folder, " change while they are being read"));
}

}  // namespace project
