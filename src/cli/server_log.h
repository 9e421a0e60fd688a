#pragma once

// The log of a program that serves: its options on the command line, and how long it lasts.

#include <memory>
#include <string>

#include "base/log.h"
#include "cli/failure.h"
#include "http/loop.h"

namespace cli {

// From here until it is destroyed the program's lines go through a queue (base/log.h), and a
// stream that nobody reads any more is no reason to die. With a file, SIGHUP opens it again.
class ServerLog {
 public:
  static Outcome<std::unique_ptr<ServerLog>> Start(const base::LogOptions& options,
                                                   http::Loop& loop);
  ~ServerLog();
  ServerLog(const ServerLog&) = delete;

 private:
  ServerLog() = default;
};

}  // namespace cli
