#pragma once

// The supervisor: a process of its own for each command, which outlives Signalbox and writes down
// how the command ended. It is `signalbox supervise FOLDER`, started by machine.h alone.
//
//   stdin         the request (work/command/request.h), with its secrets, until end of file
//   stdout        one line: "began" (the record tells the rest), or "not now: why"
//   descriptor 3  the record's lock, held
//
// SIGTERM with a file `stop` in the record ends the command: SIGTERM to its process group, and
// SIGKILL to all that is left of it after kGrace. Without that file it does nothing: a shutdown of
// the machine tells the command itself.
//
// Once the command has ended, whatever it has left running is killed.

#include <string>

#include "base/time.h"

namespace machine {

inline constexpr base::Duration kGrace = base::seconds(10);

// The exit code of the supervisor, which nobody reads.
int Supervise(const std::string& folder);

}  // namespace machine
