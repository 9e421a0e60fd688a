#include "base/log.h"

#include <atomic>
#include <string>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_text.h"

namespace base {

namespace {
std::atomic<LogLevel> lowest_level{LogLevel::kInfo};

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      break;
  }
  return "error";
}
}  // namespace

void SetLogLevel(LogLevel lowest) {
  lowest_level = lowest;
}

void Log(LogLevel level, std::string_view event, const json::object& fields) {
  if (level < lowest_level)
    return;
  json::object line;
  line["t"] = FormatRfc3339(Clock::Wall());
  line["level"] = Name(level);
  line["event"] = event;
  for (const auto& [name, value] : fields)
    line[name] = value;
  std::string text = base::Serialize(line);
  text += '\n';
  // One write a line, so that lines of several processes on one stream do not mix.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace base
