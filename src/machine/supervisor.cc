#include "machine/supervisor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "machine/record.h"

namespace machine {

namespace {

using base::Cat;
using Steady = std::chrono::steady_clock;

constexpr off_t kReserveBytes = off_t{64} << 10;
constexpr size_t kRequestBytesMax = size_t{16} << 20;
constexpr size_t kLastErrorBytes = 4096;
// What still comes through the pipes once the command has ended: what it left running is killed
// first, so this only bounds a pipe that somebody else holds.
constexpr auto kDrain = std::chrono::seconds(2);
constexpr auto kWriteAgain = std::chrono::seconds(1);
constexpr int kForkMs = 10'000;

std::optional<json::object> ReadRequest() {
  std::string text;
  std::array<char, 65536> part{};
  while (text.size() < kRequestBytesMax) {
    const ssize_t got = read(STDIN_FILENO, part.data(), part.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    text.append(part.data(), static_cast<size_t>(got));
  }
  // One that was cut, because Signalbox died while it wrote it, is no JSON.
  auto parsed = base::ParseJson(text);
  if (!parsed || !parsed->is_object())
    return std::nullopt;
  return std::move(parsed->get_object());
}

void Tell(std::string_view line) {
  const std::string text = Cat(line, "\n");
  (void)!write(STDOUT_FILENO, text.data(), text.size());
  // The one that waits for the line need not wait for the command.
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    dup2(nothing, standard);
  close(nothing);
}

// One of the command's streams: from its pipe into its file.
class Log {
 public:
  Log(const Record& record, std::string name) : record_(record), name_(std::move(name)) {}
  ~Log() {
    Close();
    if (file_ >= 0)
      close(file_);
  }
  Log(const Log&) = delete;

  // The end that the command writes to.
  int Open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pipe_ = ends[0];
    OpenFile();
    return ends[1];
  }

  int pipe() const { return pipe_; }
  void Close() {
    if (pipe_ >= 0)
      close(std::exchange(pipe_, -1));
  }

  // Takes what there is.
  void Take() {
    std::array<char, 65536> part{};
    while (pipe_ >= 0) {
      const ssize_t got = read(pipe_, part.data(), part.size());
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0 && errno == EAGAIN)
        return;
      if (got <= 0) {
        Close();
        return;
      }
      Keep({part.data(), static_cast<size_t>(got)});
    }
  }

