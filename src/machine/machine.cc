#include "machine/machine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "base/json_text.h"
#include "base/safe_text.h"
#include "base/text.h"
#include "machine/supervisor.h"
#include "machine/told.h"

namespace machine {

namespace {

using base::Cat;
using Steady = std::chrono::steady_clock;

constexpr size_t kOutputsBytesMax = size_t{48} << 10;
// How long a supervisor may take to say that it has begun: it writes three small files.
constexpr int kHandshakeMs = 20'000;
// How often the lock of a supervisor is looked at whose process cannot be watched.
constexpr int kLookMs = 1000;
constexpr auto kSweepFirst = std::chrono::hours(1);
constexpr auto kSweepEvery = std::chrono::hours(6);

base::Error NotNow(std::string message) {
  return {base::ErrorCode::kUnavailable, std::move(message)};
}

void CloseAll(std::initializer_list<int> descriptors) {
  for (const int each : descriptors) {
    if (each >= 0)
      close(each);
  }
}

bool Feed(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(to, text.data(), text.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

// What the supervisor says; "" where it ended or said nothing in time.
std::string Hear(int from) {
  std::string line;
  const auto until = Steady::now() + std::chrono::milliseconds(kHandshakeMs);
  while (Steady::now() < until) {
    pollfd waits{from, POLLIN, 0};
    if (poll(&waits, 1, kLookMs) <= 0)
      continue;
    std::array<char, 512> part{};
    const ssize_t got = read(from, part.data(), part.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    line.append(part.data(), static_cast<size_t>(got));
    if (line.ends_with('\n'))
      return line.substr(0, line.size() - 1);
  }
  return "";
}

ProcessId SupervisorOf(const Record& record) {
  const auto began = record.Read("began");
  return began ? IdOf(*began, base::GetString(*began, "boot")) : ProcessId();
}

int Watch(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

void AddOutputs(const Record& record, const std::string& kind, json::object& end) {
  std::optional<std::string> text;
  if (kind == "told") {
    end["outputs"] = base::Serialize(ReadTold(record));
  } else if (kind == "last_line") {
    if (std::string line = LastLineOf(record.Tail("stdout", kOutputsBytesMax + 4096));
        !line.empty())
      text = std::move(line);
  } else if (kind == "file" && record.Has("outputs")) {
    text = record.Tail("outputs", kOutputsBytesMax + 1);
  }
  if (!text)
    return;
  if (text->size() > kOutputsBytesMax)
    end["outputs_too_large"] = true;
  else
    end["outputs"] = base::ValidUtf8(*std::move(text));
}

}  // namespace

bool IsPassedOn(std::string_view name) {
  return !name.starts_with("SIGNALBOX_") && !name.starts_with("AIRFLOW_VAR_") &&
         !name.starts_with("AIRFLOW_CONN_");
}

Machine::Machine(Options options)
    : options_(std::move(options)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      next_sweep_(Steady::now() + kSweepFirst),
      thread_([this] { Run(); }) {}

Machine::~Machine() {
  {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
  }
  Wake();
  thread_.join();
  for (const Watched& each : watched_)
    CloseAll({each.descriptor});
  close(wake_);
}

void Machine::Wake() {
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof(one));
}

void Machine::Post(std::function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  Wake();
}

void Machine::Start(std::string token, json::object request, Done done) {
  Post([this, token = std::move(token), request = std::move(request), done = std::move(done)] {
    done(StartNow(token, request));
  });
}

void Machine::Await(std::string token, std::string outputs, Done done) {
  Post([this, watched = Watched{std::move(token), -1, std::move(outputs), std::move(done)}] {
    AwaitNow(watched);
  });
}

void Machine::Tell(std::string token, json::object more, Done done) {
  Post([this, token = std::move(token), more = std::move(more), done = std::move(done)] {
    const Record record(options_.folder, token);
    done(more.empty() ? ReadTold(record) : machine::Tell(record, more));
  });
}

void Machine::Stop(std::string token, Done done) {
  Post([this, token = std::move(token), done = std::move(done)] { done(StopNow(token)); });
}

void Machine::List(Done done) {
  Post([this, done = std::move(done)] {
    json::array tokens;
    for (const std::string& token : Tokens(options_.folder)) {
      const auto lock = Record(options_.folder, token).TryLock();
      if (lock && !*lock)
        tokens.emplace_back(token);
      else if (lock)
        close(**lock);
    }
    done(json::object{{"tokens", std::move(tokens)}});
  });
}

void Machine::Run() {
  while (true) {
    std::deque<std::function<void()>> tasks;
    {
      const std::scoped_lock lock(mutex_);
      if (is_over_)
        return;
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks)
      task();
    if (Steady::now() >= next_sweep_) {
      next_sweep_ = Steady::now() + kSweepEvery;
      Sweep();
    }
    if (!tasks.empty())
      continue;
    std::vector<pollfd> all{{wake_, POLLIN, 0}};
    bool looks = false;
    for (const Watched& each : watched_) {
      if (each.descriptor >= 0)
        all.push_back({each.descriptor, POLLIN, 0});
      looks = looks || each.descriptor < 0;
    }
    poll(all.data(), all.size(), looks ? kLookMs : 60'000);
    uint64_t count = 0;
    (void)!read(wake_, &count, sizeof(count));
    std::vector<Watched> over;
    std::erase_if(watched_, [&](Watched& each) {
      const auto ready = std::ranges::find(all, each.descriptor, &pollfd::fd);
      const bool may_be_over = each.descriptor < 0 || (ready != all.end() && ready->revents != 0);
      if (may_be_over)
        over.push_back(std::move(each));
      return may_be_over;
    });
    for (Watched& each : over) {
      CloseAll({std::exchange(each.descriptor, -1)});
      AwaitNow(std::move(each));
    }
  }
}

base::Result<json::object> Machine::StartNow(const std::string& token, json::object request) {
  if (options_.folder.empty())
    return base::Fail(NotNow("there is no folder for the records of processes"));
  const Record record(options_.folder, token);
  RETURN_IF_ERROR(record.Make());
  ASSIGN_OR_RETURN(const std::optional<int> lock, record.TryLock());
  const auto began = record.Read("began");
  json::object answer;
  if (began)
    answer["began_at_us"] = base::GetInt(*began, "at_us");
  // Another supervisor has it, has had it, or it is not to begin.
  if (began || record.Has("began") || record.Has("end")) {
    CloseAll({lock.value_or(-1)});
    return answer;
  }
  if (!lock)
    return base::Fail(NotNow(Cat("the supervisor of ", token, " has not said yet that it began")));
  auto spawned = Spawn(record, WithEnvironment(std::move(request), record), *lock);
  close(*lock);
  return spawned;
}

json::object Machine::WithEnvironment(json::object request, const Record& record) const {
  json::object env;
  for (const auto& [name, value] : options_.environment)
    env[name] = value;
  for (const auto& item : base::GetObject(request, "env"))
    env[item.key()] = item.value();
  env["SIGNALBOX_OUTPUTS"] = record.PathOf("outputs");
  request["env"] = std::move(env);
  if (base::GetString(request, "cwd").empty())
    request["cwd"] = options_.cwd;
  return request;
}

base::Result<json::object> Machine::Spawn(const Record& record,
                                          const json::object& request,
                                          int lock) {
  std::array<int, 2> in{-1, -1}, out{-1, -1};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) {
    const std::string why = std::strerror(errno);
    CloseAll({in[0], in[1], out[0], out[1]});
    return base::Fail(NotNow(Cat("no pipe for a supervisor: ", why)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  // dup2 to itself would leave it to be closed on exec.
  const int kept = lock == kLockDescriptor ? fcntl(lock, F_DUPFD_CLOEXEC, 10) : lock;
  posix_spawn_file_actions_adddup2(&actions, kept, kLockDescriptor);
  // It outlives us, and must not hold the ports that we listen on.
  posix_spawn_file_actions_addclosefrom_np(&actions, kLockDescriptor + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string path = record.path(), name = "signalbox", verb = "supervise";
  std::array<char*, 4> argv{name.data(), verb.data(), path.data(), nullptr};
  std::array<char*, 1> env{nullptr};
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, options_.program.c_str(), &actions, &attributes, argv.data(), env.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  CloseAll({in[0], out[1], kept == lock ? -1 : kept});
  if (error != 0) {
    CloseAll({in[1], out[0]});
    return base::Fail(NotNow(Cat("no process for a supervisor: ", std::strerror(error))));
  }
  Feed(in[1], base::Serialize(request));
  close(in[1]);
  const std::string said = Hear(out[0]);
  close(out[0]);
  if (said != "began") {
    waitpid(pid, nullptr, WNOHANG);
    if (!record.Has("began"))
      return base::Fail(NotNow(said.empty() ? "the supervisor has ended without a word" : said));
  }
  json::object answer;
  if (const auto began = record.Read("began"))
    answer["began_at_us"] = base::GetInt(*began, "at_us");
  return answer;
}

base::Result<json::object> Machine::StopNow(const std::string& token) {
  const Record record(options_.folder, token);
  RETURN_IF_ERROR(record.Make());
  if (record.Has("end"))
    return json::object();
  RETURN_IF_ERROR(record.Write("stop", {{"at_us", WallMicros()}}));
  ASSIGN_OR_RETURN(const std::optional<int> lock, record.TryLock());
  if (lock) {
    // Nobody supervises it: it has not begun, and never will, or its supervisor has died.
    if (!record.Has("began") && !record.Has("end"))
      (void)record.Write("end", {{"end", "not_begun"}, {"text", "it was stopped before it began"}});
    close(*lock);
    return json::object();
  }
  const ProcessId supervisor = SupervisorOf(record);
  if (supervisor.pid == 0)
    return base::Fail(NotNow(Cat("the supervisor of ", token, " has not said yet that it began")));
  // The lock is held, so that this is the one.
  kill(supervisor.pid, SIGTERM);
  return json::object();
}

void Machine::AwaitNow(Watched watched) {
  if (auto end = EndOf(watched.token, watched.outputs)) {
    watched.done(*std::move(end));
    return;
  }
  const ProcessId supervisor = SupervisorOf(Record(options_.folder, watched.token));
  watched.descriptor = supervisor.pid > 0 ? Watch(supervisor.pid) : -1;
  // It may have ended in between.
  if (watched.descriptor >= 0 && !IsAlive(supervisor)) {
    CloseAll({std::exchange(watched.descriptor, -1)});
  }
  watched_.push_back(std::move(watched));
}

std::optional<json::object> Machine::EndOf(const std::string& token, const std::string& outputs) {
  const Record record(options_.folder, token);
  if (!record.Exists())
    return json::object{{"end", "lost"}, {"text", "its record is gone"}};
  const auto lock = record.TryLock();
  if (!lock || !*lock)
    return std::nullopt;  // it lives, or that cannot be known now
  auto end = record.Read("end");
  if (!end)
    end = Lost(record);
  close(**lock);
  if (const ProcessId supervisor = SupervisorOf(record); supervisor.boot == BootId())
    waitpid(supervisor.pid, nullptr, WNOHANG);  // if it was our child
  AddOutputs(record, outputs, *end);
  return end;
}

// The supervisor has died. What it had started is killed: nobody would see its end.
json::object Machine::Lost(const Record& record) const {
  const auto began = record.Read("began");
  json::object end{{"end", "lost"}};
  if (!began) {
    end = {{"end", "not_begun"}, {"text", "its supervisor ended before it began"}};
  } else {
    const std::string boot = base::GetString(*began, "boot");
    end["began_at_us"] = base::GetInt(*began, "at_us");
    end["text"] = boot == BootId() ? "its supervisor has died" : "the machine was restarted";
    if (boot == BootId())
      KillAllOf(record);
  }
  end["ended_at_us"] = WallMicros();
  (void)record.Write("end", end);
  return end;
}

void Machine::Sweep() {
  const int64_t until = WallMicros() - options_.keep.count();
  for (const std::string& token : Tokens(options_.folder)) {
    const Record record(options_.folder, token);
    const auto end = record.Read("end");
    if (!end || base::GetInt(*end, "ended_at_us") > until)
      continue;
    std::error_code ignored;
    std::filesystem::remove_all(record.path(), ignored);
  }
}

}  // namespace machine
