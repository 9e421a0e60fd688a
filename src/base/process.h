#pragma once

// Child processes by posix_spawn (never fork: with a large resident set fork is a hundred times
// slower). A Process that is destroyed kills its child: nothing that we start outlives us by
// accident.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace base {

struct ProcessOptions {
  std::vector<std::string> argv;           // argv[0] is looked up in PATH
  std::map<std::string, std::string> env;  // added to ours; an empty value removes the variable
  std::string stdout_path;                 // "" keeps ours; else appended to
  std::string stderr_path;
  bool pipe_stdout = false;  // ReadLine() then reads it; excludes stdout_path
  bool pipe_stdin = false;   // Write() then writes to it; own_group leaves it
  bool only_env = false;     // `env` is all that the child has of an environment
  std::string directory;     // "" keeps ours
  // The child leads a process group of its own, with nothing on stdin; signals reach the whole
  // group, and what is left of it when the child has ended is killed.
  bool own_group = false;
};

// No core dump of this process or its children, and no look into its memory by other processes of
// the same user: they would show its credentials.
void ForbidCoreDumps();

class Process {
 public:
  static Result<Process> Start(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  // A line of a piped stdout without its newline; nothing at its end or after `timeout`.
  std::optional<std::string> ReadLine(Duration timeout);
  // What a piped stdout has to give now, "" for nothing yet; nothing at its end. Never waits.
  std::optional<std::string> ReadNow();
  // To a piped stdin, whole; waits as long as the child does not read. kUnavailable where nobody
  // reads it any more.
  Status Write(std::string_view text);
  // Only ever to this child (or its group), and only while it has not been waited for.
  void Signal(int signal);
  // The exit code (128 + signal number where a signal ended it); nothing while it runs.
  std::optional<int> Poll();
  // Waits up to `timeout`, then SIGKILLs; returns the exit code.
  int WaitOrKill(Duration timeout);

 private:
  Process() = default;
  bool HasEnded() const;
  pid_t pid_ = -1;
  bool own_group_ = false;
  int out_ = -1;
  int in_ = -1;
  std::string buffer_;
  std::optional<int> exit_;
};

}  // namespace base
