#include "runtime/secret_keys.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace runtime {

namespace {

using base::Cat;
using base::ErrorCode;

constexpr char kName[] = "SIGNALBOX_SECRET_KEY";
constexpr size_t kKeyBytes = 32;

std::string GivenKeys(const Environment& environment) {
  const auto found = environment.find(kName);
  return found == environment.end() ? "" : found->second;
}

std::vector<std::string> SplitKeys(std::string_view text) {
  std::vector<std::string> keys;
  for (const std::string& part : base::Split(text, ',')) {
    if (const std::string_view key = base::Trim(part); !key.empty())
      keys.emplace_back(key);
  }
  return keys;
}

base::Status AddKeys(const std::vector<std::string>& texts,
                     std::string_view from,
                     std::vector<base::SealKey>& out) {
  for (const std::string& text : texts) {
    auto key = base::ParseSealKey(text);
    if (!key)
      return base::Fail(
          key.error().code,
          Cat(from,
              ": ",
              texts.size() > 1 ? Cat("of its ", texts.size(), " keys one is too short: ") : "",
              key.error().message,
              texts.size() > 1 && from == kName ? " (commas separate keys)" : ""));
    out.push_back(*key);
  }
  return {};
}

}  // namespace

SecretKeys::SecretKeys(std::string file, const Environment& environment)
    : file_(std::move(file)), given_(GivenKeys(environment)) {}

// No lines: there is no file.
base::Result<std::vector<std::string>> SecretKeys::ReadFile() const {
  std::vector<std::string> lines;
  struct stat status;
  if (file_.empty())
    return lines;
  if (::stat(file_.c_str(), &status) != 0) {
    if (errno == ENOENT)
      return lines;
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("cannot read the key in ", file_, ": ", std::strerror(errno)));
  }
  if ((status.st_mode & 077) != 0)
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("others can read the key in ",
                          file_,
                          ": make it its owner's alone (chmod 600), and rotate it if somebody may "
                          "have read it (`signalbox secrets rotate-key`)"));
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);) {
    if (const std::string_view key = base::Trim(line); !key.empty())
      lines.emplace_back(key);
  }
  if (lines.empty())
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("there is no key in ", file_, ": put it back, from a backup"));
  return lines;
}

base::Status SecretKeys::WriteFile(const std::vector<std::string>& lines) const {
  const auto fail = [&] {
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("cannot write the key to ", file_, ": ", std::strerror(errno)));
  };
  const std::string fresh = file_ + ".new";
  ::unlink(fresh.c_str());
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return fail();
  const std::string text = base::Join(lines, "\n") + "\n";
  bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  written = ::fsync(file) == 0 && written;
  written = ::close(file) == 0 && written;
  if (!written || ::rename(fresh.c_str(), file_.c_str()) != 0)
    return fail();
  const std::string folder = std::filesystem::path(file_).parent_path();
  const int directory = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (directory < 0)
    return fail();
  const bool kept = ::fsync(directory) == 0;
  ::close(directory);
  return kept ? base::Status() : fail();
}

std::shared_ptr<const secrets::Keyring> SecretKeys::Load() {
  std::vector<base::SealKey> keys;
  std::string trouble;
  const auto note = [&](const base::Status& status) {
    if (!status && trouble.empty())
      trouble = status.error().message;
  };
  note(AddKeys(SplitKeys(given_), kName, keys));
  const bool is_given_well = trouble.empty();
  const auto lines = ReadFile();
  note(lines ? AddKeys(*lines, file_, keys) : base::Fail(lines.error()));
  if (!is_given_well)
    keys.clear();
  if (keys.empty() && trouble.empty())
    trouble = file_.empty() ? Cat("there is no key: set ", kName)
                            : Cat("there is no key: put ", file_, " back, or set ", kName);
  return std::make_shared<const secrets::Keyring>(std::move(keys), std::move(trouble));
}

base::Status SecretKeys::Ensure(bool has_sealed) {
  if (!given_.empty() || file_.empty())
    return {};
  ASSIGN_OR_RETURN(const auto lines, ReadFile());
  if (!lines.empty())
    return {};
  if (has_sealed)
    return base::Fail(ErrorCode::kUnavailable,
                      Cat("the database has variables or connections, and their key is not in ",
                          file_,
                          ": put it back, or remove them"));
  return WriteFile({base::Hex(base::RandomBytes(kKeyBytes))});
}

base::Status SecretKeys::Begin() {
  if (!given_.empty()) {
    if (Load()->keys().size() > 1)
      return {};
    return base::Fail(ErrorCode::kInvalidArgument,
                      Cat("the key is the environment's: start the server with ",
                          kName,
                          "=NEW,OLD, rotate, and then leave OLD out"));
  }
  if (file_.empty())
    return base::Fail(ErrorCode::kInvalidArgument, Cat("there is no file of the key: set ", kName));
  ASSIGN_OR_RETURN(std::vector<std::string> lines, ReadFile());
  lines.insert(lines.begin(), base::Hex(base::RandomBytes(kKeyBytes)));
  return WriteFile(lines);
}

base::Status SecretKeys::Finish() {
  if (!given_.empty())
    return {};
  ASSIGN_OR_RETURN(std::vector<std::string> lines, ReadFile());
  if (lines.size() <= 1)
    return {};
  lines.resize(1);
  return WriteFile(lines);
}

std::string SecretKeys::Advice() const {
  if (given_.empty())
    return "";
  return Cat(
      "all is sealed with the first key of ", kName, ": leave the others out at the next start");
}

}  // namespace runtime
