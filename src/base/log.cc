#include "base/log.h"

#include <map>
#include <mutex>
#include <string>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/log_queue.h"
#include "base/mask.h"
#include "base/text.h"

namespace base {

namespace internal {
std::atomic<LogLevel> lowest_log_level{LogLevel::kWarning};
}

namespace {

constexpr size_t kShortestSecret = 8;  // less would mask common words
constexpr auto kStopPatience = std::chrono::seconds(1);

std::atomic<LogFormat> format{LogFormat::kJson};
std::atomic<LogQueue*> queue{nullptr};

struct Secrets {
  std::mutex mutex;
  std::map<std::string, std::string> by_name;
};
Secrets& HiddenSecrets() {
  static auto& secrets = *new Secrets;  // lines may come until the very end
  return secrets;
}

std::string Masked(std::string line) {
  line = MaskSecrets(line);
  Secrets& secrets = HiddenSecrets();
  const std::lock_guard lock(secrets.mutex);
  for (const auto& [name, secret] : secrets.by_name) {
    if (line.find(secret) != std::string::npos)
      line = ReplaceAll(line, secret, "***");
  }
  return line;
}

std::string Line(LogLevel level, std::string_view event, const json::object& fields) {
  return Masked(FormatLogLine({Clock::Wall(), level, event, fields}, format));
}

}  // namespace

Status StartLog(const LogOptions& options) {
  SetLogLevel(options.lowest);
  format = options.format;
  auto started = LogQueue::Start(
      {.file = options.file,
       .suppressed =
           [](std::string_view kind, uint64_t count) {
             return Line(LogLevel::kWarning, "log_suppressed", {{"of", kind}, {"count", count}});
           },
       .dropped =
           [](uint64_t count) {
             return Line(LogLevel::kWarning, "log_lines_dropped", {{"count", count}});
           }});
  if (!started)
    return Fail(started.error());
  queue = *started;
  return {};
}

void ReopenLog() {
  if (LogQueue* to = queue)
    to->Reopen();
}

void StopLog() {
  if (LogQueue* to = queue)
    to->Stop(kStopPatience);
}

void SetLogLevel(LogLevel lowest) {
  internal::lowest_log_level = lowest;
}

void HideInLog(std::string name, std::string secret) {
  if (secret.size() < kShortestSecret)
    return;
  Secrets& secrets = HiddenSecrets();
  const std::lock_guard lock(secrets.mutex);
  secrets.by_name[std::move(name)] = std::move(secret);
}

uint64_t LogLinesDropped() {
  const LogQueue* from = queue;
  return from == nullptr ? 0 : from->lines_dropped();
}

void Log(LogLevel level, std::string_view event, const json::object& fields) {
  if (!IsLogged(level))
    return;
  if (LogQueue* to = queue) {
    if (to->Admit(event))
      to->Push(Line(level, event, fields));
    return;
  }
  const std::string text = Line(level, event, fields);
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace base
