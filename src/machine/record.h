#pragma once

// The record of one process on disk: a folder that its token names. It says what a later life of
// Signalbox must know, whatever has died in between.
//
//   lock      held locked by the supervisor while it lives; the kernel lets go of it
//   began     {"boot", "pid", "start", "at_us"}: the supervisor; synced before the command is
//             started, so that one that has a `began` is never started again
//   child     {"pid", "start"}: the command, which leads a process group
//   stop      it is to end, or never to begin
//   stdout, stderr    what it printed; the older part, if it was much, in stdout.1 and stderr.1
//   outputs   the file that SIGNALBOX_OUTPUTS names
//   told      what it has told us by another way (told.h)
//   end       how it ended; synced. Nothing follows
//   reserve   room for `end` on a disk that is full by then
//
// A process is known again by the boot's id, its pid and its start time: no other has all three
// (proc(5): /proc/PID/stat, field 22; /proc/sys/kernel/random/boot_id).
//
// Thread rule: any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace machine {

// The descriptor of `lock` in the supervisor.
inline constexpr int kLockDescriptor = 3;
// Bytes of each of stdout and stderr until the older half goes.
inline constexpr int64_t kLogBytesMax = int64_t{16} << 20;

struct ProcessId {
  pid_t pid = 0;
  std::string boot;   // "" in `child`: that of `began`
  int64_t start = 0;  // clock ticks since the boot
};
std::string BootId();
// Nothing where there is no such process.
std::optional<int64_t> StartOf(pid_t pid);
bool IsAlive(const ProcessId& id);

ProcessId IdOf(const json::object& content, const std::string& boot);

// How it ended, as `end` holds it.
//   {"end": "ended" | "refused" | "not_begun" | "lost", "exit_code", "signal", "timed_out", "text",
//    "began_at_us", "ended_at_us"}
using End = json::object;

class Record {
 public:
  // The folder of all records, and the token.
  Record(std::string_view folder, std::string_view token);
  explicit Record(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view file) const { return path_ + "/" + std::string(file); }

  bool Exists() const;
  base::Status Make() const;
  bool Has(std::string_view file) const;
  // Nothing where it is absent or broken.
  std::optional<json::object> Read(std::string_view file) const;
  // Written beside, synced, renamed, and the folder synced.
  base::Status Write(std::string_view file, const json::object& content) const;
  // The lock, held, as a descriptor that is closed on exec; nothing where another holds it.
  base::Result<std::optional<int>> TryLock() const;

  // The last `most` bytes of a text that may have an older part.
  std::string Tail(std::string_view file, size_t most) const;

 private:
  std::string path_;
};

// The last line that is not empty; "" where there is none.
std::string LastLineOf(std::string_view text);

// The tokens of all records there are.
std::vector<std::string> Tokens(const std::string& folder);

// What runs of the record's command, in its group or out of it, is killed. REQUIRES: it began since
// the machine did.
void KillAllOf(const Record& record);

int64_t WallMicros();

}  // namespace machine
