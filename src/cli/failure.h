#pragma once

// How a command ends: nothing, or one message for a person and an exit code for a script. main()
// alone prints the message.

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/result.h"

namespace cli {

// Scripts rely on the numbers.
enum class Exit {
  kOk = 0,
  kFailed = 1,  // the run failed; what was asked for was refused
  kUsage = 2,   // the command line is wrong
  kInvalidProject = 3,
  kUnreachable = 4,  // no server answers
  kLocked = 5,       // the database belongs to another process
  kEnvironment = 6,  // credentials, disk, permissions, ports
};

struct Failure {
  Exit exit = Exit::kFailed;
  std::string message;  // what went wrong and how to fix it; "" where all is said already
  int status = 0;       // that the server answered with; 0: it did not come to an answer
};

template <typename T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> Fail(Exit exit, std::string message) {
  return tl::unexpected<Failure>(Failure{.exit = exit, .message = std::move(message)});
}

// Of the environment's making: a file, a port, a child process.
inline tl::unexpected<Failure> FailEnvironment(const base::Error& error) {
  return Fail(Exit::kEnvironment, error.message);
}

}  // namespace cli
