#include "machine/record.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/json_text.h"
#include "base/text.h"

namespace machine {

namespace {

using base::Cat;

base::Error Trouble(std::string_view what, const std::string& path) {
  return {base::ErrorCode::kUnavailable, Cat(what, " ", path, ": ", std::strerror(errno))};
}

std::optional<std::string> ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

base::Status SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return base::Fail(Trouble("cannot open", path));
  const int failed = fsync(folder);
  close(folder);
  if (failed != 0)
    return base::Fail(Trouble("cannot sync", path));
  return {};
}

base::Status WriteAll(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return base::Fail(Trouble("cannot write", path));
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file) != 0)
    return base::Fail(Trouble("cannot sync", path));
  return {};
}

}  // namespace

std::string BootId() {
  return std::string(base::Trim(ReadAll("/proc/sys/kernel/random/boot_id").value_or("unknown")));
}

std::optional<int64_t> StartOf(pid_t pid) {
  const auto text = ReadAll(Cat("/proc/", pid, "/stat"));
  // The second field is the program's name in parentheses, with any characters.
  const size_t after = text ? text->rfind(')') : std::string::npos;
  if (after == std::string::npos)
    return std::nullopt;
  std::istringstream fields(text->substr(after + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) {
    if (!(fields >> field))
      return std::nullopt;
    if (i == 3 && (field == "Z" || field == "X"))
      return std::nullopt;  // it has ended, and nobody has asked how
  }
  return base::ParseInt(field);
}

bool IsAlive(const ProcessId& id) {
  return id.pid > 0 && id.boot == BootId() && StartOf(id.pid) == id.start;
}

Record::Record(std::string_view folder, std::string_view token) : path_(Cat(folder, "/", token)) {}

bool Record::Exists() const {
  return access(path_.c_str(), F_OK) == 0;
}

base::Status Record::Make() const {
  const std::string folder = path_.substr(0, path_.rfind('/'));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return base::Fail(Trouble("cannot make the folder", folder));
  if (mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST)
    return base::Fail(Trouble("cannot make the folder", path_));
  return SyncFolder(folder);
}

bool Record::Has(std::string_view file) const {
  return access(PathOf(file).c_str(), F_OK) == 0;
}

std::optional<json::object> Record::Read(std::string_view file) const {
  const auto text = ReadAll(PathOf(file));
  if (!text)
    return std::nullopt;
  auto parsed = base::ParseJson(*text);
  if (!parsed || !parsed->is_object())
    return std::nullopt;
  return std::move(parsed->get_object());
}

base::Status Record::Write(std::string_view file, const json::object& content) const {
  const std::string path = PathOf(file);
  const std::string beside = Cat(path, ".", getpid(), ".new");
  const int made = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (made < 0)
    return base::Fail(Trouble("cannot make", beside));
  base::Status written = WriteAll(made, base::Serialize(content), beside);
  close(made);
  if (written && rename(beside.c_str(), path.c_str()) != 0)
    written = base::Fail(Trouble("cannot rename", beside));
  if (!written) {
    unlink(beside.c_str());
    return written;
  }
  return SyncFolder(path_);
}

base::Result<std::optional<int>> Record::TryLock() const {
  const std::string path = PathOf("lock");
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return base::Fail(Trouble("cannot open", path));
  if (flock(file, LOCK_EX | LOCK_NB) == 0)
    return std::optional(file);
  const bool is_held = errno == EWOULDBLOCK;
  const base::Error trouble = Trouble("cannot lock", path);
  close(file);
  if (!is_held)
    return base::Fail(trouble);
  return std::optional<int>();
}

std::string Record::Tail(std::string_view file, size_t most) const {
  const std::string path = PathOf(file);
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in)
    return "";
  const auto size = static_cast<size_t>(std::max<std::streamoff>(0, in.tellg()));
  const size_t own = std::min(size, most);
  std::string text(own, '\0');
  in.seekg(static_cast<std::streamoff>(size - own));
  in.read(text.data(), static_cast<std::streamsize>(own));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(0, in.gcount())));
  const std::string older(Cat(file, ".1"));
  return own < most && Has(older) ? Tail(older, most - own) + text : text;
}

std::string LastLineOf(std::string_view text) {
  const std::vector<std::string> lines = base::Split(text, '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (const std::string_view trimmed = base::Trim(*line); !trimmed.empty())
      return std::string(trimmed);
  }
  return "";
}

std::vector<std::string> Tokens(const std::string& folder) {
  std::vector<std::string> tokens;
  DIR* entries = opendir(folder.c_str());
  if (entries == nullptr)
    return tokens;
  while (const dirent* entry = readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with('.'))
      tokens.emplace_back(name);
  }
  closedir(entries);
  return tokens;
}

ProcessId IdOf(const json::object& content, const std::string& boot) {
  return {.pid = static_cast<pid_t>(base::GetInt(content, "pid")),
          .boot = boot,
          .start = base::GetInt(content, "start")};
}

namespace {

// What runs of a command, in its group or out of it, however long its first process has been gone:
// each has inherited the record's path (proc(5): /proc/PID/environ), but for those that drop their
// environment.
std::vector<pid_t> ProcessesOf(const Record& record) {
  const std::string mark = Cat("SIGNALBOX_OUTPUTS=", record.PathOf("outputs"));
  std::vector<pid_t> found;
  for (const std::string& name : Tokens("/proc")) {
    const auto pid = base::ParseInt(name);
    std::ifstream file(Cat("/proc/", name, "/environ"), std::ios::binary);
    std::string variable;
    while (pid && std::getline(file, variable, '\0')) {
      if (variable == mark)
        found.push_back(static_cast<pid_t>(*pid));
    }
  }
  return found;
}

}  // namespace

void KillAllOf(const Record& record) {
  // Its group, by its first process alone: without that, the number may be another group's by now.
  const auto child = record.Read("child");
  const ProcessId command = child ? IdOf(*child, BootId()) : ProcessId();
  if (command.pid > 1 && IsAlive(command))
    kill(-command.pid, SIGKILL);
  for (int i = 0; i < 100; ++i) {
    const std::vector<pid_t> left = ProcessesOf(record);
    if (left.empty())
      return;
    for (const pid_t pid : left)
      kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int64_t WallMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace machine
