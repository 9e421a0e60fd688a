#pragma once

// Log lines: one JSON object a line on stderr, {"t": wall time, "level", "event", …fields}. For
// operators' tools; people are shown messages by the CLI. Never a secret in a field.
//
// Thread-safe.

#include <string_view>

#include "base/json.h"

namespace base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// kOff: none at all.
void SetLogLevel(LogLevel lowest);
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
