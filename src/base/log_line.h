#pragma once

// One log line as text. Pure.

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace base {

struct LogLine {
  Time at;
  LogLevel level = LogLevel::kInfo;
  std::string_view event;
  const json::object& fields;
};

std::string_view LogLevelName(LogLevel level);  // "info"
// With its line end; long values are cut. Valid UTF-8 without control characters.
std::string FormatLogLine(const LogLine& line, LogFormat format);

}  // namespace base
