#pragma once

// Log lines: one JSON object a line on stderr, {"t": wall time, "level", "event", …fields}. For
// operators' tools; people are shown messages by the CLI. Never a secret in a field.
//
// Thread-safe.

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogField = std::pair<std::string_view, json::value>;

void SetLogLevel(LogLevel lowest);
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void LogInfo(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, event, fields);
}

}  // namespace base
