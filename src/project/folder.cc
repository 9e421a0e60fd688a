#include "project/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace project {

namespace fs = std::filesystem;

namespace {

constexpr char kProjectFile[] = "signalbox.yaml";
constexpr char kAirflowIgnore[] = ".airflowignore";
constexpr int kReadsMax = 5;
constexpr size_t kAirflowFilesMax = 20'000;  // a folder with more is no folder of DAG files

void AddStamp(const std::string& folder, const std::string& path, std::vector<FileStamp>* stamps) {
  const std::string whole = (fs::path(folder) / path).string();
  struct stat status;
  if (::stat(whole.c_str(), &status) != 0) {
    // A link whose target is on a disk that is not mounted, or a file in a closed folder: it is
    // there, and reading it tells why it can't be read.
    if (errno != ENOENT || ::lstat(whole.c_str(), &status) == 0)
      stamps->push_back({.path = path});
    return;
  }
  if (!S_ISREG(status.st_mode))
    return;
  stamps->push_back({path,
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
      AddStamp(folder, below + "/" + name, &listing->stamps);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    listing->closed.push_back({below,
                               {},
                               base::Cat("the folder cannot be read: ",
                                         error.message(),
                                         "; its DAGs stay as they were last read")});
}

// Links to folders are followed, each folder once.
class AirflowLister {
 public:
  AirflowLister(const std::string& folder, Listing* listing)
      : folder_(folder), listing_(*listing) {}

  void List(const std::string& below) {
    std::error_code error;
    const fs::path real = fs::canonical(Whole(below), error);
    if (error || !seen_.insert(real).second) {
      if (error && error != std::errc::no_such_file_or_directory)
        Close(below, error.message());
      return;
    }
    fs::directory_iterator entry(real, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name != kAirflowIgnore && (name.starts_with('.') || name == "__pycache__"))
        continue;
      const std::string path = below + "/" + name;
      std::error_code ignored;
      if (entry->is_directory(ignored))
        List(path);
      else
        AddStamp(folder_, path, &listing_.airflow);
      if (listing_.airflow.size() > kAirflowFilesMax) {
        if (!is_full_)
          Close(below,
                base::Cat("there are more than ", kAirflowFilesMax, " files in it and beside it"));
        is_full_ = true;
        return;
      }
    }
    if (error)
      Close(below, error.message());
  }

 private:
  fs::path Whole(const std::string& path) const { return fs::path(folder_) / path; }
  void Close(const std::string& below, const std::string& why) {
    listing_.closed.push_back(
        {below,
         {},
         base::Cat("the folder cannot be read: ", why, "; its DAGs stay as they were last read")});
  }

  const std::string& folder_;
  Listing& listing_;
  std::set<fs::path> seen_;
  bool is_full_ = false;
};

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
  for (const FileStamp& stamp : read.listing.airflow)
    digests += base::Cat(stamp.path, "\n", stamp.modified_ns, "\n", stamp.size, "\n", stamp.inode);
  read.hash = base::Sha256Hex(digests);
  return read;
}

}  // namespace

bool Listing::Has(const std::string& path) const {
  const auto is_it = [&](const FileStamp& stamp) { return stamp.path == path; };
  return std::ranges::any_of(stamps, is_it) || std::ranges::any_of(airflow, is_it);
}

Listing ListProject(const std::string& folder, const std::string& airflow) {
  Listing listing;
  AddStamp(folder, kProjectFile, &listing.stamps);
  AddStampsIn(folder, "clusters", &listing);
  AddStampsIn(folder, "calendars", &listing);
  AddStampsIn(folder, "assets", &listing);
  // That nobody reads the Python files there is told.
  AddStampsIn(folder, "dags", &listing, airflow.empty() ? ".py" : ".yaml");
  if (!airflow.empty())
    AirflowLister(folder, &listing).List(airflow);
  AddStampsIn(folder, "lists", &listing, ".json");
  std::ranges::sort(listing.stamps, {}, &FileStamp::path);
  std::ranges::sort(listing.airflow, {}, &FileStamp::path);
  return listing;
}

base::Result<ProjectFiles> ReadProjectFiles(const std::string& folder, const std::string& airflow) {
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
    ProjectFiles read = ReadListed(folder, ListProject(folder, airflow));
    if (ListProject(folder, airflow) == read.listing)
      return read;
  }
  return base::Fail(base::ErrorCode::kUnavailable,
                    base::Cat("the files in ", folder, " change while they are being read"));
}

}  // namespace project
