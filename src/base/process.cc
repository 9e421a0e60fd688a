#include "base/process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/text.h"

#if defined(__has_feature)
#define SIGNALBOX_HAS_ASAN __has_feature(address_sanitizer)
#else
#define SIGNALBOX_HAS_ASAN 0
#endif

extern char** environ;

namespace base {

namespace {

std::vector<std::string> Environment(const ProcessOptions& options) {
  const std::map<std::string, std::string>& added = options.env;
  std::vector<std::string> out;
  for (char** entry = environ; !options.only_env && *entry != nullptr; ++entry) {
    std::string_view text(*entry);
    if (!added.contains(std::string(text.substr(0, text.find('=')))))
      out.emplace_back(text);
  }
  for (const auto& [name, value] : added) {
    if (!value.empty())
      out.push_back(name + "=" + value);
  }
  return out;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int ExitCode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<Process> Process::Start(const ProcessOptions& options) {
  Process process;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int pipe_ends[2] = {-1, -1};
  if (options.pipe_stdout) {
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
      return Fail(ErrorCode::kUnavailable, Cat("no pipe: ", std::strerror(errno)));
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  }
  // A socket, for a write to a pipe that nobody reads raises SIGPIPE.
  int in_ends[2] = {-1, -1};
  if (options.pipe_stdin) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in_ends) != 0) {
      const std::string why = std::strerror(errno);
      ::close(pipe_ends[0]);
      ::close(pipe_ends[1]);
      posix_spawn_file_actions_destroy(&actions);
      return Fail(ErrorCode::kUnavailable, Cat("no pipe: ", why));
    }
    posix_spawn_file_actions_adddup2(&actions, in_ends[1], STDIN_FILENO);
  }
  constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
  if (!options.stdout_path.empty())
    posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, options.stdout_path.c_str(), kAppend, 0644);
  if (!options.stderr_path.empty())
    posix_spawn_file_actions_addopen(
        &actions, STDERR_FILENO, options.stderr_path.c_str(), kAppend, 0644);
  if (!options.directory.empty())
    posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  // Sockets that we listen on are ours alone.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // We may ignore it; programs rely on dying of it.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  short flags = POSIX_SPAWN_SETSIGDEF;
  if (options.own_group) {
    if (!options.pipe_stdin)
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    flags |= POSIX_SPAWN_SETPGROUP;
    process.own_group_ = true;
  }
  posix_spawnattr_setflags(&attributes, flags);
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> env = Environment(options);
  int error = ::posix_spawnp(&process.pid_,
                             argv[0].c_str(),
                             &actions,
                             &attributes,
                             Pointers(argv).data(),
                             Pointers(env).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (pipe_ends[1] >= 0)
    ::close(pipe_ends[1]);
  if (in_ends[1] >= 0)
    ::close(in_ends[1]);
  process.out_ = pipe_ends[0];
  process.in_ = in_ends[0];
  if (error != 0) {
    process.pid_ = -1;
    return Fail(ErrorCode::kNotFound, Cat("cannot start '", argv[0], "': ", std::strerror(error)));
  }
  return process;
}

void ForbidCoreDumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // A core_pattern that is a pipe ignores the limit. The leak check of the address sanitizer
  // attaches to its own process, which this forbids.
#if !defined(__SANITIZE_ADDRESS__) && !SIGNALBOX_HAS_ASAN
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

Process::Process(Process&& other) noexcept {
  *this = std::move(other);
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(own_group_, other.own_group_);
  std::swap(out_, other.out_);
  std::swap(in_, other.in_);
  std::swap(buffer_, other.buffer_);
  std::swap(exit_, other.exit_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0 && !Poll()) {
    Signal(SIGKILL);
    WaitOrKill(seconds(5));
  }
  if (out_ >= 0)
    ::close(out_);
  if (in_ >= 0)
    ::close(in_);
}

Status Process::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::send(in_, text.data(), text.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return Fail(ErrorCode::kUnavailable,
                  Cat("the process reads no more: ", std::strerror(errno)));
    text.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

std::optional<std::string> Process::ReadLine(Duration timeout) {
  auto deadline = std::chrono::steady_clock::now() + timeout;
  while (out_ >= 0) {
    if (size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{out_, POLLIN, 0};
    int ready = left.count() <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(left.count()));
    if (ready == 0 || (ready < 0 && errno != EINTR))
      return std::nullopt;
    char chunk[64 << 10];
    ssize_t got = ::read(out_, chunk, sizeof(chunk));
    if (got <= 0)
      return std::nullopt;
    buffer_.append(chunk, static_cast<size_t>(got));
  }
  return std::nullopt;
}

std::optional<std::string> Process::ReadNow() {
  constexpr size_t kMost = 64 << 10;  // at once: some never stop talking
  std::string got = std::exchange(buffer_, {});
  char chunk[4096];
  pollfd wanted{out_, POLLIN, 0};
  while (got.size() < kMost && ::poll(&wanted, 1, 0) > 0) {
    ssize_t count = ::read(out_, chunk, sizeof(chunk));
    if (count <= 0)
      return got.empty() ? std::nullopt : std::optional(std::move(got));
    got.append(chunk, static_cast<size_t>(count));
  }
  return got;
}

void Process::Signal(int signal) {
  if (pid_ > 0 && !exit_)
    ::kill(own_group_ ? -pid_ : pid_, signal);
}

// While the child is not waited for, its id is nobody else's.
bool Process::HasEnded() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid_;
}

std::optional<int> Process::Poll() {
  if (exit_ || pid_ <= 0 || !HasEnded())
    return exit_;
  if (own_group_)
    Signal(SIGKILL);
  int status = 0;
  if (::waitpid(pid_, &status, 0) == pid_)
    exit_ = ExitCode(status);
  return exit_;
}

int Process::WaitOrKill(Duration timeout) {
  auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!Poll() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(milliseconds(2));
  if (!Poll()) {
    Signal(SIGKILL);
    int status = 0;
    if (::waitpid(pid_, &status, 0) == pid_)
      exit_ = ExitCode(status);
  }
  return exit_.value_or(128 + SIGKILL);
}

}  // namespace base