 private:
  void OpenFile() {
    file_ = open(record_.PathOf(name_).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat status{};
    written_ = file_ >= 0 && fstat(file_, &status) == 0 ? status.st_size : 0;
  }

  // At the end of a line, if there is one: so the last line is never cut.
  void Keep(std::string_view text) {
    if (written_ + static_cast<int64_t>(text.size()) > kLogBytesMax) {
      const size_t line = text.rfind('\n', text.size() - 2);
      const size_t cut = line == std::string_view::npos ? 0 : line + 1;
      Write(text.substr(0, cut));
      text.remove_prefix(cut);
      Rotate();
    }
    Write(text);
  }

  void Rotate() {
    if (file_ >= 0)
      close(file_);
    rename(record_.PathOf(name_).c_str(), record_.PathOf(name_ + ".1").c_str());
    OpenFile();
  }

  // On a full disk the rest of the text is lost, and the command goes on.
  void Write(std::string_view text) {
    while (!text.empty() && file_ >= 0) {
      const ssize_t put = write(file_, text.data(), text.size());
      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return;
      written_ += put;
      text.remove_prefix(static_cast<size_t>(put));
    }
  }

  const Record& record_;
  const std::string name_;
  int pipe_ = -1;
  int file_ = -1;
  int64_t written_ = 0;
};

// Its input as a file without a name, so that nobody has to feed a pipe.
int InputOf(const std::string& text) {
  const int file = memfd_create("stdin", MFD_CLOEXEC);
  std::string_view rest = text;
  while (file >= 0 && !rest.empty()) {
    const ssize_t put = write(file, rest.data(), rest.size());
    if (put <= 0)
      break;
    rest.remove_prefix(static_cast<size_t>(put));
  }
  if (file >= 0)
    lseek(file, 0, SEEK_SET);
  return file;
}

struct Spawned {
  pid_t pid = -1;
  int error = 0;
};

Spawned Spawn(const json::object& request, int in, int out, int err) {
  std::vector<std::string> words, variables;
  for (const json::value& word : base::GetArray(request, "argv"))
    words.emplace_back(std::string_view(word.as_string()));
  for (const auto& item : base::GetObject(request, "env"))
    variables.push_back(
        Cat(std::string_view(item.key()), "=", std::string_view(item.value().as_string())));
  std::vector<char*> argv, env;
  for (std::string& word : words)
    argv.push_back(word.data());
  for (std::string& variable : variables)
    env.push_back(variable.data());
  argv.push_back(nullptr);
  env.push_back(nullptr);
  // posix_spawnp looks for the program in our own PATH.
  if (const json::value* path = base::GetObject(request, "env").if_contains("PATH"))
    setenv("PATH", std::string(std::string_view(path->as_string())).c_str(), 1);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  const std::string cwd = base::GetString(request, "cwd");
  if (!cwd.empty())
    posix_spawn_file_actions_addchdir_np(&actions, cwd.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  Spawned spawned;
  spawned.error =
      posix_spawnp(&spawned.pid, argv[0], &actions, &attributes, argv.data(), env.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return spawned;
}

// Who has warmed up a program forks it, instead of us starting it: request["warm"] is its socket
// (airflow/signalbox_airflow/warm.py). Its process begins to work once we say so on the connection,
// and its end is told there.
struct Forked {
  int connection = -1;  // -1: nobody does
  pid_t pid = -1;
};

// A line of JSON, without what follows it; nothing at the end or after so long.
std::optional<json::object> ReadLine(int from, int patience_ms) {
  std::string line;
  char next = 0;
  while (line.size() < 4096) {
    pollfd ready{from, POLLIN, 0};
    if (poll(&ready, 1, patience_ms) <= 0)
      return std::nullopt;
    const ssize_t got = read(from, &next, 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return std::nullopt;
    if (next == '\n') {
      auto parsed = base::ParseJson(line);
      return parsed && parsed->is_object() ? std::optional(std::move(parsed->get_object()))
                                           : std::nullopt;
    }
    line += next;
  }
  return std::nullopt;
}

bool SendWith(int to, std::string_view text, std::array<int, 3> descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(descriptors))> control{};
  while (!text.empty()) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptors[0] >= 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(descriptors));
      std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(descriptors));
    }
    const ssize_t put = sendmsg(to, &message, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    descriptors = {-1, -1, -1};
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

Forked Fork(const json::object& request, int in, int out, int err) {
  const std::string path = base::GetString(request, "warm");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::string text =
      Cat(base::Serialize(json::object{{"cwd", base::GetString(request, "cwd")},
                                       {"env", base::GetObject(request, "env")}}),
          "\n");
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      SendWith(connection, text, {in, out, err})) {
    const auto answer = ReadLine(connection, kForkMs);
    const auto pid = static_cast<pid_t>(answer ? base::GetInt(*answer, "pid") : 0);
    if (pid > 1)
      return {connection, pid};
  }
  close(connection);
  return {};
}

void Limit(pid_t pid, const json::object& limits) {
  const auto set = [&](__rlimit_resource which, std::string_view key, int64_t unit) {
    const int64_t most = base::GetInt(limits, key);
    if (most <= 0)
      return;
    const auto value = static_cast<rlim_t>(std::max<int64_t>(1, most / unit));
    const rlimit limit{value, value};
    prlimit(pid, which, &limit, nullptr);
  };
  set(RLIMIT_AS, "memory", 1);
  set(RLIMIT_FSIZE, "file_size", 1);
  set(RLIMIT_NOFILE, "open_files", 1);
  set(RLIMIT_CPU, "cpu_time_us", 1'000'000);
}

// The processes whose parent we are: the command, and, since we are their subreaper, those whose
// own parent has gone.
std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  std::string text;
  const int file =
      open(Cat("/proc/self/task/", getpid(), "/children").c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> part{};
  while (file >= 0) {
    const ssize_t got = read(file, part.data(), part.size());
    if (got <= 0)
      break;
    text.append(part.data(), static_cast<size_t>(got));
  }
  if (file >= 0)
    close(file);
  for (const std::string& word : base::Split(text, ' ')) {
    if (const auto pid = base::ParseInt(base::Trim(word)))
      children.push_back(static_cast<pid_t>(*pid));
  }
  return children;
}

class Supervisor {
 public:
  explicit Supervisor(const std::string& folder) : record_(folder) {}

