#include "cli/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"

namespace cli {

namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

std::string RecordPath(const std::string& state_dir) {
  return (fs::path(state_dir) / "server.json").string();
}

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Calls `accept` with the folder of `start` and those above it until it says yes.
template <typename Accept>
std::optional<fs::path> Upwards(const std::string& start, const Accept& accept) {
  std::error_code error;
  fs::path folder = fs::absolute(start.empty() ? "." : start, error).lexically_normal();
  if (error)
    return std::nullopt;
  if (!folder.has_filename() || !fs::is_directory(folder, error))
    folder = folder.parent_path();
  while (true) {
    if (accept(folder))
      return folder;
    if (!folder.has_relative_path())
      return std::nullopt;
    folder = folder.parent_path();
  }
}

tl::unexpected<base::Error> FailPath(const std::string& what, const std::string& path, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS || error == ENOTDIR;
  return base::Fail(forbidden ? ErrorCode::kPermission : ErrorCode::kUnavailable,
                    base::Cat(what, " ", path, ": ", std::strerror(error)));
}

}  // namespace

std::optional<std::string> FindProject(const std::string& start) {
  auto found = Upwards(start, [](const fs::path& folder) { return Exists(folder / kProjectFile); });
  return found ? std::optional(found->string()) : std::nullopt;
}

std::optional<std::string> FindStateFolder(const std::string& start) {
  auto found = Upwards(start, [](const fs::path& folder) {
    return Exists(folder / kStateFolder / "server.json") || Exists(folder / kProjectFile);
  });
  return found ? std::optional((*found / kStateFolder).string()) : std::nullopt;
}

base::Status WriteServerRecord(const std::string& state_dir, const ServerRecord& record) {
  json::object object{{"url", record.url}, {"pid", record.pid}};
  if (!record.certificate.empty())
    object["certificate"] = record.certificate;
  return WriteFile(RecordPath(state_dir), base::Serialize(object) + "\n");
}

std::optional<ServerRecord> ReadServerRecord(const std::string& state_dir) {
  auto text = ReadFile(RecordPath(state_dir));
  if (!text)
    return std::nullopt;
  auto value = base::ParseJson(*text);
  if (!value || !value->is_object())
    return std::nullopt;
  const json::object& object = value->get_object();
  return ServerRecord{base::GetString(object, "url"),
                      static_cast<pid_t>(base::GetInt(object, "pid")),
                      base::GetString(object, "certificate")};
}

void RemoveServerRecord(const std::string& state_dir) {
  ::unlink(RecordPath(state_dir).c_str());
}

std::string TokenPath(const std::string& state_dir) {
  return (fs::path(state_dir) / "token").string();
}

std::string ReadToken(const std::string& state_dir) {
  auto text = ReadFile(TokenPath(state_dir));
  return text ? std::string(base::Trim(*text)) : "";
}

base::Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return FailPath("cannot make the folder", path, error.value());
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return FailPath("this user cannot write to the folder", path, errno);
  return {};
}

base::Result<Privacy> MakePrivateFolder(const std::string& path) {
  constexpr mode_t kOthers = 077;
  RETURN_IF_ERROR(MakeFolder(path));
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0)
    return FailPath("cannot read the folder", path, errno);
  if ((status.st_mode & S_ISVTX) != 0)
    return base::Fail(ErrorCode::kPermission,
                      base::Cat("the state folder ",
                                path,
                                " is shared by all users: name one of its own with --state-dir"));
  if ((status.st_mode & kOthers) == 0)
    return Privacy::kPrivate;
  return ::chmod(path.c_str(), status.st_mode & 0777 & ~kOthers) == 0 ? Privacy::kMadePrivate
                                                                      : Privacy::kOpen;
}

base::Result<std::string> ReadFile(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return FailPath("cannot read", path, EISDIR);
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return FailPath("cannot read", path, errno);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

base::Status WriteFile(const std::string& path, std::string_view text) {
  const std::string fresh = base::Cat(path, ".", ::getpid(), ".tmp");
  ::unlink(fresh.c_str());
  int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0)
    return FailPath("cannot write", path, errno);
  int error = 0;
  while (!text.empty() && error == 0) {
    ssize_t written = ::write(file, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<size_t>(written));
    else if (errno != EINTR)
      error = errno;
  }
  if (::close(file) != 0 && error == 0)
    error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0)
    error = errno;
  if (error != 0) {
    ::unlink(fresh.c_str());
    return FailPath("cannot write", path, error);
  }
  return {};
}

base::Result<std::string> SqlitePath(const std::string& url, const std::string& base) {
  constexpr std::string_view kScheme = "sqlite:///";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return base::Fail(ErrorCode::kInvalidArgument,
                      base::Cat("'",
                                url,
                                "' is no database URL that signalbox knows: it is ",
                                "sqlite:///relative/path or sqlite:////absolute/path"));
  }
  return (fs::path(base) / url.substr(kScheme.size())).lexically_normal().string();
}

}  // namespace cli
