#pragma once

// Log lines, for operators: one line an event on stderr or in a file, as text or as JSON,
// {"t": wall time, "level", "event", …fields}. People at a terminal are shown messages by the CLI.
//
// StartLog hands the lines to a thread with a bounded queue (log_queue.h): a reader that has
// stopped or is gone never holds up the program. Without it, as in the forwarder, lines are JSON
// and are written at once, from warnings on.
//
// Secrets are masked: those that HideInLog was given, and what looks like one (mask.h). What
// others sent is made printable and is cut.
//
// Thread-safe.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };
std::optional<LogLevel> ParseLogLevel(std::string_view text);  // "info"

struct LogOptions {
  LogLevel lowest = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
  std::string file;  // appended to; "": stderr
};

// Once, early in main. An error where the file cannot be opened.
Status StartLog(const LogOptions& options);
// After the file was moved away: a new one is begun under the same name.
void ReopenLog();
// Writes what is queued, for at most a second. Lines that come later are lost.
void StopLog();

// kOff: none at all.
void SetLogLevel(LogLevel lowest);
// A secret to be masked wherever it turns up in a line, until another takes its name.
void HideInLog(std::string name, std::string secret);
// Lines that the queue had no room for, or that could not be written.
uint64_t LogLinesDropped();

namespace internal {
extern std::atomic<LogLevel> lowest_log_level;
}
// Where lines are frequent or costly to build: to be asked first.
inline bool IsLogged(LogLevel level) {
  return level >= internal::lowest_log_level.load(std::memory_order_relaxed);
}

// LogInfo("run_created", {{"dag", dag.str()}, {"jobs", 17}})
void Log(LogLevel level, std::string_view event, const json::object& fields = {});

inline void LogInfo(std::string_view event, const json::object& fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, const json::object& fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, const json::object& fields = {}) {
  Log(LogLevel::kError, event, fields);
}

}  // namespace base