  int Run() {
    fcntl(kLockDescriptor, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t ours;
    sigemptyset(&ours);
    for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGCHLD})
      sigaddset(&ours, each);
    sigprocmask(SIG_BLOCK, &ours, nullptr);
    signals_ = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    const auto request = ReadRequest();
    if (!request)
      return 1;  // nothing has begun
    if (!Begin(*request))
      return 1;
    while (!has_ended_)
      Wait();
    KillAll();
    Drain();
    Finish();
    return 0;
  }

 private:
  // False where nothing has begun, or that is told in `end`.
  bool Begin(const json::object& request) {
    if (record_.Has("stop")) {
      End end{{"end", "not_begun"}, {"text", "it was stopped before it began"}};
      WriteEnd(std::move(end));
      Tell("began");
      return false;
    }
    reserve_ = open(record_.PathOf("reserve").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (reserve_ < 0 || posix_fallocate(reserve_, 0, kReserveBytes) != 0) {
      Tell("not now: no room on the disk of the project");
      return false;
    }
    close(reserve_);
    began_at_ = WallMicros();
    const json::object began{{"boot", BootId()},
                             {"pid", getpid()},
                             {"start", StartOf(getpid()).value_or(0)},
                             {"at_us", began_at_}};
    if (const base::Status written = record_.Write("began", began); !written) {
      Tell(Cat("not now: ", written.error().message));
      return false;
    }
    const int in = InputOf(base::GetString(request, "stdin"));
    const int out = out_.Open(), err = err_.Open();
    const Forked forked = Fork(request, in, out, err);
    connection_ = forked.connection;
    const Spawned spawned =
        connection_ >= 0 ? Spawned{.pid = forked.pid} : Spawn(request, in, out, err);
    for (const int each : {in, out, err})
      close(each);
    if (spawned.error != 0) {
      Refuse(request, spawned.error);
      return false;
    }
    command_ = spawned.pid;
    if (connection_ >= 0)
      watched_ = static_cast<int>(syscall(SYS_pidfd_open, command_, 0));
    Limit(command_, base::GetObject(request, "limits"));
    // If this is lost, the command is still our child, and ends with us or before.
    (void)record_.Write("child", {{"pid", command_}, {"start", StartOf(command_).value_or(0)}});
    if (connection_ >= 0)
      (void)!write(connection_, "\n", 1);  // it ends if this fails, and that is noticed
    Tell("began");
    if (const int64_t most = base::GetInt(request, "timeout_us"); most > 0)
      timeout_ = Steady::now() + std::chrono::microseconds(most);
    if (record_.Has("stop"))
      Stop();
    return true;
  }

  // No memory or no more processes passes; everything else is a mistake in the request.
  void Refuse(const json::object& request, int error) {
    const bool passes = error == EAGAIN || error == ENOMEM || error == ENFILE || error == EMFILE;
    const std::string program(
        std::string_view(base::GetArray(request, "argv").front().as_string()));
    const std::string cwd = base::GetString(request, "cwd");
    const bool is_folder = !cwd.empty() && access(cwd.c_str(), X_OK) != 0;
    WriteEnd({{"end", passes ? "not_begun" : "refused"},
              {"text",
               is_folder ? Cat("the folder '", cwd, "' cannot be entered: ", std::strerror(errno))
                         : Cat("'", program, "' cannot be started: ", std::strerror(error))}});
    Tell("began");
  }

  void Wait() {
    // Who forked it says how it has ended; without that its end alone is seen.
    std::array<pollfd, 4> all{{{signals_, POLLIN, 0},
                               {out_.pipe(), POLLIN, 0},
                               {err_.pipe(), POLLIN, 0},
                               {connection_ >= 0 ? connection_ : watched_, POLLIN, 0}}};
    poll(all.data(), all.size(), Patience());
    if (all[3].revents != 0)
      OnForkedNews();
    out_.Take();
    err_.Take();
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo == SIGTERM && record_.Has("stop"))
        Stop();
    }
    const auto now = Steady::now();
    if (timeout_ && now >= *timeout_) {
      timeout_.reset();
      timed_out_ = true;
      Stop();
    }
    if (kill_ && now >= *kill_) {
      kill_ = now + std::chrono::seconds(1);
      kill(-command_, SIGKILL);
    }
    Reap();
  }

