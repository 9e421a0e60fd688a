#include "base/log_line.h"

#include <algorithm>
#include <cctype>

#include "base/safe_text.h"
#include "base/text.h"

namespace base {

namespace {

constexpr size_t kLongestValue = 2000;  // characters of one text

bool IsPlain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_-./:@+,*[]~").find(c) != std::string::npos;
  });
}

json::value Cut(const json::value& value) {
  if (!value.is_string() || value.get_string().size() <= kLongestValue)
    return value;
  return json::value(Excerpt(std::string_view(value.get_string()), kLongestValue));
}

std::string TextOf(const json::value& field) {
  const json::value value = Cut(field);
  if (value.is_string() && IsPlain(value.get_string()))
    return std::string(value.get_string());
  return json::serialize(value);
}

std::string AsJson(const LogLine& line) {
  json::object out;
  out["t"] = FormatRfc3339(line.at);
  out["level"] = LogLevelName(line.level);
  out["event"] = line.event;
  for (const auto& [name, value] : line.fields)
    out[name] = Cut(value);
  return json::serialize(out);
}

std::string AsText(const LogLine& line) {
  std::string level(LogLevelName(line.level));
  std::ranges::transform(level, level.begin(), [](unsigned char c) { return std::toupper(c); });
  level.resize(std::max<size_t>(level.size(), 7), ' ');
  std::string out = Cat(FormatRfc3339(line.at), " ", level, " ", line.event);
  for (const auto& [name, value] : line.fields)
    out += Cat(" ", std::string_view(name), "=", TextOf(value));
  return out;
}

}  // namespace

std::string_view LogLevelName(LogLevel level) {
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
      return "off";
  }
  return "";
}

std::optional<LogLevel> ParseLogLevel(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(LogLevel::kOff); ++i) {
    if (LogLevelName(static_cast<LogLevel>(i)) == text)
      return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string FormatLogLine(const LogLine& line, LogFormat format) {
  std::string out = PrintableLine(format == LogFormat::kJson ? AsJson(line) : AsText(line));
  out += '\n';
  return out;
}

}  // namespace base
