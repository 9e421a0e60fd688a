#include "cli/server_log.h"

#include <csignal>

#include "base/text.h"

namespace cli {

Outcome<std::unique_ptr<ServerLog>> ServerLog::Start(const base::LogOptions& options,
                                                     http::Loop& loop) {
  std::signal(SIGPIPE, SIG_IGN);
  if (auto started = base::StartLog(options); !started)
    return Fail(Exit::kEnvironment, base::Cat("--log-file: ", started.error().message));
  if (!options.file.empty())
    loop.OnHangup([] { base::ReopenLog(); });
  return std::unique_ptr<ServerLog>(new ServerLog);
}

ServerLog::~ServerLog() {
  base::StopLog();
}

}  // namespace cli