  void OnForkedNews() {
    if (connection_ < 0) {
      has_ended_ = true;
      ended_at_ = WallMicros();
      return;
    }
    const auto news = ReadLine(connection_, 1000);
    close(std::exchange(connection_, -1));
    if (!news)
      return;
    has_ended_ = true;
    status_ = static_cast<int>(base::GetInt(*news, "status"));
    ended_at_ = WallMicros();
  }

  int Patience() const {
    std::optional<Steady::time_point> next = timeout_;
    if (kill_ && (!next || *kill_ < *next))
      next = kill_;
    if (!next)
      return -1;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(*next - Steady::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left + 1, 0, 60'000));
  }

  void Stop() {
    if (kill_)
      return;
    kill_ = Steady::now() + kGrace;
    kill(-command_, SIGTERM);
    kill(-command_, SIGCONT);
  }

  void Reap() {
    int status = 0;
    while (true) {
      const pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid <= 0)
        return;
      if (pid != command_)
        continue;
      has_ended_ = true;
      status_ = status;
      ended_at_ = WallMicros();
    }
  }

  // What the command has left running, in its group or out of it.
  void KillAll() {
    kill(-command_, SIGKILL);
    if (watched_ >= 0)
      return KillAllOf(record_);  // none of it is our child
    for (const auto until = Steady::now() + kDrain; Steady::now() < until;) {
      const std::vector<pid_t> left = Children();
      if (left.empty())
        return;
      for (const pid_t pid : left)
        kill(pid, SIGKILL);
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void Drain() {
    const auto until = Steady::now() + kDrain;
    while ((out_.pipe() >= 0 || err_.pipe() >= 0) && Steady::now() < until) {
      std::array<pollfd, 2> all{{{out_.pipe(), POLLIN, 0}, {err_.pipe(), POLLIN, 0}}};
      poll(all.data(), all.size(), 10);
      out_.Take();
      err_.Take();
    }
  }

  void Finish() {
    End end{{"end", "ended"}};
    if (status_ && WIFSIGNALED(*status_))
      end["signal"] = WTERMSIG(*status_);
    else if (status_)
      end["exit_code"] = WEXITSTATUS(*status_);
    if (timed_out_)
      end["timed_out"] = true;
    end["text"] = LastError();
    WriteEnd(std::move(end));
  }

  // The last line of stderr that is not empty.
  std::string LastError() const {
    return base::Excerpt(base::PrintableLine(LastLineOf(record_.Tail("stderr", kLastErrorBytes))));
  }

  // Until it is written: as long as it is not, the lock says that the command is looked after.
  void WriteEnd(End end) {
    if (began_at_ != 0)
      end["began_at_us"] = began_at_;
    end["ended_at_us"] = ended_at_ != 0 ? ended_at_ : WallMicros();
    unlink(record_.PathOf("reserve").c_str());
    while (!record_.Write("end", end)) {
      if (!record_.Exists())
        return;  // somebody has removed it, and nobody asks any more
      std::this_thread::sleep_for(kWriteAgain);
    }
  }

  const Record record_;
  Log out_{record_, "stdout"};
  Log err_{record_, "stderr"};
  int signals_ = -1;
  int reserve_ = -1;
  pid_t command_ = -1;
  int64_t began_at_ = 0;
  int64_t ended_at_ = 0;
  std::optional<Steady::time_point> timeout_;
  std::optional<Steady::time_point> kill_;
  bool timed_out_ = false;
  bool has_ended_ = false;
  std::optional<int> status_;  // none: who forked it has died before
  int connection_ = -1;        // to who forked it
  int watched_ = -1;           // the process that was forked
};

}  // namespace

int Supervise(const std::string& folder) {
  return Supervisor(folder).Run();
}

}  // namespace machine
