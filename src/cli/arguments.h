#pragma once

// How commands appear on the command line. Each arguments_*.cc declares one group of commands with
// their arguments and flags; `commands.h` says what the commands are asked. Only these files and
// main.cc know CLI11.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"

namespace cli {

// What the command line chose.
using Action = std::function<Outcome<void>()>;

// A command and its options. CLI11 keeps pointers to the options, so the command owns them.
template <typename Options>
struct Command {
  CLI::App* app;
  Options& options;
};

// Adds a command to `parent`. If the command line names it, `chosen` becomes `run` on its options.
template <typename Options, typename Run>
Command<Options> AddCommand(
    CLI::App& parent, const std::string& name, const std::string& about, Action& chosen, Run run) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(name, about);
  app->callback([&chosen, options, run = std::move(run)] {
    chosen = [options, run] { return run(*options); };
  });
  return {app, *options};
}

// One for each group.
void AddProcesses(CLI::App& app, Action& chosen);  // standalone, emulator, demo
void AddDags(CLI::App& app, Action& chosen);
void AddTasks(CLI::App& app, Action& chosen);
void AddClusters(CLI::App& app, Action& chosen);
void AddAccount(CLI::App& app, Action& chosen);  // aws, health, budget, pools, deadlines, why
void AddEstate(CLI::App& app, Action& chosen);   // events, limits, sources
void AddAsked(CLI::App& app, Action& chosen);    // backfill, holes, holds, drain
void AddAssets(CLI::App& app, Action& chosen);
void AddReads(CLI::App& app,
              Action& chosen);  // those of reads.h: after the groups that they add to
void AddSecrets(CLI::App& app, Action& chosen);  // variables, connections, secrets
void AddNotifiers(CLI::App& app, Action& chosen);
void AddMigrate(CLI::App& app, Action& chosen);
void AddCompletion(CLI::App& app, Action& chosen);

// What may stand for the last of `words`, which follow the program's name: a line each, with a tab
// and a few words about it. For the scripts of `completion`.
void PrintCompletions(const CLI::App& app, const std::vector<std::string>& words);

void AddAccounts(CLI::App& app, Action& chosen);  // users, tokens, sessions, roles, login, audit

// Options that several commands share.
void AddFormat(CLI::App* command, Format* format);
void AddServerChoice(CLI::App* command, ServerChoice* server);
void AddServer(CLI::App* command, LiveOptions* live);  // with the format
void AddConsent(CLI::App* command, Consent* consent);
void AddLatestVersion(CLI::App* command, bool* latest_version);
// --state and --limit; `states` are those that there are.
void AddFilters(CLI::App* command, ListOptions* list, const std::vector<std::string>& states);
void AddDagFilter(CLI::App* command, std::string* dag);
CLI::Option* AddDag(CLI::App* command, std::string* dag);
void AddRun(CLI::App* command, std::string* dag, std::string* run);

}  // namespace cli
