#pragma once

// Names that only a server knows, for the completion of a command line: people wait for them, so it
// has a moment, and what goes wrong is nothing to complete.

#include <string>
#include <vector>

#include "cli/server_client.h"

namespace cli {

struct Candidate {
  std::string text;
  std::string about;  // one line; may be ""
};

enum class Names { kDags, kRuns, kTasks, kPools, kClusters };

// What has been typed of the command so far, as far as it is known.
struct NamesWanted {
  Names kind = Names::kDags;
  ServerChoice server;
  std::string dag, run;  // that runs and tasks are of
  std::string prefix;
};
std::vector<Candidate> AskForNames(const NamesWanted& wanted);

// For the shell `shell` (bash, zsh, fish): has it ask `signalbox __complete`.
std::string CompletionScript(const std::string& shell);

}  // namespace cli
