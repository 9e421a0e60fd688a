#pragma once

// Secrets that a person types: never in an argument, which everybody on the machine can read.

#include <string>

#include "cli/failure.h"

namespace cli {

// At a terminal the person is asked, and what is typed is not shown; else it is the next line of
// stdin. kUsage where there is none.
Outcome<std::string> ReadSecret(const std::string& question);
// At a terminal it is asked for twice, because nobody sees what is typed.
Outcome<std::string> ReadNewSecret(const std::string& question);

}  // namespace cli
