#include "api/token.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace api {

namespace {

constexpr size_t kTokenBytes = 32;

bool IsToken(const std::string& text) {
  return text.size() == 2 * kTokenBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::optional<std::string> ReadToken(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & 077) != 0)
    return std::nullopt;
  std::string token;
  std::ifstream in(path);
  if (!std::getline(in, token) || !IsToken(token))
    return std::nullopt;
  return token;
}

base::Status WriteToken(const std::string& path, const std::string& token) {
  auto fail = [&](std::string_view what) {
    return base::Fail(errno == EACCES || errno == EROFS ? base::ErrorCode::kPermission
                                                        : base::ErrorCode::kUnavailable,
                      base::Cat(what, " ", path, ": ", std::strerror(errno)));
  };
  std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail("cannot write the API's token to");
  std::string line = token + "\n";
  bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  written = ::close(file) == 0 && written;
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0)
    return fail("cannot write the API's token to");
  return {};
}

}  // namespace

base::Result<std::string> EnsureToken(const std::string& path) {
  if (auto token = ReadToken(path))
    return *token;
  struct stat status;
  if (::stat(path.c_str(), &status) == 0)
    base::LogWarning(
        "token_replaced",
        {{"path", path},
         {"message",
          "the API's token could be read by others, or was not one: a new one is made"}});
  std::string token = base::Hex(base::RandomBytes(kTokenBytes));
  RETURN_IF_ERROR(WriteToken(path, token));
  return token;
}

}  // namespace api
