#include "runtime/secret_references.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "engine/secrets.h"
#include "template/secret.h"

namespace runtime {

namespace {

using base::Cat;
using base::ErrorCode;

constexpr size_t kSecretMax = size_t{64} << 10;

class Descriptor {
 public:
  // A pipe must not hold up the loop.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~Descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

std::string SecretReferences::PathOf(const std::string& path) const {
  return path.empty() ? "" : (std::filesystem::path(folder_) / path).string();
}

base::Result<std::string> SecretReferences::Read(const notify::SecretRef& reference) {
  const std::string& text = reference.text;
  const size_t colon = text.find(':');
  if (text.empty())
    return "";
  const std::string kind = text.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : text.substr(colon + 1);
  base::Result<std::string> secret = base::Fail(
      ErrorCode::kInvalidArgument, "a secret is given as env:NAME, file:PATH or conn:ID");
  if (kind == "file") {
    secret = ReadFile(name);
  } else if (kind == "conn") {
    secret = ReadConnection(name);
  } else if (kind == "env") {
    const auto found = environment_.find(name);
    secret = found == environment_.end()
                 ? base::Fail(ErrorCode::kNotFound,
                              Cat("the server's environment has no variable ", name))
                 : base::Result<std::string>(found->second);
  }
  if (secret && secret->empty())
    return base::Fail(ErrorCode::kNotFound, Cat("the secret in ", text, " is empty"));
  return secret;
}

base::Result<std::string> SecretReferences::ReadFile(const std::string& path) {
  const std::string full = PathOf(path);
  const Descriptor file(full);
  struct stat status{};
  const auto fail = [&](ErrorCode code, std::string_view why) {
    return base::Fail(code, Cat("cannot read the secret in ", full, ": ", why));
  };
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return fail(errno == EACCES ? ErrorCode::kPermission : ErrorCode::kNotFound,
                std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::kInvalidArgument, "it is no file");
  if ((status.st_mode & 077) != 0 && warned_.insert(full).second)
    base::LogWarning(
        "secret_file",
        {{"message",
          Cat("others can read the secret in ", full, ": make it its owner's alone (chmod 600)")}});
  std::string secret;
  std::array<char, 4096> chunk;
  for (ssize_t count = 0; (count = ::read(file.get(), chunk.data(), chunk.size())) != 0 &&
                          secret.size() <= kSecretMax;) {
    if (count < 0)
      return fail(ErrorCode::kUnavailable, std::strerror(errno));
    secret.append(chunk.data(), static_cast<size_t>(count));
  }
  if (secret.size() > kSecretMax)
    return fail(ErrorCode::kInvalidArgument, "it is larger than 64 KiB");
  // Editors end a file with a new line.
  return std::string(base::Trim(secret));
}

base::Result<std::string> SecretReferences::ReadConnection(const std::string& id) const {
  if (!state_)
    return base::Fail(ErrorCode::kInvalidArgument, "a connection cannot be read here");
  // An id may have dots, too.
  auto secret = engine::OpenSecret(state_(), {"conn", id, "password"});
  const size_t dot = id.find('.');
  if (secret || dot == std::string::npos)
    return secret;
  tmpl::SecretPath path{"conn", id.substr(0, dot)};
  for (std::string& part : base::Split(id.substr(dot + 1), '.'))
    path.push_back(std::move(part));
  return engine::OpenSecret(state_(), path);
}

}  // namespace runtime
